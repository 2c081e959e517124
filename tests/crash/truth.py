"""What the database holds in the end, and whether that can be true."""

import json
from collections import Counter
from typing import Any

from bench.target import Target

OPEN = {"waiting", "queued", "on_the_way", "arrived", "returning"}
AT_DESTINATION = {"waiting", "on_the_way", "arrived"}


class Truth:
    """The log and the table of a school, read by SQL alone."""

    def __init__(self, target: Target, school: dict[str, Any]) -> None:
        mine = [school["school"]]
        self.last = target.last_number(school["school"])
        self.log = [
            (number, name, topics, None if asked is None else str(asked).replace("-", ""), body)
            for number, name, topics, asked, body in target.query(
                "SELECT number, name, topics, request_id, body FROM live_event"
                " WHERE school_id = %s ORDER BY number",
                mine,
            )
        ]
        self.table = {
            pass_id: (version, bool(is_open), json.loads(card))
            for pass_id, version, is_open, card in target.query(
                "SELECT id, version, is_open, card FROM passes_hallpass WHERE school_id = %s", mine
            )
        }
        self.capacity = dict(
            target.query("SELECT id, capacity FROM roster_location WHERE school_id = %s", mine)
        )

    def seen_by_office(self, after: int) -> list[int]:
        """The numbers that a screen of the whole building hears."""
        return [n for n, name, topics, _, _ in self.log if "school:" in topics and n > after]

    def check(self, promised: dict[str, str]) -> None:
        """Nothing acknowledged is lost or doubled, and no rule was ever broken."""
        assert [row[0] for row in self.log] == list(range(1, self.last + 1)), "a gap in the log"

        recorded = [(asked, name) for _, name, _, asked, _ in self.log if asked is not None]
        assert max(Counter(asked for asked, _ in recorded).values()) == 1, "done twice"
        kept = {asked: name.removeprefix("pass.") for asked, name in recorded}
        told = {asked.replace("-", ""): what for asked, what in promised.items()}
        assert {k: kept.get(k) for k in told} == told, "acknowledged and lost, or something else"
        assert kept.keys() == told.keys(), "done, though nobody was told"

        self._check_replay()

    def _check_replay(self) -> None:
        """Play the log from the beginning: the rules hold after every event, the table agrees."""
        cards: dict[int, dict[str, Any]] = {}
        open_of: dict[int, set[int]] = {}
        taken: dict[int, set[int]] = {}
        for number, name, _, _, body in self.log:
            card = json.loads(body).get("card")
            if card is None:
                continue
            assert card["version"] == number, name
            cards[card["id"]] = card
            mine = open_of.setdefault(card["student"]["id"], set())
            there = taken.setdefault(card["destination"]["id"], set())
            (mine.add if card["state"] in OPEN else mine.discard)(card["id"])
            (there.add if card["state"] in AT_DESTINATION else there.discard)(card["id"])
            assert len(mine) <= 1, f"two open passes of one student at {number}"
            limit = self.capacity[card["destination"]["id"]]
            assert limit is None or len(there) <= limit, f"one too many at {number}"
        assert {i: (c["version"], c["state"] in OPEN, c) for i, c in cards.items()} == self.table

"""People who go on pressing while servers die, and what they were told: the ledger."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bench.client import Answer, Client, Console, Told, Waiting

ANSWER_OF = {302: "requested", 422: "refused"}
PAUSE = 0.05


@dataclass
class Ledger:
    """What the server has acknowledged, kept where no server can lose it: in this process.

    `promised` names, for each id of a request, what the server said became of it. `wrong` holds
    answers that must not come.
    """

    promised: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    clear_503s: int = 0

    def acknowledge(self, request_id: str, what: str) -> None:
        """The server has answered: this has happened."""
        self.promised[request_id] = what


class Screen:
    """A page's stream that comes back with its last number, as the browser's does."""

    def __init__(
        self, port: int, session: str, scope: str, after: int, *, also: Any = None
    ) -> None:
        self.heard: list[int] = []
        self.told_to_reload = 0
        self._port, self._session, self._scope = port, session, scope
        self._also = also
        self.last = after
        self._task = asyncio.ensure_future(self._stay())
        self._console: Console | None = None

    def _told(self, event: Told) -> None:
        self.told_to_reload += event.kind == "reload"
        if event.number is not None:
            self.heard.append(event.number)
            self.last = event.number
        if self._also is not None:
            self._also(event)

    async def _stay(self) -> None:
        while True:
            try:
                self._console = await Console.listen(
                    self._port, "staff", self._session, self.last, scope=self._scope, resume=True,
                    told=self._told,
                )  # fmt: skip
                await self._console.ended
            except OSError:
                pass
            await asyncio.sleep(PAUSE)

    async def close(self) -> None:
        """Leave for good."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._console is not None:
            self._console.close()


class Couple:
    """One student after the other asks one adult, who approves and ends what the screen shows.

    Whatever gets no answer is sent again with the same id until it gets one.
    """

    def __init__(
        self, port: int, school: dict[str, Any], number: int, after: int, ledger: Ledger
    ) -> None:
        self._school = school
        self._adult = school["adults"][number]
        self._ledger = ledger
        self._client = Client(port)
        self._waiting = Waiting()
        self._random = random.Random(number)
        self.screen = Screen(port, self._adult["session"], "mine", after, also=self._waiting.told)
        self.stopping = False

    async def live(self) -> None:
        """Pass after pass, until told to stop and the last one is over."""
        while not self.stopping:
            student = self._random.choice(self._school["students"])["session"]
            place = self._random.choice(self._school["places"])
            if await self._ask(student, place) == "requested":
                number = await self._waiting.next()
                await self._press(number, "approve", "approved")
                await self._press(number, "end", "ended")
        self._client.close()

    async def _ask(self, student: str, place: int) -> str:
        request_id = str(uuid4())
        while True:
            answer = await self._sent(
                self._client.ask(student, self._adult["room"], place, request_id)
            )
            if answer is not None and answer.status in ANSWER_OF:
                what = ANSWER_OF[answer.status]
                self._ledger.acknowledge(request_id, what)
                return what
            await self._note(answer)

    async def _press(self, number: int, move: str, what: str) -> None:
        request_id = str(uuid4())
        while True:
            answer = await self._sent(
                self._client.press(self._adult["session"], number, move, request_id)
            )
            if answer is not None and answer.status == 200:
                self._ledger.acknowledge(request_id, what)
                return
            await self._note(answer)

    async def _sent(self, sending: Any) -> Answer | None:
        # Not wait_for: where the answer is there already, it swallows that we are told to stop.
        try:
            async with asyncio.timeout(20):
                answer: Answer = await sending
        except OSError:
            return None
        return answer

    async def _note(self, answer: Answer | None) -> None:
        if answer is not None:
            if answer.status == 503 and b"The database does not answer" in answer.body:
                self._ledger.clear_503s += 1
            else:
                self._ledger.wrong.append(f"{answer.status}: {answer.body[:300]!r}")
                if len(self._ledger.wrong) > 20:
                    raise AssertionError(self._ledger.wrong)
        await asyncio.sleep(PAUSE)


class Crowd:
    """Couples at work, and an office that watches the whole building."""

    def __init__(self, port: int, school: dict[str, Any], couples: int, after: int) -> None:
        self.ledger = Ledger()
        self.office = Screen(port, school["adults"][-1]["session"], "all", after)
        self._couples = [
            Couple(port, school, number, after, self.ledger) for number in range(couples)
        ]
        self._lives = [asyncio.ensure_future(couple.live()) for couple in self._couples]

    @property
    def screens(self) -> list[Screen]:
        """Every open screen."""
        return [self.office, *(couple.screen for couple in self._couples)]

    async def work(self, seconds: float) -> None:
        """Go on for so long; a client that gave up fails here."""
        done, _ = await asyncio.wait(
            self._lives, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION
        )
        for life in done:
            life.result()

    async def stop(self) -> None:
        """Finish what was begun."""
        for couple in self._couples:
            couple.stopping = True
        await asyncio.wait_for(asyncio.gather(*self._lives), 60)

    async def close(self) -> None:
        """Close the screens."""
        await asyncio.gather(*(screen.close() for screen in self.screens))

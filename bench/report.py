"""The figures as tables, written into `bench/README.md` between its marks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Rows = list[tuple[str, Callable[[dict[str, Any]], str]]]
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
BEGIN_DEVICES, END_DEVICES = "<!-- devices -->", "<!-- end of devices -->"
BEGIN_INTEGRATION, END_INTEGRATION = "<!-- integration -->", "<!-- end of integration -->"
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def write(results: dict[str, Any]) -> None:
    """Replace the figures in the README."""
    _replace(BEGIN, END, _all(results))


def write_devices(results: dict[str, Any]) -> None:
    """Replace the figures of the devices in the README."""
    _replace(BEGIN_DEVICES, END_DEVICES, _side_by_side(results, _DEVICE_ROWS))


def write_integration(results: dict[str, Any]) -> None:
    """Replace the figures of Pass in Classroom in the README."""
    text = _side_by_side(results, _INTEGRATION_ROWS)
    _replace(BEGIN_INTEGRATION, END_INTEGRATION, text)


def _replace(begin: str, end: str, text: str) -> None:
    before, _, rest = README.read_text().partition(begin)
    after = rest.partition(end)[2]
    README.write_text(f"{before}{begin}\n{text}{end}{after}")


def _machine(machine: dict[str, Any]) -> str:
    return (
        f"Measured on {machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB,"
        f" {machine['system']}, Python {machine['python']}; flushing a page to the disk takes"
        f" {machine['flush_ms']} ms; load average before the run {machine['load_before']:.1f}"
    )


def _side_by_side(results: dict[str, Any], rows: Rows) -> str:
    found = {name: results[name] for name in NAMES if name in results}
    lines = [
        f"{_machine(results['machine'])}.",
        "",
        "| measure | " + " | ".join(NAMES[name] for name in found) + " |",
        "|---|" + "---|" * len(found),
    ]
    for words, cell in rows:
        lines.append(f"| {words} | " + " | ".join(cell(one) for one in found.values()) + " |")
    return "\n".join(lines) + "\n\n"


def _passes(name: str) -> Callable[[dict[str, Any]], str]:
    def cell(found: dict[str, Any]) -> str:
        run = found["passes"][name]
        return f"{run['requests_per_second']:.0f}/s, {run['p50']} / {run['p95']} ms"

    return cell


def _cost(consoles: int) -> Callable[[dict[str, Any]], str]:
    def cell(found: dict[str, Any]) -> str:
        run = found[f"cost_{consoles}"]
        return f"{run['processor_ms_per_press']} ms, {run['pushes_per_press']} pushes"

    return cell


def _memory(found: dict[str, Any]) -> str:
    megabytes = found["steady"]["memory_mb"]
    return f"{megabytes[0]} → {megabytes[len(megabytes) // 2]} → {megabytes[-1]} MB"


_INTEGRATION_ROWS: Rows = [
    ("load average before → after", lambda f: f"{f['load_before']:.1f} → {f['load_after']:.1f}"),
    ("so long, with 30 consoles of 30 cards", lambda f: f"{f['seconds']:.0f} s"),
    ("requests a second (20 sent); presses a second in all",
     lambda f: "{requests_per_second}; {presses_per_second}".format(**f["steady"])),
    ("request → pop-up, p50 / p95 / p99 / the slowest (p99 wanted: 250 ms)",
     lambda f: "{p50} / {p95} / **{p99}** / {most} ms".format(**f["steady"]["popup_ms"])),
    ("processor time of a press; of both cores",
     lambda f: "{processor_ms_per_press} ms; {part:.0f} %".format(
         **f["steady"], part=f["steady"]["processor_of_two_cores"] * 100)),
    ("the server's memory: at the beginning, half-way, at the end", _memory),
    ("50 ask within one second → pop-up, p50 / p95 (wanted: 120 ms)",
     lambda f: "{p50} / **{p95}** ms".format(**f["in_a_second"]["popup_ms"])),
    ("50 ask in the same instant → pop-up, from the first press, p50 / p95",
     lambda f: "{p50} / {p95} ms".format(**f["at_once"]["popup_ms"])),
    ("heard by consoles whom they do not concern",
     lambda f: f"{f['in_a_second']['heard_by_others'] + f['at_once']['heard_by_others']}"),
    ("a press, no console of a class open", _cost(0)),
    ("a press, 1 console", _cost(1)),
    ("a press, 100 consoles", _cost(100)),
]  # fmt: skip
_DEVICE_ROWS: Rows = [
    ("devices connected", lambda f: f"{f['open']['devices']}"),
    ("connected in a second", lambda f: f"{f['open']['connected_per_second']}"),
    ("memory of each", lambda f: f"{f['open']['kb_each']} KB"),
    ("signs of life heard in a second (1,500 sent)", lambda f: f"{f['beats']['heard_per_second']}"),
    ("processor time of each", lambda f: f"{f['beats']['processor_ms_each']} ms"),
    ("command → last of 40 devices, p50 / p95",
     lambda f: "{p50} / {p95} ms".format(**f["command"]["last_device_ms"])),
    ("picture of 12 kB given to a console, processor time",
     lambda f: f"{f['picture']['given_processor_ms']} ms"),
    ("picture of 12 kB taken from a device, processor time",
     lambda f: f"{f['picture']['taken_processor_ms']} ms"),
    ("passes, 16 clients: no device there (rate, p50 / p95)", _passes("alone")),
    ("passes, 16 clients: all devices there", _passes("connected")),
    ("passes, 16 clients: and 1,000 signs of life a second", _passes("beating")),
    ("signs of life heard in a second meanwhile", lambda f: f"{f['beats_meanwhile']}"),
]  # fmt: skip


def _all(results: dict[str, Any]) -> str:
    lines = [f"{_machine(results['machine'])}; {results['minutes']} minutes in all."]
    for database in ("sqlite", "postgres"):
        if database in results:
            lines += ["", *_database(database, results[database])]
    return "\n".join(lines) + "\n\n"


def _database(name: str, found: dict[str, Any]) -> list[str]:
    title = NAMES[name]
    beside = {"sqlite": "sqlite3 alone", "postgres": "pgbench"}[name]
    lines = [
        f"### {title}",
        "",
        f"| clients | requests/s | p50 ms | p95 ms | processor ms/request | {beside}, requests/s"
        " | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['clients']} | {row['requests_per_second']:.0f} | {row['all']['p50']}"
        f" | {row['all']['p95']} | {row['processor_ms_per_request']}"
        f" | {row['limit']['requests_per_second']:.0f} | {row['of_limit']} |"
        for row in found["life"]
    ]
    lines += [
        "",
        "| one student asks; consoles of the whole building | last one knows, p50 ms | p95 ms |",
        "|---|---|---|",
    ]
    lines += [
        f"| {row['consoles']} | {row['last_console_ms']['p50']} | {row['last_console_ms']['p95']} |"
        for row in found["knows"]
    ]
    at_once, idle = found["all_ask"], found["idle"]
    meanwhile = idle["one_asks_meanwhile"]
    lines += [
        "",
        "| measure | figure |",
        "|---|---|",
        f"| 50 students ask at once, until each one's adult knows | {at_once['knows_ms']['p50']} /"
        f" {at_once['knows_ms']['p95']} ms (p50 / p95); heard by others:"
        f" {at_once['heard_by_others']} |",
        f"| idle streams | {idle['streams']} at {idle['kb_each']} KB each, opened at"
        f" {idle['opened_per_second']}/s, {idle['processor_percent_while_idle']} % of one core |",
        f"| meanwhile, one student asks until the console knows | {meanwhile['p50']} /"
        f" {meanwhile['p95']} ms |",
    ]
    lines += [
        f"| {words} | {found[key]['processor_ms_per_request']} ms processor time,"
        f" {found[key]['bytes'] / 1000:.1f} KB |"
        for key, words in (
            ("list_of_50", "dashboard with 50 running passes, loaded (later rows are pushed)"),
            ("student_page", "student's page with 111 places"),
            ("nothing", "the least a request costs (`/healthz`)"),
        )
    ]
    lines += [
        f"| SQL statements from begin to commit: {name} | {count['in_transaction']}, after the"
        f" commit {count['after_commit']}, for a sign-in not seen for 5 s"
        f" {count['for_a_new_sign_in']} more |"
        for name, count in found["statements"].items()
    ]
    lines += _people(found["people"]) if "people" in found else []
    lines += [
        "",
        "| one client, in a school of | requests/s | p50 ms | processor ms/request |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {row['school']} | {row['requests_per_second']:.0f} | {row['all']['p50']}"
        f" | {row['processor_ms_per_request']} |"
        for row in found["flat"]
    ]
    shares = ", ".join(f"{part} {share} %" for part, share in found["profile"].items())
    return [*lines, "", f"Where the handlers' time goes (cProfile): {shares}."]


def _people(found: dict[str, Any]) -> list[str]:
    searches = ", ".join(f"“{typed}” {ms} ms" for typed, ms in found["search_ms"].items())
    return [
        f"| {found['people']} people from a file, {found['broken']} rows broken: look"
        f" | {found['first_look']} s; import {found['first_import']} s, of which the school waits"
        f" {found['first_turn']} s; undo {found['undo_first']} s |",
        f"| the same file again (nothing to do) | {found['second_look']} s |",
        f"| {found['changed']} of them changed | import {found['tenth_import']} s, of which the"
        f" school waits {found['tenth_turn']} s; undo {found['undo_tenth']} s |",
        f"| search among them | {searches} |",
    ]

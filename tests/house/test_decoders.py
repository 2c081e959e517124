"""What reads stored JSON is made when a module is imported, never by a thread that serves."""

import ast
import subprocess
import sys

import pytest

from tests.house.source import modules

# Eight threads read their first settings in the same instant, and Python changes between them as
# often as it can: what a server sees that starts while a whole school presses.
FIRST_OF_ALL = """
import sys, threading
from corridor.roster import settings
text = settings.encode(settings.SchoolSettings())
sys.setswitchinterval(1e-6)
begin = threading.Barrier(8)

def read(number):
    begin.wait()
    settings.decode(text.replace('{', '{' + ' ' * number, 1))

threads = [threading.Thread(target=read, args=[number]) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_no_type_is_read_for_the_first_time_by_a_thread_that_serves() -> None:
    """msgspec 0.22 learns a type when it first decodes one; two threads at that: a segfault."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (called := ast.unparse(node.func)).startswith("msgspec.")
        and (
            called == "msgspec.convert"
            or (called == "msgspec.json.decode" and any(k.arg == "type" for k in node.keywords))
        )
    ]
    assert found == [], "name a msgspec.json.Decoder in the module instead"


@pytest.mark.parametrize("time", range(3))
def test_a_server_survives_a_crowd_that_waits_for_it(time: int) -> None:
    subprocess.run([sys.executable, "-c", FIRST_OF_ALL], check=True)

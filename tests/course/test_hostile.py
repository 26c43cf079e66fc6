"""Programs that do what they must not: each gets a sentence, and nothing is left of it."""

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from stend.course.case import Case
from stend.course.sandbox.calls import LearnersModule, RaisedError
from stend.course.sandbox.limits import Limits
from stend.course.sandbox.told import Broken
from tests.waiting import until

_FORKS = """
import os, time
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
"""
_GETS_AWAY = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""
_LISTENS = """
import os, socket, time
door = socket.create_server(({host}, {port}))
time.sleep(600)
"""
_LIMITS = Limits(wall_s=4.0)


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    made = Case(tmp_path, random.Random(1), {}, ("main.py", 3.0), _LIMITS)
    yield made
    made.end()
    left = [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(tmp_path)]
    assert not left


def _refused(case: Case, program: str) -> Broken:
    (case.folder / "main.py").write_text(program)
    with pytest.raises(Broken) as caught:
        case.service()
    return caught.value


@pytest.mark.parametrize(
    ("program", "told"),
    [
        pytest.param("while True: pass", "did not listen", id="endless loop"),
        pytest.param(_FORKS, "16 processes", id="fork bomb"),
        pytest.param(_GETS_AWAY, "did not listen", id="daemon"),
        pytest.param("b = bytearray(b'x') * 2 * 1024**3", "512 MB", id="2 GB"),
        pytest.param(
            "b = []\nwhile True: b.append(b'x' * 1024**2)", "512 MB", id="2 GB bit by bit"
        ),
        pytest.param("import os\nos._exit(0)", "ended by itself, with code 0", id="exit"),
        pytest.param("import os\nos._exit(7)", "crashed with code 7", id="exit with 7"),
        pytest.param("print('x' * 100 * 1024**2)", "more than 1 MB", id="100 MB"),
        pytest.param("while True: print('again')", "more than 1 MB", id="prints for ever"),
        pytest.param("def (:", "crashed with code 1", id="syntax error"),
        pytest.param("1 / 0", "crashed with code 1", id="raises"),
        pytest.param(
            _LISTENS.format(host="'127.0.0.1'", port="0"), "from the variable PORT", id="port"
        ),
        pytest.param(
            _LISTENS.format(host="'0.0.0.0'", port="int(os.environ['PORT'])"),
            "the whole network can see",
            id="every address",
        ),
    ],
)
def test_a_hostile_service(case: Case, program: str, told: str) -> None:
    assert told in _refused(case, program).sentence.en


def test_a_traceback_shows_the_learners_lines_alone(case: Case) -> None:
    got = _refused(case, "def divide():\n    return 1 / 0\n\ndivide()\n").got or ""
    assert got.splitlines()[0] == "Traceback (most recent call last):"
    assert "ZeroDivisionError" in got
    assert "enter.py" not in got
    assert "runpy" not in got


def test_a_syntax_error_is_shown_at_its_line(case: Case) -> None:
    got = _refused(case, "x = 1\ndef (:\n").got or ""
    assert "main.py" in got
    assert "line 2" in got
    assert "enter.py" not in got


def test_no_program(case: Case) -> None:
    with pytest.raises(Broken, match=r"no file main\.py"):
        case.service()


def test_a_service_that_listens(case: Case) -> None:
    (case.folder / "main.py").write_text(
        _LISTENS.format(host="'127.0.0.1'", port="int(os.environ['PORT'])")
    )
    address = case.service()
    assert case.service() == address
    socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1]))).close()


def test_a_service_that_listens_as_grpc_does(case: Case) -> None:
    (case.folder / "main.py").write_text(
        "import os, socket, time\n"
        "door = socket.socket(socket.AF_INET6)\n"
        "door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)\n"
        "door.bind((os.environ['SEEN_AS'], int(os.environ['PORT'])))\n"
        "door.listen()\n"
        "time.sleep(600)\n"
    )
    address = case.service({"SEEN_AS": "::ffff:127.0.0.1"})
    socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1]))).close()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param("while True: pass", "endless loop", id="endless loop"),
        pytest.param("import os; os._exit(3)", "crashed with code 3", id="exit"),
        pytest.param("return {1, 2}", "JSON does not have", id="a set"),
        pytest.param("print('x' * 100 * 1024**2)", "more than 1 MB", id="100 MB"),
    ],
)
def test_a_hostile_function(case: Case, body: str, told: str) -> None:
    (case.folder / "sums.py").write_text(f"def add(a, b):\n    {body}\n")
    module = case.module("sums")
    with pytest.raises(Broken) as caught:
        _called_twice(module)
    assert told in caught.value.sentence.en


def _called_twice(module: LearnersModule) -> None:
    # What it prints without an end is noticed a moment after its first answer.
    module.call("add", 1, 2)
    until(lambda: module.has_ended)
    module.call("add", 1, 2)


def test_a_function(case: Case) -> None:
    (case.folder / "sums.py").write_text(
        "print('loaded')\n\ndef add(a, b):\n    print(a)\n    return a + b\n"
    )
    assert case.module("sums").call("add", 1, 2) == 3
    assert case.module("sums").call("add", "x", "y") == "xy"
    with pytest.raises(RaisedError) as caught:
        case.module("sums").call("add", 1, None)
    assert caught.value.kind == "TypeError"
    assert "enter.py" not in caught.value.traceback
    with pytest.raises(Broken, match="no function subtract"):
        case.module("sums").call("subtract", 1, 2)


def test_a_module_that_cannot_be_imported(case: Case) -> None:
    (case.folder / "sums.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(Broken, match="ModuleNotFoundError"):
        case.module("sums")


_LEAVES_A_CHILD = """
import subprocess, sys
sleeps = [sys.executable, "-c", "import time; time.sleep(600)"]
left = subprocess.Popen(sleeps, stdout=subprocess.DEVNULL)
print(left.pid, flush=True)
"""


def _zombies() -> set[psutil.Process]:
    children = psutil.Process().children()
    return {one for one in children if one.status() == psutil.STATUS_ZOMBIE}


@pytest.mark.skipif(not psutil.LINUX, reason="orphans are adopted on Linux")
def test_adopted_orphans_are_waited_for(case: Case) -> None:
    before = _zombies()
    _refused(case, _FORKS)
    case.end()
    assert not _zombies() - before


@pytest.mark.skipif(not psutil.LINUX, reason="orphans are adopted on Linux")
def test_orphans_of_others_are_left_to_the_system(case: Case) -> None:
    _refused(case, "1 / 0")
    case.end()
    done = subprocess.run(
        [sys.executable, "-c", _LEAVES_A_CHILD],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    orphan = psutil.Process(int(done.stdout))
    try:
        assert orphan.ppid() != os.getpid()
    finally:
        orphan.kill()

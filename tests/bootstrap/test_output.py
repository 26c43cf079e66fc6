"""What pip and uv print, as they print it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.install import TAIL_LINES, TAIL_WIDTH, tail_of
from bootstrap.output import Stage, Tally, megabytes, reason_of, size_of
from bootstrap.texts import Problem

PIP_23 = """\
Looking in links: /opt/wheels
Ignoring colorama: markers 'sys_platform == "win32"' don't match your environment
Collecting alembic==1.20.1 (from -r locks/run.txt (line 3))
  Downloading alembic-1.20.1-py3-none-any.whl (270 kB)
Collecting idna==3.20 (from -r locks/run.txt (line 9))
  Using cached idna-3.20-py3-none-any.whl (69 kB)
Collecting grpcio==1.85.1 (from -r locks/run.txt (line 12))
  Downloading grpcio-1.85.1-cp311-cp311-manylinux2014_x86_64.whl.metadata (3.8 kB)
Downloading grpcio-1.85.1-cp311-cp311-manylinux2014_x86_64.whl (7.4 MB)
Requirement already satisfied: h11==0.16.0 in ./lib/python3.11/site-packages (0.16.0)
Installing collected packages: idna, grpcio, alembic
Successfully installed alembic-1.20.1 grpcio-1.85.1 idna-3.20
"""
UV = """\
Using Python 3.11.7 environment at: .venv
Resolved 46 packages in 143ms
Downloading pygments (1.2MiB)
Downloading grpcio (7.0MiB)
 Downloaded pygments
 Downloaded grpcio
Prepared 46 packages in 463ms
Installed 46 packages in 50ms
Bytecode compiled 1786 files in 1.38s
 + alembic==1.20.1
"""


def test_pip_is_followed() -> None:
    tally = Tally(total=5)
    seen = []
    for line in PIP_23.splitlines():
        tally.read(line)
        seen.append((tally.done, tally.stage))

    assert tally.total == 4
    assert tally.fetched_bytes == 270_000 + 69_000 + 7_400_000
    assert seen[3:5] == [(1, Stage.FETCHING), (1, Stage.FETCHING)]
    assert seen[9] == (4, Stage.FETCHING)
    assert seen[-1] == (4, Stage.INSTALLING)


def test_uv_is_followed() -> None:
    tally = Tally(total=48)
    stages = []
    for line in UV.splitlines():
        tally.read(line)
        stages.append(tally.stage)

    assert tally.total == 46
    assert tally.done == 46
    assert tally.current == "grpcio (7.0MiB)"
    assert tally.fetched_bytes == int(1.2 * 2**20) + 7 * 2**20
    assert stages[1] is Stage.FETCHING
    assert stages[6] is Stage.INSTALLING
    assert stages[7] is Stage.COMPILING


@given(st.lists(st.text() | st.from_regex(r"(Downloading|Resolved|Processing) \S+ \(.*\)")))
def test_lines_that_nobody_expected_do_no_harm(lines: list[str]) -> None:
    tally = Tally(total=3)
    for line in lines:
        tally.read(line)
        assert 0 <= tally.done <= tally.total
    assert isinstance(reason_of(lines), Problem)


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("69 kB", 69_000),
        ("5.3 kB", 5_300),
        ("7.0MiB", 7 * 2**20),
        ("512 bytes", 512),
        ("1.5 GB", 1_500_000_000),
        ("", 0),
        ("many", 0),
        ("1.2.3 MB", 0),
    ],
)
def test_sizes(text: str, size_bytes: int) -> None:
    assert size_of(text) == size_bytes


def test_megabytes_are_short() -> None:
    assert [megabytes(size) for size in (0, 340_000, 9_940_000, 123_456_789)] == [
        "0.0",
        "0.3",
        "9.9",
        "123",
    ]


REASONS = {
    Problem.INDEX_UNREACHABLE: (
        "after connection broken by 'NewConnectionError(': Failed to establish a new connection",
        "  cause: failed to lookup address information\n  cause: dns error",
        "error: Failed to fetch: http://127.0.0.1:9/idna/",
    ),
    Problem.CERTIFICATE_REFUSED: (
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify",
        "  cause: invalid peer certificate: UnknownIssuer",
    ),
    Problem.HASH_MISMATCH: (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
        "  cause: Hash mismatch for `idna==3.20`",
    ),
    Problem.NO_BUILD: (
        "ERROR: No matching distribution found for docopt==0.6.2",
        "  cause: Because docopt==0.6.2 has no usable wheels",
    ),
    Problem.DISK_FULL: (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "  cause: failed to copy: No space left on device (os error 28)",
    ),
    Problem.VENV_MISSING: ("/usr/bin/python3.11: No module named ensurepip",),
    Problem.FILE_REFUSED: ("PermissionError: [WinError 32] used by another process",),
    Problem.INSTALLER_FAILED: ("Killed", ""),
}


@pytest.mark.parametrize("problem", REASONS)
def test_the_reason_of_a_failure(problem: Problem) -> None:
    for output in REASONS[problem]:
        assert reason_of(output.splitlines()) is problem


def test_a_lost_network_is_not_taken_for_a_missing_build() -> None:
    broken = "WARNING: Retrying (Retry(total=0)) after connection broken by 'ProxyError(': /idna/"
    last = "ERROR: No matching distribution found for idna==3.20"

    assert reason_of([broken, last]) is Problem.INDEX_UNREACHABLE


def test_the_tail_says_everything_once() -> None:
    retries = [f"WARNING: Retrying (Retry(total={left})) after ..." for left in (2, 1, 0)]
    lines = ["Collecting idna", "", *retries, "ERROR: No matching distribution " + "x" * 1000]

    tail = tail_of(lines)

    assert tail[:2] == ("Collecting idna", retries[-1])
    assert len(tail) == 3
    assert len(tail[2]) == TAIL_WIDTH
    assert len(tail_of(f"{number} bottles" for number in range(99))) == TAIL_LINES

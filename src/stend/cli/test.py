"""`stend test`."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from stend.cli.session import Session
from stend.cli.texts import T
from stend.runtime.sources import environment

# Each worker has a stand of its own: more of them would only wait for each other.
_MAX_WORKERS = 4
# The tests that also run against servers of somebody else: of the engines, and of the shop on them.
_ON_SERVERS = (
    "tests/engines/suite",
    "tests/shop/orders/test_scenarios.py",
    "tests/shop/orders/test_scenario_errors.py",
    "tests/shop/test_whole_shop.py",
    "tests/shop/orders/reconciliation/test_live.py",
    "tests/guarantees/test_saga_crashes.py",
)


def test_command(session: Session, engines: str | None, arguments: list[str]) -> None:
    """Runs pytest in the project's folder and ends with its exit code.

    All tests at once are shared by several processes; whoever chooses with arguments gets one, as
    a debugger and `-x` want it.

    Args:
        engines: `external` runs the behaviour suite, and the scenarios and the crash schedules of
            the shop, on the servers that the environment gives the addresses of.
    """
    repository = session.repository("test")
    if importlib.util.find_spec("pytest") is None:
        session.fail(T.NEEDS_ENVIRONMENT, command="test")
    command = [sys.executable, "-m", "pytest", *(arguments or _workers(engines))]
    if engines:
        command += ["--engines", engines]
    if engines == "external" and not _names_tests(repository, arguments):
        command += _ON_SERVERS
    # Tests start hundreds of processes; without this each of them would compile the stand anew.
    variables = environment()
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    ended = subprocess.run(command, cwd=repository, env=variables, check=False)
    raise SystemExit(ended.returncode)


def _workers(engines: str | None) -> list[str]:
    # A run on real servers has them to itself: some checks change their settings.
    cores = os.cpu_count() or 1
    if engines == "external" or cores == 1:
        return []
    # Servers and browsers that a test drives run beside it: one for each core keeps all busy.
    count = min(cores, _MAX_WORKERS)
    # Not the file with the most tests first, as is usual, but the longest one: tests/conftest.py.
    return ["-n", str(count), "--dist", "loadfile", "--no-loadscope-reorder"]


def _names_tests(repository: Path, arguments: list[str]) -> bool:
    paths = (argument.partition("::")[0] for argument in arguments if argument[:1] != "-")
    return any((repository / path).exists() for path in paths)

"""The first lines in the process of a learner's program: takes the limits, then runs it.

It is started as a file, not as a module, and imports the standard library alone: the program
that follows must find nothing of the stand. Arguments: bytes of address space, bytes of a file,
and the program; or, instead of it, `--calls PORT` and the name of a module, whose functions are
then called over a connection to that port.
"""

import contextlib
import importlib
import json
import runpy
import socket
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

_OWN = __file__


def main() -> None:
    address_space, file_size, *program = sys.argv[1:]
    _take_limits(int(address_space), int(file_size))
    sys.path.insert(0, str(Path.cwd()))
    if program[0] == "--calls":
        _serve(int(program[1]), program[2])
        return
    sys.argv = program
    try:
        runpy.run_path(program[0], run_name="__main__")
    except Exception as error:  # noqa: BLE001 - whatever the learner's program raises
        print_cleaned(error)
        sys.exit(1)


def print_cleaned(error: BaseException) -> None:
    """The traceback as it would be without us: from the learner's first line on."""
    sys.stdout.flush()
    sys.stderr.write("".join(cleaned(error)))
    sys.stderr.flush()


def cleaned(error: BaseException) -> list[str]:
    return traceback.format_exception(type(error), error, _from_the_learner(error.__traceback__))


def _from_the_learner(found: TracebackType | None) -> TracebackType | None:
    while found and _is_ours(found.tb_frame.f_code.co_filename):
        found = found.tb_next
    return found


def _is_ours(file: str) -> bool:
    return file == _OWN or file.startswith("<frozen ") or file == importlib.__file__


def _take_limits(address_space: int, file_size: int) -> None:
    # Windows has no such limits; there the watcher alone keeps them.
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415 - exists on POSIX alone

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
        # macOS refuses it.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))


def _serve(port: int, module: str) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line, line.makefile("rw") as calls:
        try:
            wanted = importlib.import_module(module)
        except BaseException as error:  # noqa: BLE001 - whatever the learner's module raises
            _answer(calls, _raised(error))
            return
        _answer(calls, {"value": None})
        for asked in calls:
            _answer(calls, _called(wanted, json.loads(asked)))


def _called(module: Any, asked: dict[str, Any]) -> dict[str, Any]:
    function = getattr(module, asked["function"], None)
    if not callable(function):
        return {"missing": asked["function"]}
    try:
        value = function(*asked["arguments"])
    except Exception as error:  # noqa: BLE001 - whatever the learner's function raises
        return _raised(error)
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return {"unprintable": repr(value)[:500]}
    return {"value": value}


def _raised(error: BaseException) -> dict[str, Any]:
    return {
        "raised": type(error).__name__,
        "told": str(error),
        "traceback": "".join(cleaned(error)),
    }


def _answer(calls: Any, answer: dict[str, Any]) -> None:
    calls.write(json.dumps(answer) + "\n")
    calls.flush()


if __name__ == "__main__":
    main()

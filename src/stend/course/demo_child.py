"""The process of a demo: runs its `show` and prints what it shows, one JSON object a line.

Reads one JSON object: `program`, `stand`, `values`, `within_s`. It is run as a file.
"""

import json
import os
import runpy
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from stend.course.demos import SHOWN_VERSION, Shown, Stand, Values, shown_to_json
from stend.course.errors import CourseError
from stend.kit.json import JsonObject


class LateError(Exception):
    """It has taken as long as it may."""


def main() -> None:
    asked = json.load(sys.stdin)
    # What a demo prints by itself must not stand between the lines.
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(line: JsonObject) -> None:
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        lines.flush()

    _end_after(asked["within_s"])
    try:
        _show(asked, say)
    except CourseError as error:
        say(_failed(error.text.ru, error.text.en))
    except LateError:
        within = f"{asked['within_s']:g}"
        say(_failed(f"Демонстрация не уложилась в {within} с.", f"The demo took over {within} s."))
    except Exception as error:  # noqa: BLE001 - whatever a demo raises
        traceback.print_exception(error)
        told = f"{type(error).__name__}: {error}"
        say(_failed(f"Ошибка в демонстрации: {told}", f"The demo itself failed: {told}"))


def _show(asked: dict[str, Any], say: Callable[[JsonObject], None]) -> None:
    show = runpy.run_path(asked["program"])["show"]
    began = time.perf_counter()
    # A fault of one that is killed has reverted before the next one can be started.
    with Stand(asked["stand"], fault_s=asked["within_s"]) as stand:
        shown: Iterable[Shown] = show(stand, Values(asked["values"]))
        for one in shown:
            say(shown_to_json(one))
    took_ms = round((time.perf_counter() - began) * 1000, 1)
    say({"version": SHOWN_VERSION, "kind": "end", "took_ms": took_ms})


def _end_after(within_s: float) -> None:
    """So that the demo's blocks end, and with them its faults. On Windows it is only killed."""

    def late(_number: int, _frame: object) -> NoReturn:
        raise LateError

    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, within_s)


def _failed(ru: str, en: str) -> JsonObject:
    return {"version": SHOWN_VERSION, "kind": "failed", "text": {"ru": ru, "en": en}}


if __name__ == "__main__":
    main()

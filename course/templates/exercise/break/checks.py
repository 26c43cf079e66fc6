"""[to write: what is done, and what of it was to be predicted]

Questions, their bounds and what to say to a wrong idea: `stend.course.predictions`.
"""

import tomllib
from typing import Any

from stend.course.case import Case

_FILE = "prediction.toml"
_WINNERS = ("first", "last", "both")
_EDITORS = range(3, 6)


def answered(case: Case) -> None:
    told = _prediction(case)
    lost = told.get("lost")
    if not (
        told.get("winner") in _WINNERS
        and told.get("editors") in _EDITORS
        and isinstance(lost, int)
        and lost >= 0
    ):
        case.fail(
            f"[написать: чего не хватает] В {_FILE} остались вопросы без ответа.",
            f"[to write: what is missing] {_FILE} has questions without an answer.",
            got=told,
            where=_FILE,
        )


def who_wins(case: Case) -> None:
    told = _prediction(case)
    writes = _run(case, told["editors"])
    if told["winner"] != "last":
        case.fail(
            "[написать: ответ на неверную мысль] Осталась последняя запись.",
            "[to write: the answer to the wrong idea] The last write stayed.",
            expected=writes[-1],
            got=told["winner"],
            where=_FILE,
        )


def how_many(case: Case) -> None:
    told = _prediction(case)
    writes = _run(case, told["editors"])
    if told["lost"] != len(writes) - 1:
        case.fail(
            "[написать: ответ на неверную мысль] Потеряны все правки, кроме последней.",
            "[to write: the answer to the wrong idea] Every change but the last one is lost.",
            expected=len(writes) - 1,
            got=told["lost"],
            where=_FILE,
        )


def _run(case: Case, editors: int) -> list[str]:
    """[to write: the experiment really runs here] The writes, in their order."""
    return case.once("writes", lambda: [case.word() for _ in range(editors)])


def _prediction(case: Case) -> dict[str, Any]:
    try:
        return tomllib.loads(case.read(_FILE))
    except tomllib.TOMLDecodeError as error:
        case.fail(
            f"Файл {_FILE} не читается как TOML.",
            f"{_FILE} cannot be read as TOML.",
            got=str(error),
            where=_FILE,
        )

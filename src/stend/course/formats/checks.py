"""For `checks.py` of an exercise: reads a contract of the learner's and fails the case in words.

from stend.course.formats import openapi
from stend.course.formats.checks import check_strength, check_valid, opened
"""

from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

from stend.course.case import Case
from stend.course.formats.contract import Comparison, Contract, Problem, UnreadableError

_C = TypeVar("_C", bound=Contract)


def opened(case: Case, file: str, read: Callable[[str, str], _C]) -> _C:
    """A file of the learner's as a contract, read once in a run.

    Args:
        read: of the format: `openapi.read`, `graphql.read`, …

    Raises:
        FailedError: there is no such file, or it is no document of the format.
    """

    def reading() -> _C:
        try:
            return read(case.read(file), file)
        except UnreadableError as error:
            _fail_with(case, (error.problem,))

    return case.once(f"contract {file}", reading)


def check_valid(case: Case, contract: Contract) -> None:
    """
    Raises:
        FailedError: the contract breaks the rules of its format; the first problem is told.
    """
    if problems := contract.problems():
        _fail_with(case, problems)


def check_strength(
    case: Case,
    contract: Contract,
    where: str,
    good: Sequence[object],
    bad: Sequence[object],
) -> None:
    """The learner's schema takes every good message and refuses every bad one.

    Args:
        where: name of a message of the contract.
        good, bad: in the order in which they are tried; only the first misjudged one is shown.

    Raises:
        FailedError: one is misjudged.
    """
    check_valid(case, contract)
    verdicts = [contract.judge(where, one) for one in (*good, *bad)]
    wanted = [True] * len(good) + [False] * len(bad)
    right = sum(verdict.accepted is want for verdict, want in zip(verdicts, wanted, strict=True))
    told = f"{right}/{len(wanted)}"
    place = next((one.where for one in contract.messages() if one.name == where), None)
    for message, verdict, want in zip((*good, *bad), verdicts, wanted, strict=True):
        if verdict.accepted is want:
            continue
        if verdict.reason is not None:
            case.fail(
                f"{where}: схема рассудила верно {told} сообщений; хорошее она не принимает. "
                f"{verdict.reason.ru}",
                f"{where}: the schema judges {told} messages right; it refuses a good one. "
                f"{verdict.reason.en}",
                expected=f"{where}: accepted",
                got=message,
                where=place,
            )
        case.fail(
            f"{where}: схема рассудила верно {told} сообщений; плохое она принимает.",
            f"{where}: the schema judges {told} messages right; it takes a bad one.",
            expected=f"{where}: refused",
            got=message,
            where=place,
        )


def check_compatible(case: Case, comparison: Comparison) -> None:
    """
    Args:
        comparison: what `breaking(old, new)` of the format returned.

    Raises:
        FailedError: something breaks, with its counterexample, or cannot be compared.
    """
    if comparison.breaks:
        one = comparison.breaks[0]
        more = len(comparison.breaks) - 1
        ru, en = (f" Таких мест ещё {more}.", f" There are {more} more.") if more else ("", "")
        case.fail(
            f"{one.about}: {one.sentence.ru}{ru}",
            f"{one.about}: {one.sentence.en}{en}",
            expected="v1 → v2: no message changes its verdict",
            got=one.witness,
            where=one.where,
        )
    if comparison.incomparable:
        unclear = comparison.incomparable[0]
        case.fail(
            f"{unclear.about}: {unclear.sentence.ru}",
            f"{unclear.about}: {unclear.sentence.en}",
            where=unclear.where,
        )


def _fail_with(case: Case, problems: Sequence[Problem]) -> NoReturn:
    first = problems[0]
    rest = [f"{one.where} {one.pointer}".strip() for one in problems[1:6]]
    ru = f" Ещё замечаний: {len(problems) - 1}." if rest else ""
    en = f" {len(problems) - 1} more." if rest else ""
    case.fail(
        f"{first.sentence.ru}{ru}",
        f"{first.sentence.en}{en}",
        got="\n".join([first.pointer or first.where, *rest]),
        where=first.where,
    )

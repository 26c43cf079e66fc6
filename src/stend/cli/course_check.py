"""`stend check` and `stend watch`: the verdict on an exercise."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stend.cli.announcing import CHECKING
from stend.cli.course import refusing, say, say_wrapped, stand_for, the_one
from stend.cli.course_texts import CourseText as C
from stend.cli.session import Exit, Session

if TYPE_CHECKING:
    from stend.course.model import Exercise
    from stend.course.results import Outcome, Verdict
    from stend.course.workspace import Workspace

_LOOK_EVERY_S = 0.3
_FOLDED = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """How an exercise is to be checked.

    Attributes:
        seed: of the random data; None for fresh ones.
        port_base: of the stand that the exercise may need.
    """

    deep: bool
    seed: int | None
    port_base: int | None


def check_command(
    session: Session, name: str, folder: Path | None, asked: Asked, as_json: bool
) -> None:
    """Exit code 1: a check does not pass; 2: there is nothing to check, or no stand."""
    from stend.course.checking import unjudged
    from stend.course.errors import NoStandError
    from stend.runtime.course import workspace

    with refusing(session):
        place = workspace(folder)
        exercise = the_one(name, place)
        try:
            verdict = _checked(session, place, exercise, asked)
        except NoStandError as error:
            if not as_json:
                raise
            session.print_json(unjudged(exercise, error.text, deep=asked.deep).to_json())
            raise SystemExit(Exit.FAILURE) from None
    if as_json:
        session.print_json(verdict.to_json())
    else:
        _print(session, verdict)
    raise SystemExit(Exit.OK if verdict.passed else Exit.DOMAIN_ERROR)


def watch_command(session: Session, name: str, folder: Path | None, asked: Asked) -> None:
    """Until Ctrl-C."""
    import time

    from stend.runtime.course import workspace

    with refusing(session):
        place = workspace(folder)
        exercise = the_one(name, place)
        target = place.begun(exercise)
        say(session, C.WATCHING, folder=target)
        seen: object = None
        try:
            while True:
                if (now := place.stamps(exercise)) != seen:
                    seen = now
                    say_wrapped(CHECKING[session.language].format(number=exercise.number))
                    _print(session, _checked(session, place, exercise, asked))
                time.sleep(_LOOK_EVERY_S)
        except KeyboardInterrupt:
            raise SystemExit(Exit.OK) from None


def _checked(session: Session, place: "Workspace", exercise: "Exercise", asked: Asked) -> "Verdict":
    from stend.course.checking import check
    from stend.runtime.course import fresh_seed, run_of
    from stend.runtime.system import SystemClock

    seed = fresh_seed() if asked.seed is None else asked.seed
    run = run_of(seed, deep=asked.deep, stand=stand_for([exercise], session, asked.port_base))
    verdict = check(exercise, place.begun(exercise), run)
    place.note(verdict, SystemClock().now())
    return verdict


def _print(session: Session, verdict: "Verdict") -> None:
    from stend.course.results import Status

    failed = [one for one in verdict.outcomes if one.status is not Status.PASS]
    passed = len(verdict.outcomes) - len(failed)
    points = {"points": verdict.points, "of": verdict.points_asked}
    if failed:
        _print_first(session, verdict, failed[0].as_told())
        _print_folded(session, failed[1:])
        say(session, C.PASSED_CHECKS, count=passed)
        say(session, C.FAILED, **points)
        say(session, C.HINT_IS_THERE, number=verdict.exercise.number)
    elif verdict.left_out:
        number = verdict.exercise.number
        say(session, C.PASSED_QUICK, left=verdict.left_out, number=number, **points)
    else:
        say(session, C.PASSED, **points)


def _print_first(session: Session, verdict: "Verdict", outcome: "Outcome") -> None:
    language = session.language
    sentence = outcome.sentence or outcome.row.meaning.text
    say_wrapped(f"✕ {sentence[language]}", "", "  ")
    if outcome.row.hidden and outcome.sentence is None:
        say_wrapped(C.HIDDEN_WHAT(language), "  ")
    for word, shown in (
        (C.EXPECTED, outcome.expected),
        (C.GOT, outcome.got),
        (C.WHERE, outcome.where),
    ):
        if shown is not None:
            _print_shown(word(language), shown)
    page = f"course/{verdict.exercise.folder.parent.parent.name}#{outcome.row.lesson}"
    source = f" · {outcome.row.source}" if outcome.row.source else ""
    print(f"  {C.READ(language)}: {page}{source}")  # noqa: T201 - the output of a command


def _print_shown(word: str, shown: str) -> None:
    lines = shown.splitlines() or [""]
    if len(lines) == 1:
        say_wrapped(f"{word}: {lines[0]}", "  ")
        return
    print(f"  {word}:")  # noqa: T201 - as above
    for line in lines[:_FOLDED]:
        print(f"    {line}")  # noqa: T201 - as above
    if len(lines) > _FOLDED:
        print(f"    … (+{len(lines) - _FOLDED})")  # noqa: T201 - as above


def _print_folded(session: Session, failed: list["Outcome"]) -> None:
    if not failed:
        return
    say(session, C.MORE_FAILED)
    for one in failed:
        hidden = f" ({C.HIDDEN(session.language)})" if one.row.hidden else ""
        say_wrapped(f"· {one.row.meaning.text[session.language]}{hidden}", "  ", "    ")

"""`stend course lint`: the exercises themselves, tried on their solutions, and the texts."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stend.cli.course import refusing, say, stand_for
from stend.cli.course_texts import CourseText as C
from stend.cli.session import Exit, Session

if TYPE_CHECKING:
    from stend.course.linting import LintReport, Trial
    from stend.course.model import Exercise


def lint_command(
    session: Session,
    names: list[str],
    times: int,
    deep: bool,
    port_base: int | None,
    as_json: bool,
) -> None:
    """Exit code 1: an exercise does not judge as it has to, or a text is wrong; 2: a stand for
    it does not start."""
    from stend.course.linting import wanted, wrong_texts
    from stend.runtime.course import shelf
    from stend.runtime.course_texts import proofreader

    with refusing(session):
        course = shelf()
        asked = wanted(names, course)
        texts = wrong_texts(asked, proofreader(course)) if asked.modules else ()
        with _stand_of(asked.exercises, session, port_base) as stand:
            reports = [_linted(asked.exercises, texts, deep, stand) for _ in range(times)]
    worst = min(reports, key=lambda one: one.is_clean)
    found = worst.to_json()
    if as_json:
        session.print_json({**found, "times": times})
    else:
        for problem in found["problems"]:
            print(problem)  # noqa: T201 - the output of a command
        for place in found["to_write"]:
            say(session, C.TO_WRITE, place=place)
        say(session, C.LINTED, **{name: found[name] for name in _TOLD})
    raise SystemExit(Exit.OK if worst.is_clean else Exit.DOMAIN_ERROR)


_TOLD = ("exercises", "right", "wrong", "killed", "false_rejects")


def _linted(
    exercises: "Sequence[Exercise]", texts: Sequence[str], deep: bool, stand: str | None
) -> "LintReport":
    from stend.course.linting import lint
    from stend.runtime.course import fresh_seed, run_of

    def told(trial: "Trial") -> None:
        # Progress, beside what a script reads.
        mark = "✕" if trial.problem else "●"
        _progress(f"{mark} {trial.exercise} {trial.role}/{trial.name} {trial.seconds:.2f} s")

    return lint(exercises, run_of(fresh_seed(), deep=deep, stand=stand), told, texts)


@contextmanager
def _stand_of(
    exercises: "Sequence[Exercise]", session: Session, port_base: int | None
) -> Iterator[str | None]:
    """The one that runs, or one of this command's own where an exercise needs one."""
    found = stand_for(exercises, session, port_base)
    if found or not any(one.row.stand for one in exercises):
        yield found
        return
    from stend.runtime.control import DidNotStartError
    from stend.runtime.own_stand import own_stand

    _progress(C.OWN_STAND(session.language))
    try:
        with own_stand() as url:
            yield url
    except DidNotStartError as error:
        print(error.output, file=sys.stderr)  # noqa: T201 - as above
        raise SystemExit(Exit.FAILURE) from None


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the output of a command

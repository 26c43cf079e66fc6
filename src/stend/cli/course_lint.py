"""`stend course lint`: the exercises themselves, tried on their solutions, and the texts."""

import sys
from typing import TYPE_CHECKING

from stend.cli.course import refusing, say
from stend.cli.course_texts import CourseText as C
from stend.cli.session import Exit, Session

if TYPE_CHECKING:
    from stend.course.linting import Trial


def lint_command(session: Session, names: list[str], times: int, deep: bool, as_json: bool) -> None:
    """Exit code 1: an exercise does not judge as it has to, or a text is wrong."""
    from stend.course.linting import lint, wanted, wrong_texts
    from stend.runtime.course import fresh_seed, run_of, shelf
    from stend.runtime.course_texts import proofreader

    def told(trial: "Trial") -> None:
        # Progress, beside what a script reads.
        mark = "✕" if trial.problem else "●"
        line = f"{mark} {trial.exercise} {trial.role}/{trial.name} {trial.seconds:.2f} s"
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the output of a command

    with refusing(session):
        course = shelf()
        asked = wanted(names, course)
        texts = wrong_texts(asked, proofreader(course)) if asked.modules else ()
        reports = [
            lint(asked.exercises, run_of(fresh_seed(), deep=deep), told, texts)
            for _ in range(times)
        ]
    worst = min(reports, key=lambda one: one.is_clean)
    found = worst.to_json()
    if as_json:
        session.print_json({**found, "times": times})
    else:
        for problem in found["problems"]:
            print(problem)  # noqa: T201 - as above
        for place in found["to_write"]:
            say(session, C.TO_WRITE, place=place)
        say(session, C.LINTED, **{name: found[name] for name in _TOLD})
    raise SystemExit(Exit.OK if worst.is_clean else Exit.DOMAIN_ERROR)


_TOLD = ("exercises", "right", "wrong", "killed", "false_rejects")

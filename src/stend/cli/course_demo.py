"""`stend course demo`: what the demo of a module shows, as lines of JSON."""

import json
import sys
from collections.abc import Sequence

from stend.cli.call import parsed_fields
from stend.cli.course import refusing
from stend.cli.course_texts import CourseText as C
from stend.cli.session import Exit, Session
from stend.cli.stand import say_not_running, target_of


def demo_command(
    session: Session, number: int, controls: Sequence[str], port_base: int | None
) -> None:
    """Exit code 1: the demo has failed; 2: there is none, a control is wrong, or no stand runs."""
    from stend.course.demo_rows import read_demo
    from stend.course.demo_running import run_demo
    from stend.runtime.course import running_stand, seen_environment, shelf
    from stend.runtime.system import RandomIds

    target = target_of(session, port_base)
    kind = ""
    with refusing(session):
        module = shelf().module(number).folder
        row = read_demo(module)
        if row is None:
            print(C.NO_DEMO(session.language, number=number), file=sys.stderr)  # noqa: T201
            raise SystemExit(Exit.FAILURE)
        values = row.parsed(parsed_fields(session, list(controls)))
        stand = running_stand(target.settings)
        if stand is None:
            say_not_running(session, target)
            raise SystemExit(Exit.FAILURE)
        for line in run_demo(module, values, stand, seen_environment(), RandomIds().ulid()):
            kind = str(line["kind"])
            print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201 - the output
    raise SystemExit(Exit.DOMAIN_ERROR if kind == "failed" else Exit.OK)

"""`stend course`, `start`, `hint`, `solution`: the way through the course."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from stend.cli.course_texts import CourseText as C
from stend.cli.session import Session

if TYPE_CHECKING:
    from stend.course.model import Exercise, Module
    from stend.course.progress import Progress
    from stend.course.workspace import Workspace

_COLUMNS = 80
_PASSED, _BEGUN, _NEW = "●", "◐", "○"


def say(session: Session, text: C, **values: object) -> None:
    say_wrapped(text(session.language, **values))


def say_wrapped(text: str, indent: str = "", later: str | None = None) -> None:
    """
    Args:
        indent, later: before the first line, and before the others where those differ.
    """
    for line in wrap(
        text,
        _COLUMNS,
        initial_indent=indent,
        subsequent_indent=indent if later is None else later,
        break_long_words=False,
        break_on_hyphens=False,
    ):
        print(line)  # noqa: T201 - the output of a command


@contextmanager
def refusing(session: Session) -> Iterator[None]:
    """Exit code 2 where the course cannot answer, with its sentence."""
    from stend.course.errors import CourseError
    from stend.runtime.refusals import RefusalError

    try:
        yield
    except (CourseError, RefusalError) as error:
        session.fail_with(error.text)


def the_one(name: str, workspace: "Workspace") -> "Exercise":
    """The exercise that a person means; of a module the first that is not passed.

    Raises:
        CourseError: there is none.
    """
    from stend.course.workspace import next_of
    from stend.runtime.course import shelf

    found = shelf().asked(name)
    return found[0] if len(found) == 1 else next_of(found, workspace.book.read())


def stand_for(
    exercises: Sequence["Exercise"], session: Session, port_base: int | None
) -> str | None:
    """The address of the running stand, where one of the exercises needs it."""
    from stend.runtime.course import running_stand

    if not any(one.row.stand for one in exercises):
        return None
    return running_stand(session.settings({"stand.port_base": port_base}))


def course_command(session: Session, folder: Path | None, as_json: bool) -> None:
    from stend.runtime.course import shelf, workspace

    with refusing(session):
        modules = shelf().modules
        progress = workspace(folder).book.read()
    if as_json:
        session.print_json({"modules": [_module_to_json(one, progress) for one in modules]})
        return
    for module in modules:
        _print_module(session, module, progress)
    _print_next(session, modules, progress)


def start_command(session: Session, name: str, folder: Path | None, as_json: bool) -> None:
    from stend.runtime.course import workspace
    from stend.runtime.system import SystemClock

    with refusing(session):
        place = workspace(folder)
        exercise = the_one(name, place)
        begun = place.start(exercise, SystemClock().now(), session.language)
    if as_json:
        session.print_json(
            {
                "exercise": exercise.id,
                "number": exercise.number,
                "folder": str(begun.folder),
                "made": list(begun.made),
                "files": list(exercise.row.files),
            }
        )
        return
    title = exercise.row.title.text[session.language]
    say(session, C.BEGUN, number=exercise.number, title=title, folder=begun.folder)
    if not begun.made:
        say(session, C.ALREADY)
    say(session, C.TASK, path=begun.folder / "TASK.md")
    say(session, C.EDIT, files=", ".join(exercise.row.files))
    say(session, C.NEXT, command=f"./stend check {exercise.number}")


def hint_command(session: Session, name: str, folder: Path | None, as_json: bool) -> None:
    from stend.course.model import HINTS
    from stend.runtime.course import workspace

    with refusing(session):
        place = workspace(folder)
        exercise = the_one(name, place)
        number, text = place.next_hint(exercise)
    if as_json:
        told = {"ru": text.ru, "en": text.en}
        session.print_json({"exercise": exercise.id, "number": number, "of": HINTS, "hint": told})
        return
    say(session, C.HINT_NUMBER, number=number, of=HINTS)
    say_wrapped(text[session.language], "  ")


def solution_command(
    session: Session, name: str, folder: Path | None, give_up: bool, as_json: bool
) -> None:
    from stend.runtime.course import workspace

    with refusing(session):
        place = workspace(folder)
        exercise = the_one(name, place)
        solutions = place.solution(exercise, give_up=give_up)
    if as_json:
        session.print_json(
            {"exercise": exercise.id, "solutions": {one.name: str(one) for one in solutions}}
        )
        return
    for one in solutions:
        say(session, C.SOLUTION_AT, name=one.name, folder=one)


def _print_module(session: Session, module: "Module", progress: "Progress") -> None:
    from stend.course.workspace import is_done

    done = bool(module.exercises) and is_done(module.exercises, progress)
    mark = _PASSED if done else _NEW
    print(f"{mark} {module.number:>2}  {module.row.title.text[session.language]}")  # noqa: T201
    for exercise in module.exercises:
        record = progress.of(exercise.id)
        mark = _PASSED if record.passed_at else _BEGUN if record.started_at else _NEW
        title = exercise.row.title.text[session.language]
        minutes = C.MINUTES(session.language, minutes=exercise.row.minutes)
        points = f"{record.points}/{exercise.points}"
        print(f"     {mark} {exercise.number:<5} {title:<48.48} {minutes:>7} {points:>6}")  # noqa: T201


def _print_next(session: Session, modules: Sequence["Module"], progress: "Progress") -> None:
    from stend.course.workspace import is_done, next_of

    for module in modules:
        if module.exercises and not is_done(module.exercises, progress):
            exercise = next_of(module.exercises, progress)
            begun = progress.of(exercise.id).started_at
            command = f"./stend {'check' if begun else 'start'} {exercise.number}"
            print()  # noqa: T201 - a space before what to do
            say(session, C.NEXT, command=command)
            return
    say(session, C.ALL_DONE)


def _module_to_json(module: "Module", progress: "Progress") -> Mapping[str, Any]:
    from dataclasses import asdict

    from stend.course.workspace import is_done

    return {
        "number": module.number,
        "slug": module.slug,
        "title": {"ru": module.row.title.ru, "en": module.row.title.en},
        "done": bool(module.exercises) and is_done(module.exercises, progress),
        "exercises": [
            {
                "id": one.id,
                "number": one.number,
                "title": {"ru": one.row.title.ru, "en": one.row.title.en},
                "points_of": one.points,
                **asdict(progress.of(one.id)),
            }
            for one in module.exercises
        ],
    }

"""`stend course new`: a new exercise from a template."""

from pathlib import Path

from stend.cli.course import refusing, say_wrapped
from stend.cli.course_making_texts import MakingText as M
from stend.cli.session import Session
from stend.kit.languages import Text

_SHOWN = 8


def new_command(session: Session, module: int, name: str, kind: str, as_json: bool) -> None:
    """Exit code 2: there is no such module or kind, or the name will not do."""
    from stend.course.drafting import draft, to_write
    from stend.course.model import ExerciseKind
    from stend.runtime.assets import Assets, assets
    from stend.runtime.course import shelf

    session.repository("course new")
    if kind not in set(ExerciseKind):
        known = ", ".join(ExerciseKind)
        session.fail_with(
            Text(
                ru=f"Вида {kind!r} нет, есть {known}.",
                en=f"There is no kind {kind!r}; there are {known}.",
            )
        )
    with refusing(session):
        of = shelf().module(module)
        folder = draft(assets(Assets.COURSE), of, name, ExerciseKind(kind))
    number = f"{module}.{int(folder.name.split('-', 1)[0])}"
    left = list(to_write(folder))
    if as_json:
        told = {"exercise": f"{of.folder.name}/{folder.name}", "number": number}
        session.print_json({**told, "folder": str(folder), "to_write": left})
        return
    _print(session, number, folder, left)


def _print(session: Session, number: str, folder: Path, left: list[str]) -> None:
    language = session.language
    say_wrapped(M.DRAFTED(language, number=number, folder=folder))
    say_wrapped(M.TO_WRITE(language, count=len(left)))
    for one in left[:_SHOWN]:
        say_wrapped(one, "  ", "    ")
    if len(left) > _SHOWN:
        print(f"  … (+{len(left) - _SHOWN})")  # noqa: T201 - the output of a command
    say_wrapped(M.LINT(language, number=number))

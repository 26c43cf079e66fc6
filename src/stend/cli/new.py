"""`stend new KIND DIR`: a project of the learner's own."""

import sys
from pathlib import Path
from typing import NoReturn

from stend.cli.new_texts import NewText as T
from stend.cli.session import Exit, Session
from stend.kit.languages import Language


def new_command(
    session: Session,
    kind: str | None,
    folder: Path | None,
    name: str | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Exit code 2: there is no such kind, the folder is taken, or the name cannot be one."""
    from stend.runtime.refusals import RefusalError
    from stend.runtime.scaffolding import Kind, make_project

    if kind is None or folder is None:
        _fail(session, T.WHAT_AND_WHERE)
    if kind not in {*Kind}:
        _fail(session, T.NO_SUCH_KIND, name=kind, known=", ".join(Kind))
    if language is not None and language not in {*Language}:
        _fail(session, T.NO_SUCH_LANGUAGE, name=language)
    try:
        made = make_project(Kind(kind), folder, Language(language or session.language), name)
    except RefusalError as error:
        session.fail_with(error.text)
    if as_json:
        session.print_json(
            {
                "kind": made.kind,
                "name": made.name,
                "folder": str(made.folder),
                "files": list(made.files),
            }
        )
        return
    _say(session, T.MADE, name=made.name, folder=made.folder, count=len(made.files))
    for file in made.files:
        print(f"  {file}")  # noqa: T201 - the output
    _say(session, T.NEXT)


def list_command(session: Session, as_json: bool) -> None:
    from stend.runtime.scaffolding import SUMMARIES

    if as_json:
        kinds = [
            {"kind": kind, "summary": {"ru": text.ru, "en": text.en}}
            for kind, text in SUMMARIES.items()
        ]
        session.print_json({"kinds": kinds})
        return
    for kind, text in SUMMARIES.items():
        print(f"{kind:<10} {text[session.language]}")  # noqa: T201 - the output


def _say(session: Session, text: T, **values: object) -> None:
    print(text(session.language, **values))  # noqa: T201 - the output


def _fail(session: Session, text: T, **values: object) -> NoReturn:
    print(text(session.language, **values), file=sys.stderr)  # noqa: T201 - the output
    raise SystemExit(Exit.FAILURE)

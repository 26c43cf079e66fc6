"""`stend init`: a repository for what a learner writes."""

from pathlib import Path

from stend.cli.course import refusing, say_wrapped
from stend.cli.course_making_texts import MakingText as M
from stend.cli.session import Session
from stend.kit.languages import Language, Text


def init_command(session: Session, folder: Path, language: str | None, as_json: bool) -> None:
    """Exit code 2: a file would have to be overwritten, or cannot be written."""
    from stend import __version__
    from stend.course.repository import Repository, make_repository, shown_name
    from stend.runtime.assets import Assets, assets
    from stend.runtime.git import git_name, make_git

    wanted = _language(session, language)
    place = folder.absolute()
    name = shown_name(git_name() or place.name)
    with refusing(session):
        repository = Repository(name, wanted, __version__)
        made = make_repository(assets(Assets.COURSE), place, repository)
    git, complaint = make_git(place)
    if as_json:
        session.print_json(
            {
                "folder": str(place),
                "name": name,
                "language": wanted.value,
                "made": list(made),
                "git": git.value,
                "git_complaint": complaint,
            }
        )
        return
    _say(session, M.MADE, folder=place)
    for one in made:
        print(f"  {one}")  # noqa: T201 - the output of a command
    _say(session, M[f"GIT_{git.name}"], complaint=complaint)
    _say(session, M.NAME, name=name)
    _say(session, M.PACKAGE, version=__version__)
    _say(session, M.BEGIN, folder=place)


def _language(session: Session, given: str | None) -> Language:
    if given is None:
        return session.language
    if given not in set(Language):
        known = ", ".join(Language)
        session.fail_with(
            Text(
                ru=f"Языка {given!r} нет, есть {known}.",
                en=f"There is no language {given!r}; there are {known}.",
            )
        )
    return Language(given)


def _say(session: Session, text: M, **values: object) -> None:
    say_wrapped(text(session.language, **values))

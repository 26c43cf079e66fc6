"""The command line. Each command imports what it needs when it runs, so that --help is quick."""

import sys

from stend.cli.announcing import announce
from stend.kit.languages import Language, language_of
from stend.runtime.language import language_tag

_HELP = {"-h", "--help"}
# What prints help when it stands alone.
_GROUPS: tuple[list[str], ...] = ([], ["kafka"], ["tap"], ["fault"])


def main() -> None:
    language, arguments = _split_language(sys.argv[1:])
    announce(language, arguments)
    from stend.cli.commands import make_app
    from stend.cli.session import Session

    # The panels need rich, which a command that prints no help does without.
    if arguments in _GROUPS or _HELP & set(arguments):
        from stend.cli.panels import translate

        translate(language)
    wanted = arguments[0] if arguments else None
    make_app(Session(language), wanted)(args=arguments, prog_name="stend")


def _split_language(arguments: list[str]) -> tuple[Language, list[str]]:
    """Takes `--lang` out, wherever it stands: the help texts depend on it before they exist."""
    rest: list[str] = []
    tag = language_tag()
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--lang":
            tag = next(words, tag)
        elif word.startswith("--lang="):
            tag = word.removeprefix("--lang=")
        else:
            rest.append(word)
    return language_of(tag), rest

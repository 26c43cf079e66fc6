"""The first line of a command that takes a moment, before anything that takes one is imported."""

import sys
from collections.abc import Sequence

from stend.kit.languages import Language, Text

CHECKING = Text(ru="Проверяю {number}…", en="checking {number} …")


def announce(language: Language, arguments: Sequence[str]) -> None:
    """Whoever saves a file wants to see at once that it was seen.

    Nothing for a script, which reads JSON, and for a line that asks for help.
    """
    command, *rest = [*arguments, ""]
    if command != "check" or {"--json", "--help", "-h"} & set(rest):
        return
    number = next((word for word in rest if word[:1].isdigit()), None)
    if number:
        line = CHECKING[language].format(number=number)
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

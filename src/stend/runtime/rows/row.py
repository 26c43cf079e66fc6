"""What a setting consists of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stend.kit.languages import Text


@dataclass(frozen=True, slots=True)
class Row:
    """One setting.

    Attributes:
        name: `section.key`, as in stend.toml; the environment has it as STEND_SECTION_KEY.
        default: as text, as a person would write it.
        parse: from text or a TOML value; raises ExpectedError with what was expected.
        is_secret: a wrong value is not shown to whoever is told of it.
    """

    name: str
    default: str
    parse: Callable[[Any], Any]
    help: Text
    is_secret: bool = False

    @property
    def variable(self) -> str:
        # The stand's own settings need no section: STEND_PORT_BASE reads better.
        path = self.name.removeprefix("stand.")
        return "STEND_" + path.replace(".", "_").upper()

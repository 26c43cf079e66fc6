"""What went wrong with a learner's program, in a sentence."""

from dataclasses import dataclass
from enum import Enum

from stend.kit.languages import Text


class Trouble(Enum):
    """Why a program was ended, or ended by itself."""

    TIME = "time"
    MEMORY = "memory"
    PROCESSES = "processes"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Broken(Exception):  # noqa: N818 - the word of the sentences
    """The learner's program cannot be checked as it is.

    Attributes:
        sentence: what happened.
        expected: what was asked of the program.
        got: its last words, or what was found instead.
    """

    sentence: Text
    expected: str | None = None
    got: str | None = None

    def __str__(self) -> str:
        return self.sentence.en

"""What is told of one error code."""

from dataclasses import dataclass
from enum import StrEnum

from stend.kit.languages import Text


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A code that several services use has one page, under the name of one of them."""

    code: StrEnum
    meaning: Text
    cause: Text
    action: Text

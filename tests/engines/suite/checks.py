"""How a check of the behaviour suite is written: its title, and where it is known to differ."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import pytest

from stend.kit.languages import Text

_Test = TypeVar("_Test", bound=Callable[..., object])
_Errors = type[BaseException] | tuple[type[BaseException], ...]


class Engines(StrEnum):
    """What the suite runs against: the servers of the stand, or real ones at given addresses."""

    EMBEDDED = "embedded"
    EXTERNAL = "external"


def check(*, ru: str, en: str) -> Callable[[_Test], _Test]:
    """The title that the parity table shows: what holds, as a statement."""
    return pytest.mark.check(Text(ru=ru, en=en))


def refused_on_embedded(reason: Text, *, raises: _Errors) -> Callable[[_Test], _Test]:
    """The embedded engine refuses this; on the real server the check passes.

    Args:
        raises: the client's exception for the protocol's own error. Anything else that goes wrong
            on the embedded engine fails the check, and so does success.
    """
    return pytest.mark.differs(Engines.EMBEDDED, reason, raises)


def differs_on_real(reason: Text, *, raises: _Errors = AssertionError) -> Callable[[_Test], _Test]:
    """The embedded engine passes; this version of the real server answers otherwise.

    Args:
        raises: how the check fails there; success fails it too, so that no difference stays
            declared after it is gone.
    """
    return pytest.mark.differs(Engines.EXTERNAL, reason, raises)

"""What an engine of the stand does not do, though the real one does."""

from dataclasses import dataclass

from stend.kit.languages import Text


@dataclass(frozen=True, slots=True)
class Limitation:
    """One line of an engine's LIMITATIONS.

    Attributes:
        code: names it in tests and in JSON, unique within its engine.
        text: what is missing, and how the engine answers who asks for it.
    """

    code: str
    text: Text

"""What the readers of drawings share: lines, and how they refuse one."""

from collections.abc import Iterator


class DrawingError(ValueError):
    """A line that is not understood, for the author of the text.

    Args:
        line: of the fence, counted from 1.
    """

    def __init__(self, line: int, expected: str, got: str) -> None:
        super().__init__(f"line {line} of the drawing: expected {expected}, got {got!r}")


def statements(source: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1, without comments and empty ones."""
    for number, line in enumerate(source.splitlines(), 1):
        text = line.strip()
        if text and not text.startswith("%%"):
            yield number, text

"""The sections of the portal: where a reader can be, and what each needs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """
    Attributes:
        mark: a symbol of the sprite.
        key: of its name, `nav.KEY`.
        reads: it tells what was recorded, and is there over a saved session, too.
    """

    href: str
    mark: str
    key: str
    reads: bool = False


# None stands for a line between two groups.
OF_A_STAND: tuple[Section | None, ...] = (
    Section("/", "n-stand", "stand"),
    Section("/playground", "n-playground", "playground"),
    Section("/story", "n-story", "story", reads=True),
    Section("/messages", "n-messages", "messages"),
    Section("/exchanges", "n-exchanges", "exchanges", reads=True),
    Section("/faults", "n-faults", "faults"),
    Section("/numbers", "n-numbers", "numbers"),
    Section("/contracts", "n-contracts", "contracts"),
    Section("/reconciliation", "n-reconciliation", "reconciliation"),
    Section("/tokens", "n-tokens", "tokens"),
    None,
    Section("/course", "n-course", "course", reads=True),
    Section("/errors", "n-errors", "errors", reads=True),
    Section("/docs", "n-reference", "reference"),
)
# Its own beginning stands where a stand has its map.
OF_A_SESSION: tuple[Section | None, ...] = (
    Section("/", "n-session", "session"),
    *(one for one in OF_A_STAND if one is None or one.reads),
)
NEEDS_A_STAND: tuple[Section, ...] = tuple(
    one for one in OF_A_STAND if one is not None and not one.reads and one.href != "/"
)

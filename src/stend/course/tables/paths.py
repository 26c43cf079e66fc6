"""Where a value stands in a message: `customer.name`, `lines[].sku`, `phones[0]`."""

import re
from dataclasses import dataclass

from stend.course.tables.problems import RefusedError, shown

# A member by its name, an element by its place, or each element.
Part = str | int | None
EACH = None
_PART = re.compile(r"(?:^|(?<!^)\.)([^\W\d][\w-]*)|\[(\d{0,4})\]")
_MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Path:
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        told = ""
        for one in self.parts:
            if isinstance(one, str):
                told += f".{one}" if told else one
            else:
                told += "[]" if one is EACH else f"[{one}]"
        return told

    @property
    def arrays(self) -> tuple["Path", ...]:
        """Every array that it goes through, from the outside, each with its `[]`."""
        ends = [at for at, one in enumerate(self.parts, 1) if one is EACH]
        return tuple(Path(self.parts[:end]) for end in ends)


def read_path(text: str) -> Path:
    """
    Raises:
        RefusedError: it is no path.
    """
    parts: list[Part] = []
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None or (at == 0 and found[1] is None):
            raise _no_path(text)
        at = found.end()
        if found[1] is not None:
            parts.append(found[1])
        else:
            parts.append(int(found[2]) if found[2] else EACH)
    if not parts or len(parts) > _MOST_PARTS:
        raise _no_path(text)
    return Path(tuple(parts))


def _no_path(text: str) -> RefusedError:
    return RefusedError(
        f"«{shown(text)}» — не путь. Ожидалось: customer.name, lines[].sku (каждый элемент) "
        "или phones[0].",
        f"{shown(text)!r} is no path. Expected: customer.name, lines[].sku (each element) "
        "or phones[0].",
    )

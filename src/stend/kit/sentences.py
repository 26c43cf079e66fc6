"""Tables of sentences on what fields are for: short lines, in both languages.

    acks
      Сколько реплик должны записать данные, прежде чем брокер ответит.
      How many replicas have to write the data before the broker answers.

Several names may share an entry; a line that is indented deeper goes on with the one before. A
third line tells a source of its own.
"""

from typing import NamedTuple

from stend.kit.languages import Text


class Sentence(NamedTuple):
    """
    Attributes:
        source: of this name alone; `` where that of the whole table holds.
    """

    text: Text
    source: str


def sentences(table: str) -> dict[str, Sentence]:
    """The entries of a table by their names.

    Raises:
        ValueError: an entry is not complete, or a name has two.
    """
    found: dict[str, Sentence] = {}
    for block in table.strip("\n").split("\n\n"):
        head, *lines = block.split("\n")
        texts = _joined(lines)
        if len(texts) not in {2, 3}:
            raise ValueError(f"{head} has {len(texts)} lines, where two or three are an entry")
        ru, en, *source = texts
        one = Sentence(Text(ru=ru, en=en), source[0] if source else "")
        for name in head.split():
            if name in found:
                raise ValueError(f"{name} has two entries")
            found[name] = one
    return found


def _joined(lines: list[str]) -> list[str]:
    texts: list[str] = []
    for line in lines:
        if line.startswith("    ") and texts:
            texts[-1] += " " + line.strip()
        else:
            texts.append(line.strip())
    return texts

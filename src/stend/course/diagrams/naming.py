"""The same thing under different names: a learner's, an exercise's, and the stand's."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

# What says that something is a service, and not which one.
_ROLE_WORDS = frozenset({"service", "svc", "сервис", "api", "the"})
_WORDS = re.compile(r"[A-ZА-Я]+(?![a-zа-я])|[A-ZА-Я]?[a-zа-я]+|\d+|[^\W\d_]+")

# Of the name of an operation.
_MOST_WORDS = 12
_WORD = re.compile(r"\w+")


def words_of(text: str) -> tuple[str, ...]:
    """`ReserveStock`, `reserve-stock` and `Reserve stock` are the same two."""
    return tuple(one.casefold() for one in _WORDS.findall(text.replace("ё", "е").replace("Ё", "Е")))


@dataclass(frozen=True)
class Names:
    """
    Attributes:
        participants: other names of each, by the name that the stand uses.
        operations: other names of each, by the one that differences are told with.
    """

    participants: Mapping[str, Sequence[str]]
    operations: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def participant(self, *told: str) -> str | None:
        """
        Args:
            told: names of one participant; the first that is known counts.
        """
        for one in told:
            if (found := self._participants.get(_bare(one))) is not None:
                return found
        return None

    def operation(self, label: str) -> str | None:
        """The operation whose name stands in a label; of several, the longest."""
        words = words_of(label)
        runs = (
            "".join(words[begin:end])
            for begin in range(len(words))
            for end in range(begin + 1, min(begin + _MOST_WORDS, len(words)) + 1)
        )
        known = [run for run in runs if run in self._operations]
        return self._operations[max(known, key=len)] if known else None

    def knowing(self, labels: Sequence[str]) -> "Names":
        """With labels of a trace that the exercise does not rename.

        A label of one word is the name of an operation: `ReserveStockReply` is no `ReserveStock`.
        """
        new = [one for one in labels if one and not self._is_known(one)]
        return Names(self.participants, {**self.operations, **dict.fromkeys(new, ())})

    def _is_known(self, label: str) -> bool:
        if _WORD.fullmatch(label):
            return "".join(words_of(label)) in self._operations
        return self.operation(label) is not None

    @cached_property
    def _participants(self) -> Mapping[str, str]:
        return {
            _bare(alias): name
            for name, aliases in self.participants.items()
            for alias in (name, *aliases)
        }

    @cached_property
    def _operations(self) -> Mapping[str, str]:
        return {
            "".join(words_of(alias)): name
            for name, aliases in self.operations.items()
            for alias in (name, *aliases)
        }


def _bare(name: str) -> str:
    words = words_of(name)
    return "".join(one for one in words if one not in _ROLE_WORDS) or "".join(words)

"""What is remembered of a connection that may last for ever: the latest, so many at the most."""

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")
# Far more than a client leaves unanswered, or names, at a time.
MOST = 10_000


class Latest(OrderedDict[K, V]):
    """Lets the oldest entry go for one too many; what comes again is the latest once more."""

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > MOST:
            self.popitem(last=False)

"""Which tables have changed since a moment, so that two connections can read as one.

Pure. Every write passes through the server, so it knows of every commit before it begins.
"""

from collections import Counter
from collections.abc import Iterable

from stend.engines.mysql.tables.model import TableName

Mark = int


class Changes:
    """Counts commits by table."""

    def __init__(self) -> None:
        self._now: Mark = 0
        self._last: dict[TableName, Mark] = {}
        self._committing: Counter[TableName] = Counter()

    def mark(self) -> Mark:
        """The moment now; take it before the snapshot that it stands for."""
        return self._now

    def begin(self, tables: Iterable[TableName]) -> None:
        """A commit that changes these tables is about to be sent: from now on it may be seen."""
        self._committing.update(tables)

    def end(self, tables: Iterable[TableName]) -> None:
        """That commit is done, or has failed."""
        self._now += 1
        for one in tables:
            self._last[one] = self._now
            self._committing[one] -= 1
            if not self._committing[one]:
                del self._committing[one]

    def since(self, mark: Mark, tables: Iterable[TableName]) -> frozenset[TableName]:
        """Those of the tables that may have changed since the moment."""
        return frozenset(
            one for one in tables if self._last.get(one, 0) > mark or one in self._committing
        )

    def are_committing(self, tables: Iterable[TableName]) -> bool:
        """Whether a commit of one of the tables is under way."""
        return any(one in self._committing for one in tables)

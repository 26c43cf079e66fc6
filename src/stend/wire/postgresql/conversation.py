"""What both sides of a connection know: statements, portals, and what is still to be answered."""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice

from stend.wire.latest import Latest
from stend.wire.postgresql.values import Column

STARTUP = "startup"
# An answer that none of the next steps expects is damage; looking further would cost without end.
_LOOKED_AT = 8


@dataclass(slots=True)
class Statement:
    """A prepared statement.

    Attributes:
        sql: in a line.
        types: of the parameters; 0 where nobody told.
    """

    name: str
    sql: str
    types: tuple[int, ...] = ()
    columns: tuple[Column, ...] | None = None


@dataclass(slots=True)
class Portal:
    """
    Attributes:
        formats: in which the columns are asked for.
    """

    name: str
    statement: Statement | None
    formats: tuple[int, ...]
    columns: tuple[Column, ...] | None = None


@dataclass(slots=True)
class Step:
    """A message of the client that the server has to answer.

    Attributes:
        columns: of the rows that come, where this is a simple query.
    """

    kind: str
    exchange: str
    statement: Statement | None = None
    portal: Portal | None = None
    columns: tuple[Column, ...] | None = None
    sql: str = ""

    @property
    def ends_cycle(self) -> bool:
        """ReadyForQuery answers it."""
        return self.kind in {"Query", "FunctionCall", "Sync"}


@dataclass
class Conversation:
    """
    Attributes:
        asked: how the server wants to authenticate the client, as the name of its message.
        is_scram: the client chose a mechanism of SCRAM.
        steps: what the server still has to answer, in its order.
        is_skipping: an error came, and the server hears nothing up to the next Sync.
        answers_due: names of requests for encryption that one byte will answer.
    """

    asked: str | None = None
    is_scram: bool = False
    is_started: bool = False
    is_ready: bool = False
    is_skipping: bool = False
    is_encrypted: bool = False
    answers_due: deque[str] = field(default_factory=deque)
    statements: dict[str, Statement] = field(default_factory=Latest)
    portals: dict[str, Portal] = field(default_factory=Latest)
    steps: deque[Step] = field(default_factory=deque)
    _cycles: int = 0
    _is_open: bool = False

    def cycle(self) -> str:
        """The cycle that the client is in; a new one where the last was ended."""
        if not self._is_open:
            self._cycles += 1
            self._is_open = True
        return f"q{self._cycles}"

    def forget(self) -> None:
        """Something was not heard: that the session had begun is sure, what is asked is not."""
        self.is_started = self.is_ready = True
        self.is_skipping = False
        self.steps.clear()
        self.answers_due.clear()
        self._is_open = False

    def awaited(self) -> tuple[str, ...]:
        """Cycles that are not answered, the one that the client is in as the last."""
        found = dict.fromkeys(one.exchange for one in self.steps)
        if self._is_open:
            found[self.cycle()] = None
        return tuple(found)

    def flushed(self) -> str | None:
        """The cycle whose answers a Flush asks for; it begins none."""
        if self._is_open:
            return self.cycle()
        return self.steps[-1].exchange if self.steps else None

    def ask(self, step: Step) -> None:
        if step.ends_cycle:
            self._is_open = False
        if self.is_skipping and step.kind != "Sync":
            return
        self.is_skipping = False
        self.steps.append(step)

    def copying(self) -> str | None:
        """The cycle that data of COPY belong to; None where it was not heard.

        A Sync that came before them the server ignores (§54.2.6), so its cycle is still open.
        """
        if not self._is_open and self.steps and self.steps[-1].kind == "Sync":
            self.steps.pop()
            self._is_open = True
        return f"q{self._cycles}" if self._cycles else None

    def answering(self, *kinds: str) -> Step | None:
        """The step that an answer of these kinds belongs to; steps before it are over."""
        if not any(one.kind in kinds for one in islice(self.steps, _LOOKED_AT)):
            return self.steps[0] if self.steps else None
        while self.steps[0].kind not in kinds:
            self.steps.popleft()
        return self.steps[0]

    def answered(self) -> None:
        if self.steps:
            self.steps.popleft()

    def fail(self) -> None:
        """After an error the server passes over everything up to Sync (§54.2.3)."""
        has_failed = False
        while self.steps and not self.steps[0].ends_cycle:
            self.steps.popleft()
            has_failed = True
        self.is_skipping = has_failed and not self.steps

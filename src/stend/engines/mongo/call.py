"""What one command gets: its fields, its session, and the ways to wait and to give way. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from stend.engines.mongo.aggregate.compiling import expression_compiler, update_pipeline_compiler
from stend.engines.mongo.cursors import Pulse
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.sessions import TIMEOUT_S, LogicalSession
from stend.engines.mongo.state import State
from stend.engines.mongo.store.transactions import Transaction, View

Document = dict[str, Any]


class Flow(Protocol):
    """How a command gives way to others; the server has the one of greenlets."""

    def now(self) -> float:
        """Seconds of a clock that only goes forward."""
        ...

    def tick(self) -> None:
        """Lets others go on if this command has taken long."""
        ...

    def wait(self, register: Callable[[Callable[[], None]], object], until: float | None) -> bool:
        """Waits until the function handed to `register` is called; False at `until`."""
        ...


@dataclass(slots=True)
class Peer:
    """One connection, as commands see it.

    Attributes:
        id: counted from 1.
        address: of the client, host and port.
        advertised: the address that a client of this listener is told to connect to.
        metadata: what the client told of itself in its first hello.
    """

    id: int
    address: str
    advertised: str
    metadata: Document | None = None


@dataclass(slots=True)
class Call:
    """One command under way.

    Attributes:
        name: the command's own, though an alias may have been sent.
        fields: what is not generic, checked, without what is null.
        now: UTC, with a time zone.
        session: None where no lsid was given.
        number: of a transaction or of a retryable write.
        in_transaction: whether it is part of a multi-document transaction.
        deadline: a moment of the flow's clock; None without maxTimeMS.
        is_strict: nothing outside of the Stable API may be used.
        is_majority: what it read must be on the disk before it is answered.
        is_killed: by killOp: it ends at its next tick.
        is_unsaved: a statement of a retryable write was done and its answer not yet saved.
        id: counts the calls of the server.
    """

    name: str
    database: str
    fields: Document
    state: State
    peer: Peer
    flow: Flow
    now: datetime
    session: LogicalSession | None = None
    number: int | None = None
    in_transaction: bool = False
    deadline: float | None = None
    is_strict: bool = False
    is_majority: bool = False
    is_killed: bool = False
    is_unsaved: bool = False
    id: int = 0

    @property
    def view(self) -> View:
        """What it reads and writes: its transaction, or the latest commits."""
        return self.session.transaction if self.session and self.in_transaction else None

    @property
    def has_numbered_statements(self) -> bool:
        """Whether it is a retryable write."""
        return self.number is not None and not self.in_transaction

    def tick(self) -> None:
        """Called now and then by all that takes long.

        Raises:
            MongoError: the time that the client gave is over, or the command was killed.
        """
        if self.is_unsaved:
            self.save_answers()
        self._check()
        self.flow.tick()

    def wait_for(self, transaction: Transaction) -> None:
        """Goes on when a transaction has ended.

        Raises:
            MongoError: as of `tick`.
        """
        if self.is_unsaved:
            self.save_answers()
        self.flow.wait(transaction.on_end, self.deadline)
        self._check()

    def save_answers(self) -> None:
        """Before others may run: what was written goes to the disk together with its answers."""
        if self.session is not None:
            expires = self.now.timestamp() + TIMEOUT_S
            self.state.sessions.remember(self.session, expires)
        self.is_unsaved = False

    def context(self, pulse: Pulse | None = None) -> Context:
        """What its filters, updates and pipelines are compiled with.

        Args:
            pulse: called instead of `tick`, where results outlive this call.
        """
        return Context(
            now=self.now,
            random=self.state.draw,
            tick=pulse or self.tick,
            compile_expression=expression_compiler,
            compile_pipeline=update_pipeline_compiler,
            cluster_time=self.state.store.cluster_time,
        )

    def _check(self) -> None:
        if self.is_killed:
            raise MongoError(Code.Interrupted, "operation was interrupted")
        if self.deadline is not None and self.flow.now() > self.deadline:
            raise MongoError(Code.MaxTimeMSExpired, "operation exceeded time limit")

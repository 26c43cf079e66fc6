"""Thousands of random lives of a broker, each step held against the plainest model of a queue.

The broker is the pure one, its journal the real one on disk, with segments so small that they are
begun, written again and dropped all the time. With LONG_TESTS=1 a hundred times as many.
"""

import shutil
import tempfile
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pamqp import base, commands

from stend.engines.amqp import store as store_module
from stend.wire.amqp.content import encode_text
from tests.engines.amqp.lives import BOUND, CLIENTS, FANOUT, KINDS, Client, Publish, World
from tests.engines.amqp.model import Consumer, Held, Key, Taken
from tests.engines.amqp.peer import Peer
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_LIVES, _STEPS = (2500, 50) if is_long_run() else (40, 50)
# Within one transaction it could not be told in which order they take, deliver and drop.
_NOT_IN_TRANSACTIONS = frozenset(("short", "refusing", "timed"))

clients = st.sampled_from(CLIENTS)
names = st.sampled_from(tuple(KINDS))
choices = st.integers(0, 1000)


class Lives(RuleBasedStateMachine):
    """Rules are what clients do, time, and the end of the process."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="stend-journal-"))
        self.world = World(self.folder)
        self.bodies = count()
        self.tags = count()

    def teardown(self) -> None:
        self.world.store.close()
        shutil.rmtree(self.folder)

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        self.world.check()

    # Messages

    @rule(
        number=clients,
        name=names | st.just(FANOUT),
        persistent=st.booleans(),
        priority=st.integers(0, 4),
        ttl_ms=st.none() | st.sampled_from((1, 30, 100)),
    )
    def publish(
        self, number: int, name: str, persistent: bool, priority: int, ttl_ms: int | None
    ) -> None:
        client = self.world.clients[number]
        if client.mode == "tx" and (name in _NOT_IN_TRANSACTIONS or name == FANOUT):
            return
        body = str(next(self.bodies))
        properties = {"delivery_mode": b"\x02" if persistent else b"\x01"}
        properties["priority"] = bytes((priority,))
        if ttl_ms is not None:
            properties["expiration"] = encode_text(str(ttl_ms))
        is_fanout = name == FANOUT
        exchange, key = (FANOUT, "") if is_fanout else ("", name)
        client.peer.publish(key, body.encode(), exchange, properties)
        queues = self.world.queues
        reached = [queues[one] for one in (BOUND if is_fanout else (name,)) if one in queues]
        publish = Publish(Held(Key(body), 0, persistent, priority), reached, ttl_ms)
        if client.mode == "tx":
            client.publishes.append(publish)
        else:
            self.world.publish(client, publish)
        self.world.settle()

    @rule(number=clients, name=names, no_ack=st.booleans())
    def get(self, number: int, name: str, no_ack: bool) -> None:
        client = self.world.clients[number]
        if not self._may_take(client, name):
            return
        queue = self.world.queues[name]
        held = self.world.take_head(queue)
        self.world.drop_overdue(queue)
        tag = client.next_tag
        left = len(queue.ready)
        client.peer.send(1, commands.Basic.Get, ticket=0, queue=name, no_ack=no_ack)
        if held is not None and not no_ack:
            queue.unacked += 1
            client.taken[tag] = Taken(queue, held, None)
        self.world.settle()
        answer, *content = client.replies
        if held is None:
            assert isinstance(answer, commands.Basic.GetEmpty)
            return
        assert isinstance(answer, commands.Basic.GetOk)
        assert answer.message_count == left
        assert content == [(tag, held.key, held.redelivered, held.returns)]

    @rule(number=clients, name=names, no_ack=st.booleans())
    def consume(self, number: int, name: str, no_ack: bool) -> None:
        client = self.world.clients[number]
        if not self._may_take(client, name):
            return
        queue = self.world.queues[name]
        consumer = Consumer(f"c{next(self.tags)}", no_ack, client.prefetch)
        queue.consumers.append(consumer)
        client.consumers[consumer.tag] = (queue, consumer)
        client.peer.send(
            1,
            commands.Basic.Consume,
            ticket=0,
            queue=name,
            consumer_tag=consumer.tag,
            no_local=False,
            no_ack=no_ack,
            exclusive=False,
            nowait=False,
            arguments={},
        )
        self._answered(client, commands.Basic.ConsumeOk)

    @rule(number=clients, choice=choices)
    def cancel(self, number: int, choice: int) -> None:
        client = self.world.clients[number]
        if not client.consumers:
            return
        tag = sorted(client.consumers)[choice % len(client.consumers)]
        queue, consumer = client.consumers.pop(tag)
        queue.consumers.remove(consumer)
        client.peer.send(1, commands.Basic.Cancel, consumer_tag=tag, nowait=False)
        self._answered(client, commands.Basic.CancelOk)

    @rule(number=clients, count=st.integers(0, 3))
    def qos(self, number: int, count: int) -> None:
        client = self.world.clients[number]
        client.prefetch = count
        client.peer.send(
            1, commands.Basic.Qos, prefetch_size=0, prefetch_count=count, global_=False
        )
        self._answered(client, commands.Basic.QosOk)

    # Acknowledgements

    @rule(
        number=clients,
        choice=choices,
        multiple=st.booleans(),
        how=st.sampled_from(("ack", "ack", "requeue", "drop")),
    )
    def put_away(self, number: int, choice: int, multiple: bool, how: str) -> None:
        client = self.world.clients[number]
        if not client.taken:
            return
        tags = sorted(client.taken)
        tag = tags[choice % len(tags)]
        taken = {
            one: client.taken.pop(one) for one in tags if one == tag or (multiple and one < tag)
        }
        # No tag at all stands for every tag.
        told = 0 if multiple and not client.taken else tag
        if how == "ack":
            client.peer.send(1, commands.Basic.Ack, delivery_tag=told, multiple=multiple)
        else:
            requeue = how == "requeue"
            kind = commands.Basic.Nack
            client.peer.send(1, kind, delivery_tag=told, multiple=multiple, requeue=requeue)
        if client.mode == "tx":
            client.settlements.append((taken, how))
        else:
            self.world.put_away(taken, how)
        self.world.settle()

    @rule(number=clients)
    def recover(self, number: int) -> None:
        client = self.world.clients[number]
        client.peer.send(1, commands.Basic.Recover, requeue=True)
        self.world.put_away(client.taken, "requeue")
        client.taken.clear()
        self._answered(client, commands.Basic.RecoverOk)

    @rule(number=clients)
    def acknowledge_what_was_never_delivered(self, number: int) -> None:
        client = self.world.clients[number]
        client.peer.send(1, commands.Basic.Ack, delivery_tag=client.next_tag, multiple=False)
        self.world.end_channel(client)
        self._answered(client, commands.Channel.Close)
        client.peer.send(1, commands.Channel.CloseOk)
        client.peer.send(1, commands.Channel.Open, out_of_band="")
        self._answered(client, commands.Channel.OpenOk)

    # Confirms and transactions

    @rule(number=clients, mode=st.sampled_from(("confirm", "tx")))
    def select(self, number: int, mode: str) -> None:
        client = self.world.clients[number]
        consumed = {queue.name for queue, _ in client.consumers.values()}
        held = {taken.queue.name for taken in client.taken.values()}
        if client.mode or (mode == "tx" and (consumed | held) & _NOT_IN_TRANSACTIONS):
            return
        client.mode = mode
        if mode == "tx":
            client.peer.send(1, commands.Tx.Select)
            self._answered(client, commands.Tx.SelectOk)
        else:
            client.peer.send(1, commands.Confirm.Select, nowait=False)
            self._answered(client, commands.Confirm.SelectOk)

    @rule(number=clients)
    def commit(self, number: int) -> None:
        client = self.world.clients[number]
        if client.mode != "tx":
            return
        client.peer.send(1, commands.Tx.Commit)
        for publish in client.publishes:
            self.world.publish(client, publish)
        for taken, how in client.settlements:
            self.world.put_away(taken, how)
        client.publishes, client.settlements = [], []
        self._answered(client, commands.Tx.CommitOk, in_order=False)

    @rule(number=clients)
    def roll_back(self, number: int) -> None:
        client = self.world.clients[number]
        if client.mode != "tx":
            return
        client.peer.send(1, commands.Tx.Rollback)
        for taken, _ in client.settlements:
            client.taken |= taken
        client.publishes, client.settlements = [], []
        self._answered(client, commands.Tx.RollbackOk)

    # Queues

    @rule(number=clients, name=names)
    def purge(self, number: int, name: str) -> None:
        client, queue = self.world.clients[number], self.world.queues.get(name)
        if queue is None:
            return
        client.peer.send(1, commands.Queue.Purge, ticket=0, queue=name, nowait=False)
        dropped = len(queue.ready)
        queue.ready.clear()
        answer = self._answered(client, commands.Queue.PurgeOk)
        assert answer.message_count == dropped  # type: ignore[attr-defined]

    @rule(number=clients, name=names)
    def delete_queue(self, number: int, name: str) -> None:
        client, queue = self.world.clients[number], self.world.queues.pop(name, None)
        if queue is None:
            return
        flags = {"if_unused": False, "if_empty": False, "nowait": False}
        client.peer.send(1, commands.Queue.Delete, ticket=0, queue=name, **flags)
        dropped = len(queue.ready)
        queue.deleted = True
        queue.ready.clear()
        answer = self._answered(client, commands.Queue.DeleteOk)
        assert answer.message_count == dropped  # type: ignore[attr-defined]

    @rule(number=clients, name=names)
    def declare_queue(self, number: int, name: str) -> None:
        planned = [
            queue.name
            for client in self.world.clients
            for publish in client.publishes
            for queue in publish.queues
        ]
        # Whether a message meant for the old queue goes into the new one is not said anywhere.
        if name not in self.world.queues and name not in planned:
            self.world.declare(self.world.clients[number], name)
            self.world.settle()

    # The end of a channel, of a connection, of the process; time

    @rule(number=clients)
    def close_channel(self, number: int) -> None:
        client = self.world.clients[number]
        told = {"reply_code": 200, "reply_text": "", "class_id": 0, "method_id": 0}
        client.peer.send(1, commands.Channel.Close, **told)
        self.world.end_channel(client)
        self._answered(client, commands.Channel.CloseOk)
        client.peer.send(1, commands.Channel.Open, out_of_band="")
        self._answered(client, commands.Channel.OpenOk)

    @rule(number=clients)
    def lose_connection(self, number: int) -> None:
        client = self.world.clients[number]
        client.peer.session.lost()
        self.world.end_channel(client)
        self.world.clients[number] = Client(Peer(self.world.broker).connect())
        self.world.settle()

    @rule()
    def crash(self) -> None:
        self.world.crash()
        self.world.settle()

    @rule()
    def sync(self) -> None:
        """What was written again is safe, so old segments go."""
        store = self.world.store
        store.sync(store.files_to_sync())
        store.synced(self.world.broker.journal.position - 1)

    @rule(passed_ms=st.sampled_from((1, 20, 49, 200)))
    def pass_time(self, passed_ms: int) -> None:
        self.world.now_ms += passed_ms
        self.world.broker.now_ms = self.world.now_ms
        self.world.settle()

    @precondition(lambda self: self.world.broker.memory_bytes)
    @rule()
    def empty_everything(self) -> None:
        """No message, no memory."""
        for number in CLIENTS:
            self.close_channel(number)
        for name in tuple(self.world.queues):
            self.purge(0, name)
        assert self.world.broker.memory_bytes == 0
        assert self.world.broker.journal.live_bytes == 0

    def _may_take(self, client: Client, name: str) -> bool:
        return name in self.world.queues and not (
            client.mode == "tx" and name in _NOT_IN_TRANSACTIONS
        )

    def _answered(
        self, client: Client, kind: type[base.Frame], *, in_order: bool = True
    ) -> base.Frame:
        self.world.settle(in_order=in_order)
        (answer,) = client.replies
        assert isinstance(answer, kind), answer
        return answer


def test_a_broker_behaves_as_plain_queues_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "SEGMENT_BYTES", 1500)
    monkeypatch.setattr(store_module, "MAX_SEGMENTS", 3)
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=_LIVES,
            stateful_step_count=_STEPS,
            deadline=None,
            derandomize=not is_long_run(),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

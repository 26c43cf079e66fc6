"""Nothing that the AMQP broker has confirmed is lost when it is killed, and nothing is invented."""

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker

from stend.engines.amqp.launcher import AmqpConfig, AmqpLauncher
from tests.engines.amqp.running import broker_of, config_in, running
from tests.guarantees.amqp_traffic import (
    AUDIT,
    EXCHANGE,
    ORDERS,
    Found,
    Ledger,
    Traffic,
    channel_to,
    declare,
    emptied,
    publish,
)
from tests.guarantees.killing import KILLS, kill, restart, until_grown

pytestmark = pytest.mark.slow
_KEPT = 100
_TRANSACTION_ROUNDS = 3
_IN_TRANSACTION = 5


@pytest.fixture
def config(tmp_path: Path) -> AmqpConfig:
    return config_in(tmp_path)


@pytest.fixture
def launcher(config: AmqpConfig) -> Iterator[AmqpLauncher]:
    with running(config) as launcher:
        yield launcher


def test_kills_lose_and_invent_nothing(config: AmqpConfig, launcher: AmqpLauncher) -> None:
    ledger, audited = Ledger(), set[str]()
    with channel_to(config) as channel:
        declare(channel)
    for number in range(KILLS):
        # Not always at a round moment: the kills meet the journal in different states.
        moment = random.Random(number).randrange(30, 1000)
        with Traffic(config, ledger, number) as traffic:
            traffic.has_confirmed(moment)
            kill(broker_of(config), launcher)
        restart(launcher)
        _check_orders(config, ledger)
        audited |= _check_audit(config, ledger, audited)
    assert len(ledger.confirmed) > KILLS * 30
    assert ledger.settled
    assert ledger.confirmed - ledger.acknowledged


def _check_orders(config: AmqpConfig, ledger: Ledger) -> None:
    found = emptied(config, ORDERS, kept=_KEPT)
    _check(found, ledger)
    assert ledger.confirmed - ledger.acknowledged <= found.ids
    assert not ledger.settled & found.ids
    assert ledger.delivered & found.ids <= found.redelivered
    gone = set(list(found.times)[:-_KEPT])
    ledger.delivered |= found.ids
    ledger.acknowledged |= gone
    ledger.settled |= gone


def _check_audit(config: AmqpConfig, ledger: Ledger, audited: set[str]) -> set[str]:
    """Nobody consumes this queue, so everything confirmed since the last look must be in it."""
    found = emptied(config, AUDIT)
    _check(found, ledger)
    assert not found.redelivered
    assert not audited & found.ids
    assert ledger.confirmed - audited <= found.ids
    return found.ids


def _check(found: Found, ledger: Ledger) -> None:
    assert not found.damaged
    assert found.ids <= ledger.sent
    assert set(found.times.values()) <= {1}


def test_transactions_are_there_whole_or_not_at_all(
    config: AmqpConfig, launcher: AmqpLauncher
) -> None:
    with channel_to(config) as channel:
        declare(channel)
    committed, begun = set[str](), set[str]()
    for number in range(_TRANSACTION_ROUNDS):
        with ThreadPoolExecutor() as pool:
            writing = [
                pool.submit(_write_in_transactions, config, f"{number}-{one}", begun, committed)
                for one in range(3)
            ]
            until_grown((committed, 100))
            kill(broker_of(config), launcher)
        for one in writing:
            one.result()
        restart(launcher)
    found = emptied(config, ORDERS)
    assert set(found.times.values()) == {1}
    transactions = Counter(message_id.rpartition("/")[0] for message_id in found.times)
    assert set(transactions.values()) == {_IN_TRANSACTION}
    assert committed <= set(transactions) <= begun


def _write_in_transactions(
    config: AmqpConfig, name: str, begun: set[str], committed: set[str]
) -> None:
    with contextlib.suppress(AMQPError), channel_to(config) as channel:
        channel.tx_select()
        for number in range(1_000_000):
            transaction = f"{name}-{number}"
            begun.add(transaction)
            for part in range(_IN_TRANSACTION):
                publish(channel, f"{transaction}/{part}", f"{transaction}/{part} ".encode())
            channel.tx_commit()
            committed.add(transaction)


def test_a_message_moved_in_a_transaction_is_in_one_place(
    config: AmqpConfig, launcher: AmqpLauncher
) -> None:
    ids = {str(number) for number in range(2000)}
    with channel_to(config) as channel:
        channel.queue_declare("from", durable=True)
        channel.queue_declare("to", durable=True)
        channel.tx_select()
        for message_id in ids:
            _publish_to(channel, "from", message_id)
        channel.tx_commit()
    for _ in range(_TRANSACTION_ROUNDS):
        moved = list[str]()
        with ThreadPoolExecutor() as pool:
            moving = pool.submit(_move, config, moved)
            until_grown((moved, 100))
            kill(broker_of(config), launcher)
        moving.result()
        restart(launcher)
    left, arrived = (emptied(config, name) for name in ("from", "to"))
    assert set((left.times + arrived.times).values()) == {1}
    assert left.ids | arrived.ids == ids
    assert len(arrived.ids) >= 100 * _TRANSACTION_ROUNDS


def _move(config: AmqpConfig, moved: list[str]) -> None:
    with contextlib.suppress(AMQPError), channel_to(config) as channel:
        channel.tx_select()
        channel.basic_qos(prefetch_count=10)
        for method, properties, _ in channel.consume("from"):
            _publish_to(channel, "to", properties.message_id)
            channel.basic_ack(method.delivery_tag)
            channel.tx_commit()
            moved.append(properties.message_id)


def _publish_to(channel: BlockingChannel, queue: str, message_id: str) -> None:
    properties = pika.BasicProperties(message_id=message_id, delivery_mode=2)
    channel.basic_publish("", queue, f"{message_id} ".encode().ljust(40, b"."), properties)


def test_what_is_durable_survives_and_nothing_else(
    config: AmqpConfig, launcher: AmqpLauncher
) -> None:
    with channel_to(config) as channel:
        declare(channel)
        channel.queue_declare("gone", durable=True)
        channel.queue_delete("gone")
        channel.queue_bind(ORDERS, EXCHANGE, "no.more")
        channel.queue_unbind(ORDERS, EXCHANGE, "no.more")
        channel.queue_declare("transient")
        channel.queue_declare("mine", durable=True, exclusive=True)
        channel.confirm_delivery()
        channel.basic_publish("", ORDERS, b"transient")
        kill(broker_of(config), launcher)
    restart(launcher)
    with channel_to(config) as channel:
        # Declared with other arguments, what is still there would be refused.
        declare(channel)
        assert channel.queue_declare(ORDERS, passive=True).method.message_count == 0
        channel.confirm_delivery()
        publish(channel, "1", b"1 ", key="order.new")
        publish(channel, "2", b"2 ", key="no.more")
        assert channel.queue_declare(ORDERS, passive=True).method.message_count == 1
        assert channel.queue_declare(AUDIT, passive=True).method.message_count == 2
    for name in ("gone", "transient", "mine"):
        with channel_to(config) as channel, pytest.raises(ChannelClosedByBroker, match="NOT_FOUND"):
            channel.queue_declare(name, passive=True)

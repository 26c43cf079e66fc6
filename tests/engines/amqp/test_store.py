"""The journal on disk: what comes back, what was cut off, what was changed, what may go."""

from pathlib import Path

import pytest
from pamqp import commands

from stend.engines.amqp import store as store_module
from stend.engines.amqp.state import Broker, Limits
from stend.engines.amqp.store import DamagedJournalError, Store
from tests.engines.amqp.peer import START_MS, Peer, new_broker

PERSISTENT = {"delivery_mode": b"\x02"}


def opened(folder: Path) -> tuple[Broker, Store]:
    """What a start of the broker makes of the folder."""
    broker = new_broker() if not any(folder.glob("*.log")) else Broker(Limits(), lambda: "name")
    broker.now_ms = START_MS
    store = Store(folder, broker)
    store.open()
    return broker, store


def restarted(folder: Path, store: Store) -> tuple[Broker, Store]:
    store.write()
    store.close()
    return opened(folder)


def test_topology_and_persistent_messages_come_back(tmp_path: Path) -> None:
    broker, store = opened(tmp_path)
    peer = Peer(broker).connect()
    peer.declare("durable", durable=True, x_max_priority=3)
    peer.declare("transient")
    peer.call(
        commands.Exchange.Declare,
        ticket=0,
        exchange="events",
        exchange_type="topic",
        passive=False,
        durable=True,
        auto_delete=False,
        internal=False,
        nowait=False,
        arguments={"alternate-exchange": "amq.fanout"},
    )
    for queue in ("durable", "transient"):
        peer.call(
            commands.Queue.Bind,
            ticket=0,
            queue=queue,
            exchange="events",
            routing_key="order.*",
            nowait=False,
            arguments={"why": "test"},
        )
    peer.publish("order.placed", b"kept", "events", {**PERSISTENT, "message_id": b"\x02m1"})
    peer.publish("durable", b"lost")

    broker, store = restarted(tmp_path, store)
    vhost = broker.vhosts["/"]
    assert list(vhost.queues) == ["durable"]
    assert vhost.queues["durable"].table == {"x-max-priority": 3}
    assert vhost.exchanges["events"].alternate == "amq.fanout"
    (binding,) = vhost.exchanges["events"].bindings
    assert (binding.key, binding.table) == ("order.*", {"why": "test"})
    peer = Peer(broker).connect()
    assert peer.get("durable") == b"kept"
    assert peer.last.redelivered is False
    assert peer.get("durable") is None
    store.close()


def test_what_was_delivered_comes_back_marked_and_what_was_acknowledged_does_not(
    tmp_path: Path,
) -> None:
    broker, store = opened(tmp_path)
    peer = Peer(broker).connect()
    peer.declare("q", durable=True)
    for body in (b"one", b"two", b"three"):
        peer.publish("q", body, properties=PERSISTENT)
    assert [peer.get("q"), peer.get("q")] == [b"one", b"two"]
    peer.send(1, commands.Basic.Ack, delivery_tag=1, multiple=False)

    broker, store = restarted(tmp_path, store)
    peer = Peer(broker).connect()
    seen = [(peer.get("q"), peer.last.redelivered) for _ in range(2)]
    assert seen == [(b"two", True), (b"three", False)]
    assert peer.get("q") is None
    store.close()


def test_a_quorum_queue_keeps_everything_and_counts_on(tmp_path: Path) -> None:
    broker, store = opened(tmp_path)
    peer = Peer(broker).connect()
    peer.declare("q", durable=True, x_queue_type="quorum", x_delivery_limit=2)
    peer.publish("q", b"transient too")
    for _ in range(2):
        assert peer.get("q") == b"transient too"
        peer.send(
            1, commands.Basic.Reject, delivery_tag=int(str(peer.last.delivery_tag)), requeue=True
        )

    broker, store = restarted(tmp_path, store)
    peer = Peer(broker).connect()
    assert peer.get("q") == b"transient too"
    # The third return is one too many.
    peer.send(1, commands.Basic.Reject, delivery_tag=1, requeue=True)
    assert peer.get("q") is None
    store.close()


def test_what_a_crash_has_cut_off_is_no_part_of_the_journal(tmp_path: Path) -> None:
    broker, store = opened(tmp_path)
    peer = Peer(broker).connect()
    peer.declare("q", durable=True)
    store.write()
    peer.publish("q", b"whole", properties=PERSISTENT)
    store.write()
    (path,) = tmp_path.glob("*.log")
    whole = path.stat().st_size
    peer.publish("q", b"cut off", properties=PERSISTENT)
    store.write()
    store.close()
    data = path.read_bytes()
    for end in range(whole, len(data)):
        path.write_bytes(data[:end])
        later, again = opened(tmp_path)
        assert later.vhosts["/"].queues["q"].ready == 1, end
        again.close()
        for other in set(tmp_path.glob("*.log")) - {path}:
            other.unlink()


def test_a_changed_byte_stops_the_start(tmp_path: Path) -> None:
    broker, store = opened(tmp_path)
    peer = Peer(broker).connect()
    peer.declare("q", durable=True)
    store.write()
    (path,) = tmp_path.glob("*.log")
    at = path.stat().st_size
    for body in (b"one", b"two"):
        peer.publish("q", body, properties=PERSISTENT)
        store.write()
    store.close()
    data = bytearray(path.read_bytes())
    data[at + 20] ^= 0x01
    path.write_bytes(bytes(data))
    told = rf"{path.name} is damaged at byte {at} of {len(data)}.*stend up --fresh"
    with pytest.raises(DamagedJournalError, match=told):
        opened(tmp_path)


def test_old_segments_go_and_nothing_that_lives_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "SEGMENT_BYTES", 2_000)
    broker, store = opened(tmp_path)
    peer = Peer(broker).connect()
    peer.declare("q", durable=True)
    peer.publish("q", b"stays", properties=PERSISTENT)
    peer.get("q")
    for number in range(300):
        peer.declare("other", durable=True)
        peer.publish("other", b"%d" % number * 50, properties=PERSISTENT)
        assert peer.get("other", no_ack=True) is not None
        store.write()
        store.synced(broker.journal.position - 1)
    assert len(list(tmp_path.glob("*.log"))) <= store_module.MAX_SEGMENTS + 2

    broker, store = restarted(tmp_path, store)
    peer = Peer(broker).connect()
    assert peer.get("q") == b"stays"
    assert peer.last.redelivered is True
    assert broker.vhosts["/"].queues["other"].ready == 0
    store.close()


def test_a_transaction_is_one_batch(tmp_path: Path) -> None:
    broker, store = opened(tmp_path)
    peer = Peer(broker).connect()
    peer.declare("q", durable=True)
    peer.call(commands.Tx.Select)
    store.write()
    (path,) = tmp_path.glob("*.log")
    before = path.stat().st_size
    for number in range(5):
        peer.publish("q", b"%d" % number, properties=PERSISTENT)
    assert broker.vhosts["/"].queues["q"].ready == 0
    peer.call(commands.Tx.Commit)
    store.write()
    store.close()
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    later, store = opened(tmp_path)
    assert later.vhosts["/"].queues["q"].ready == 0
    store.close()
    assert before < len(data)


def test_the_end_of_a_queue_is_the_end_of_its_messages(tmp_path: Path) -> None:
    broker, store = opened(tmp_path)
    peer = Peer(broker).connect()
    for _ in range(2):
        peer.declare("q", durable=True)
        peer.publish("q", b"gone", properties=PERSISTENT)
        kind = commands.Queue.Delete
        peer.call(kind, ticket=0, queue="q", if_unused=False, if_empty=False, nowait=False)
    peer.declare("q", durable=True)
    broker, store = restarted(tmp_path, store)
    assert broker.vhosts["/"].queues["q"].ready == 0
    assert broker.memory_bytes == 0
    assert broker.journal.live_bytes == 0
    store.close()

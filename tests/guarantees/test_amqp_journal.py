"""What the AMQP broker makes of a journal that a crash cut off, or that somebody has changed."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pika.exceptions import AMQPError

from stend.engines.amqp.launcher import AmqpConfig, AmqpLauncher
from tests.engines.amqp.running import broker_of, config_in, running
from tests.guarantees.amqp_traffic import (
    AUDIT,
    ORDERS,
    channel_to,
    declare,
    emptied,
    publish,
)
from tests.guarantees.killing import kill
from tests.waiting import until

pytestmark = pytest.mark.slow
_MESSAGES = 30
_IDS = [f"m{number}" for number in range(_MESSAGES)]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose broker was killed after thirty confirmed messages, one batch each."""
    config = config_in(tmp_path_factory.mktemp("killed"))
    with running(config) as launcher, channel_to(config) as channel:
        declare(channel)
        channel.confirm_delivery()
        for message_id in _IDS:
            publish(channel, message_id, f"{message_id} ".encode().ljust(40, b"."))
        kill(broker_of(config), launcher)
    return config.home


@pytest.fixture
def config(tmp_path: Path, killed: Path) -> AmqpConfig:
    """A copy of that home."""
    config = config_in(tmp_path)
    shutil.copytree(killed, config.home)
    return config


def last_segment(config: AmqpConfig) -> Path:
    return max((config.home / "journal").glob("journal-*.log"))


def kept(config: AmqpConfig, queue: str = ORDERS) -> list[str]:
    """What is in the queue, which is left as it is."""
    return list(emptied(config, queue, kept=_MESSAGES).times)


@contextlib.contextmanager
def refused(config: AmqpConfig) -> Iterator[list[str]]:
    """Starts a broker that must not start; afterwards the list has its reason."""
    told: list[str] = []
    launcher = AmqpLauncher(config)
    launcher.launch()
    try:
        yield told
        told.append(until(launcher.failure) or "")
    finally:
        launcher.stop()


@pytest.mark.parametrize("lost_bytes", [1, 7, 60, 100])
def test_a_batch_that_was_cut_off_is_forgotten_and_the_rest_is_there(
    config: AmqpConfig, lost_bytes: int
) -> None:
    segment = last_segment(config)
    data = segment.read_bytes()
    segment.write_bytes(data[:-lost_bytes])
    with running(config):
        assert kept(config) == _IDS[:-1]
        assert kept(config, AUDIT) == _IDS[:-1]


def test_a_cut_off_batch_stays_harmless_in_the_starts_after(config: AmqpConfig) -> None:
    segment = last_segment(config)
    segment.write_bytes(segment.read_bytes()[:-3])
    for _ in range(3):
        with running(config) as launcher:
            assert kept(config) == _IDS[:-1]
            kill(broker_of(config), launcher)


def test_cut_off_anywhere_it_keeps_a_beginning(config: AmqpConfig, tmp_path: Path) -> None:
    whole = last_segment(config).read_bytes()
    untouched = tmp_path / "untouched"
    shutil.copytree(config.home, untouched)
    held: list[int] = []
    for share in (0.99, 0.9, 0.7, 0.5):
        shutil.rmtree(config.home)
        shutil.copytree(untouched, config.home)
        last_segment(config).write_bytes(whole[: int(len(whole) * share)])
        with running(config):
            found = kept(config)
        assert found == _IDS[: len(found)]
        held.append(len(found))
    assert held == sorted(held, reverse=True)
    assert 0 < held[-1] < held[0] < _MESSAGES


@pytest.mark.parametrize("share", [0.3, 0.7])
@pytest.mark.parametrize("nudge", range(0, 16, 5))
def test_a_changed_byte_stops_the_start_and_is_named(
    config: AmqpConfig, share: float, nudge: int
) -> None:
    segment = last_segment(config)
    data = bytearray(segment.read_bytes())
    at = int(len(data) * share) + nudge
    data[at] ^= 0x40
    segment.write_bytes(data)
    with refused(config) as told:
        pass
    named = re.search(rf"{segment.name} is damaged at byte (\d+) of {len(data)}", told[0])
    assert named, told
    assert 0 <= at - int(named[1]) < len(data) / _MESSAGES * 2
    assert segment.read_bytes() == data


@pytest.mark.parametrize("octet", range(8))
def test_a_changed_length_or_checksum_stops_the_start(config: AmqpConfig, octet: int) -> None:
    """Most of all a length: what stands behind it must not be taken for cut off."""
    segment = last_segment(config)
    data = bytearray(segment.read_bytes())
    at = len(data) // 2 + data[len(data) // 2 :].index(b"m20 ")
    # The batch of the next message begins after this body.
    start = at + 40
    data[start + octet] ^= 0x01
    segment.write_bytes(data)
    with refused(config) as told:
        pass
    assert f"{segment.name} is damaged at byte {start} of {len(data)}" in told[0]


def test_what_is_no_journal_stops_the_start(config: AmqpConfig) -> None:
    (config.home / "journal" / "journal-00000001.log").write_bytes(b"this is no journal")
    with refused(config) as told:
        pass
    assert "journal-00000001.log is damaged at byte 0" in told[0]


def test_a_transaction_in_a_torn_batch_is_gone_whole(config: AmqpConfig) -> None:
    with running(config) as launcher, channel_to(config) as channel:
        channel.tx_select()
        for number in range(10):
            publish(channel, f"tx{number}", b"x" * 40)
        channel.tx_commit()
        kill(broker_of(config), launcher)
        with contextlib.suppress(AMQPError):
            channel.close()
    segment = last_segment(config)
    segment.write_bytes(segment.read_bytes()[:-1])
    with running(config):
        assert kept(config) == _IDS

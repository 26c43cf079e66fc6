"""What the broker knows by key: whole after a crash, or not there; damage stops the start."""

import pytest

from stend.engines.kafka.barrier import Barrier
from stend.engines.kafka.journal import NAME, DamagedJournalError, Journal
from stend.wire.kafka.codec import Fields
from tests.fakes.volume import MemoryVolume


def opened(volume: MemoryVolume) -> Journal:
    return Journal(volume, Barrier())


def content(volume: MemoryVolume) -> bytes:
    file = volume.open(NAME)
    return file.read(0, file.size)


def replaced(data: bytes) -> MemoryVolume:
    volume = MemoryVolume()
    volume.write(NAME, data)
    return volume


@pytest.fixture
def written() -> bytes:
    """Two batches."""
    volume = MemoryVolume()
    journal = opened(volume)
    journal.put("a", {"n": 1})
    journal.put("b", {"n": 2})
    journal.write()
    journal.put("a", None)
    journal.put("c", {"n": 3})
    journal.write()
    return content(volume)


def test_the_last_value_holds(written: bytes) -> None:
    journal = opened(replaced(written))
    assert journal.values == {"b": {"n": 2}, "c": {"n": 3}}
    assert list(journal.under("b")) == [("", {"n": 2})]


def test_cut_off_anywhere_a_batch_is_whole_or_absent(written: bytes) -> None:
    seen: list[dict[str, Fields]] = []
    for size in range(len(written) + 1):
        volume = replaced(written[:size])
        journal = opened(volume)
        if not seen or seen[-1] != journal.values:
            seen.append(dict(journal.values))
        # What was cut off is gone: what comes next stands right behind what is whole.
        journal.put("d", {"n": 4})
        journal.write()
        assert opened(volume).values == {**seen[-1], "d": {"n": 4}}
    assert seen == [{}, {"a": {"n": 1}, "b": {"n": 2}}, {"b": {"n": 2}, "c": {"n": 3}}]


def test_zeros_behind_what_is_whole_were_never_written(written: bytes) -> None:
    journal = opened(replaced(written + bytes(700)))
    assert journal.values == {"b": {"n": 2}, "c": {"n": 3}}


def test_a_changed_byte_in_what_is_not_last_stops_the_start(written: bytes) -> None:
    first = len(written) // 2 - 10
    for at in range(first):
        damaged = bytearray(written)
        damaged[at] ^= 0x55
        with pytest.raises(DamagedJournalError, match="damaged at byte 0"):
            opened(replaced(bytes(damaged)))


def test_it_is_written_anew_when_little_of_it_lives() -> None:
    volume = MemoryVolume()
    journal = opened(volume)
    for number in range(3000):
        journal.put("offset", {"n": number, "filler": "x" * 1000})
        journal.write()
    assert len(content(volume)) < 1_200_000
    journal.put("more", {"n": 1})
    journal.write()
    assert opened(volume).values == {
        "offset": {"n": 2999, "filler": "x" * 1000},
        "more": {"n": 1},
    }

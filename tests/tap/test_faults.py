"""Faults: refused where they make no sense, reverted by themselves, felt where they were set."""

import pytest

from stend.kit.errors import StendError
from stend.tap.disturb.catalogue import KINDS
from stend.tap.faults import FAULTS_LIMIT, Edge, Wanted
from stend.wire.decoding import Direction
from tests.fakes.wire import BANK, DATABASE, SHOP, FakeWire
from tests.waiting import until_async

ANYWHERE = Edge("*", "*")


@pytest.fixture
async def world() -> FakeWire:
    return FakeWire()


async def test_a_fault_is_felt_on_its_edge_only(world: FakeWire) -> None:
    world.faults.set(Wanted("latency", Edge("orders", "payments")))
    assert len(world.faults.chain_for(world.opened(BANK))) == 1
    assert (
        len(world.faults.chain_for(world.opened(SHOP)))
        == len(world.faults.chain_for(world.opened(DATABASE)))
        == 0
    )
    world.faults.set(Wanted("latency", Edge("orders", "*")))
    assert len(world.faults.chain_for(world.opened(BANK))) == 2
    assert len(world.faults.chain_for(world.opened(DATABASE))) == 1


async def test_it_tells_what_is_set_and_with_which_seed(world: FakeWire) -> None:
    fault = world.faults.set(Wanted("latency", ANYWHERE, {"latency_ms": 5}, duration_s=10))
    assert world.faults.active() == (fault,)
    assert fault.numbers == {"latency_ms": 5, "jitter_ms": 0}
    assert 0 <= fault.seed < 2**31
    assert (fault.ends_at - fault.set_at).total_seconds() == 10
    assert world.faults.set(Wanted("latency", ANYWHERE, seed=7)).seed == 7


async def test_it_reverts_by_itself_and_tells(world: FakeWire) -> None:
    told: list[int] = []
    world.faults.on_change.append(lambda: told.append(len(world.faults.active())))
    world.faults.set(Wanted("refuse", ANYWHERE, duration_s=0.01))
    await until_async(lambda: told == [1, 0])
    assert world.faults.chain_for(world.opened(BANK)) == {}


async def test_clearing_is_once(world: FakeWire) -> None:
    fault = world.faults.set(Wanted("refuse", ANYWHERE))
    assert world.faults.clear(fault.id)
    assert not world.faults.clear(fault.id)
    world.faults.set(Wanted("refuse", ANYWHERE))
    world.faults.set(Wanted("cut", ANYWHERE))
    assert world.faults.clear_all() == 2
    assert world.faults.active() == ()


async def test_a_probability_strikes_that_share_of_connections(world: FakeWire) -> None:
    world.faults.set(Wanted("refuse", ANYWHERE, probability=0.3, seed=1))

    def struck_of_thousand() -> int:
        found = [world.faults.chain_for(world.opened(BANK)) for _ in range(1000)]
        return sum(one is not None for chain in found for one in chain.values())

    struck = struck_of_thousand()
    assert 250 < struck < 350
    world.faults.clear_all()
    world.faults.set(Wanted("refuse", ANYWHERE, probability=0.3, seed=1))
    assert struck_of_thousand() == struck


async def test_what_was_decided_of_a_connection_stays_when_other_faults_change(
    world: FakeWire,
) -> None:
    world.faults.set(Wanted("refuse", ANYWHERE, probability=0.5, seed=1))
    connections = [world.opened(BANK) for _ in range(50)]
    first = [world.faults.chain_for(one) for one in connections]
    world.faults.set(Wanted("latency", ANYWHERE))
    pairs = zip(connections, first, strict=True)
    for before, now in ((one, world.faults.chain_for(at, one)) for at, one in pairs):
        assert now["f1"] is before["f1"]
        assert now["f2"] is not None


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted("earthquake", ANYWHERE), "no such kind"),
        (Wanted("latency", Edge("orders", "nobody")), "No tap stands on this edge"),
        (Wanted("latency", ANYWHERE, {"speed": 1}), "no such parameter"),
        (Wanted("refuse", ANYWHERE, {"speed": 1}), "no such parameter"),
        (Wanted("latency", ANYWHERE, {"latency_ms": -1}), "out of its bounds"),
        (Wanted("latency", ANYWHERE, {"latency_ms": float("nan")}), "out of its bounds"),
        (Wanted("latency", ANYWHERE, probability=0), "probability is out"),
        (Wanted("latency", ANYWHERE, probability=1.5), "probability is out"),
        (Wanted("latency", ANYWHERE, duration_s=0), "duration is out"),
        (Wanted("latency", ANYWHERE, duration_s=10**6), "duration is out"),
    ],
)
async def test_what_makes_no_sense_is_refused(world: FakeWire, wanted: Wanted, said: str) -> None:
    with pytest.raises(StendError, match=said):
        world.faults.set(wanted)
    assert world.faults.active() == ()


async def test_there_are_so_many_at_once_and_no_more(world: FakeWire) -> None:
    for _ in range(FAULTS_LIMIT):
        world.faults.set(Wanted("latency", ANYWHERE))
    with pytest.raises(StendError, match="are set already"):
        world.faults.set(Wanted("latency", ANYWHERE))
    world.faults.clear_all()


def test_every_kind_says_what_it_does_in_both_languages() -> None:
    for kind in KINDS.values():
        texts = [kind.title, kind.text, *(one.text for one in kind.parameters)]
        assert all(any("а" <= letter <= "я" for letter in one.ru.lower()) for one in texts)
        assert all(one.en.isascii() for one in texts)
        assert all(one.least <= one.default <= one.most for one in kind.parameters)


async def test_nothing_is_left_behind_by_many(world: FakeWire) -> None:
    for _ in range(1000):
        world.faults.clear(world.faults.set(Wanted("latency", ANYWHERE, duration_s=3600)).id)
    assert world.faults._timers == {}


async def test_reading_what_was_said_before_stops_nobody(world: FakeWire) -> None:
    """Open connections are told of the fault when all of it is read, a little at a time."""
    connection = world.opened(BANK)
    request = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    for _ in range(300):
        world.said(connection, Direction.TO_SERVER, request)
        world.said(connection, Direction.TO_CLIENT, b"HTTP/1.1 204 No Content\r\n\r\n")
    turns: list[int] = []
    world.faults.on_change.append(lambda: turns.append(len(turns)))
    world.faults.set(Wanted("http_status", ANYWHERE))
    assert turns == []
    await until_async(lambda: bool(turns))
    assert len(list(world.reading.all())) == 300
    # What knows bytes only has nothing to find out.
    world.faults.set(Wanted("latency", ANYWHERE))
    assert len(turns) == 2


async def test_a_fault_that_is_cleared_while_it_finds_out_is_not_told_of(world: FakeWire) -> None:
    connection = world.opened(BANK)
    for _ in range(300):
        world.said(connection, Direction.TO_SERVER, b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
    told: list[int] = []
    world.faults.on_change.append(lambda: told.append(len(world.faults.active())))
    world.faults.clear(world.faults.set(Wanted("http_status", ANYWHERE)).id)
    assert told == [0]

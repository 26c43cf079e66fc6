"""What a fault remembers of answers that do not come has a bound, and the order outlasts it."""

from collections.abc import Iterator

import pytest

from stend.tap.disturb.messages import AnsweringFault
from tests.tap.disturb.talking import Talk
from tests.tap.disturb.test_redis import GET, READONLY, SET

# Beyond what a fault remembers of a connection.
MANY = 9_000
NOTE = "too many answers are due: until they have come, requests pass"


@pytest.fixture
def talk() -> Iterator[Talk]:
    made = Talk("redis")
    yield made
    made.close()


def value(number: int) -> bytes:
    return b":%d\r\n" % number


def test_requests_pass_while_too_many_answers_are_due(talk: Talk) -> None:
    talk.set("redis_readonly")
    talk.up(SET + GET * MANY + SET)
    assert talk.to_server == GET * MANY + SET
    assert (talk.struck, talk.to_client) == (1, READONLY)
    assert talk.ends.notes.count(NOTE) == 1


def test_the_fault_strikes_again_when_all_that_is_due_has_come(talk: Talk) -> None:
    talk.set("redis_readonly")
    talk.up(GET * MANY + SET)
    talk.down(b"".join(map(value, range(MANY))))
    # The answer to the SET that has passed is due.
    talk.up(SET)
    assert talk.struck == 1
    assert not talk.to_client.endswith(READONLY)
    talk.down(b"+OK\r\n")
    assert talk.to_client == b"".join([*map(value, range(MANY)), b"+OK\r\n", READONLY])


def test_answers_of_the_fault_count_and_keep_their_order(talk: Talk) -> None:
    talk.set("redis_readonly")
    talk.up(GET + SET * MANY + GET)
    passed = talk.to_server.count(SET)
    assert talk.struck + passed == MANY
    assert 0 < passed < MANY
    talk.down(value(1) + b"+OK\r\n" * passed + value(2))
    assert talk.to_client == value(1) + READONLY * talk.struck + b"+OK\r\n" * passed + value(2)
    talk.clear()
    assert talk.line.is_idle


def test_a_lifted_fault_leaves_when_its_last_answer_has_gone(talk: Talk) -> None:
    talk.set("redis_readonly")
    talk.up(GET + SET)
    talk.clear()
    talk.up(GET * MANY)
    was_idle = talk.line.is_idle
    talk.down(value(1))
    assert talk.to_client == value(1) + READONLY
    assert (was_idle, talk.line.is_idle) == (False, True)
    assert NOTE not in talk.ends.notes


def test_a_server_that_never_answers_costs_a_fault_nothing_more(talk: Talk) -> None:
    talk.set("redis_readonly")
    talk.up(GET * MANY)
    fault = talk._active["f1"]
    assert isinstance(fault, AnsweringFault)
    remembered = len(fault._due)
    talk.up(GET * MANY)
    assert len(fault._due) == remembered < MANY
    assert not fault.is_needed

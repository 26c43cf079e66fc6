"""Timers: each at its moment, the last word counts, and replies leave after the turn."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.engines.kafka.groups.outbox import Outbox
from stend.engines.kafka.groups.timers import Timers
from stend.wire.kafka.codec import Fields

steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 3), st.integers(0, 20)),
        st.tuples(st.just("cancel"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("run"), st.integers(0, 10), st.just(0)),
    ),
    max_size=60,
)


@given(steps)
def test_what_is_due_is_done_once(taken: list[tuple[str, int, int]]) -> None:
    timers = Timers()
    due: dict[int, int] = {}
    done: list[int] = []

    def action(key: int) -> Callable[[], None]:
        return lambda: done.append(key)

    for step, key, delay in taken:
        if step == "set":
            timers.set(key, delay, action(key))
            due[key] = timers.now_ms + delay
        elif step == "cancel":
            timers.cancel(key)
            due.pop(key, None)
        else:
            done.clear()
            timers.run(timers.now_ms + key)
            expected = {each: at for each, at in due.items() if at <= timers.now_ms}
            assert sorted(done) == sorted(expected)
            assert [expected[each] for each in done] == sorted(expected.values())
            due = {each: at for each, at in due.items() if each not in expected}
        assert timers.next_moment_ms() == min(due.values(), default=None)


def test_a_timer_put_off_a_million_times_takes_no_room() -> None:
    timers = Timers()
    for now_ms in range(0, 1_000_000, 100):
        timers.run(now_ms)
        timers.set("session", 10_000, lambda: pytest.fail("it was put off"))
    assert len(timers._heap) < 10


def test_an_action_may_set_what_is_due_at_once() -> None:
    timers = Timers()
    done: list[str] = []
    timers.set("a", 5, lambda: timers.set("b", 0, lambda: done.append("b")))
    timers.run(5)
    assert done == ["b"]
    assert timers.next_moment_ms() is None


def test_replies_are_sent_after_the_turn_in_order() -> None:
    outbox = Outbox()
    sent: list[int] = []

    def reply(fields: Fields) -> None:
        sent.append(fields["number"])
        if fields["number"] == 1:
            # The next request of this client comes in at once.
            with outbox.turn():
                outbox.add(reply, {"number": 3})

    with outbox.turn():
        outbox.add(reply, {"number": 1})
        with outbox.turn():
            outbox.add(reply, {"number": 2})
        assert sent == []
    assert sent == [1, 2, 3]

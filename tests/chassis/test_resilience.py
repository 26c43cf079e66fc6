"""Retries, their budget, the breaker and the bulkhead, in virtual time."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.chassis.metrics import REGISTRY
from stend.chassis.resilience import MEANINGS, RETRYABLE, GuardPolicy, Meaning, PeerGuard
from stend.kit.errors import EdgeErrorCode, StendError
from tests.virtual_time import run

POLICY = GuardPolicy()
PATIENT = replace(POLICY, least_outcomes=10_000)


class DomainCode(StrEnum):
    NO = "no"


class Peer:
    """Answers with what it was told, then with the last of it for ever."""

    def __init__(self, *answers: StrEnum | None, takes_s: float = 0) -> None:
        self._answers = answers
        self._takes_s = takes_s
        self.asked_at: list[float] = []
        self.limits_s: list[float] = []
        self.at_once = 0
        self.most_at_once = 0

    async def __call__(self, timeout_s: float) -> str:
        self.asked_at.append(asyncio.get_running_loop().time())
        self.limits_s.append(timeout_s)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self._takes_s)
        finally:
            self.at_once -= 1
        code = self._answers[min(len(self.asked_at), len(self._answers)) - 1]
        if code is not None:
            raise StendError(code, "No.")
        return "done"


def guard(policy: GuardPolicy = PATIENT, jitter: float = 0.999) -> PeerGuard:
    return PeerGuard("orders", "bank", policy, lambda: jitter)


async def outcome(call: Awaitable[str]) -> str:
    try:
        return await call
    except StendError as error:
        return error.code


async def outcomes(times: int, caller: PeerGuard, peer: Peer, deadline_s: float = 10) -> list[str]:
    return [await outcome(caller.call("Pay", peer, deadline_s)) for _ in range(times)]


def test_every_code_of_the_edge_has_a_meaning() -> None:
    assert set(MEANINGS) == set(EdgeErrorCode)
    passing = {
        EdgeErrorCode.UNAVAILABLE,
        EdgeErrorCode.OVERLOADED,
        EdgeErrorCode.DEADLINE_EXCEEDED,
    }
    assert passing == RETRYABLE


# ---- retries -----------------------------------------------------------------------------------


def test_a_transient_error_is_retried_until_it_passes() -> None:
    peer = Peer(EdgeErrorCode.UNAVAILABLE, EdgeErrorCode.OVERLOADED, None)
    assert run(guard().call("Pay", peer, 10)) == "done"
    assert peer.asked_at == pytest.approx([0, 0.0999, 0.0999 + 0.1998])


@pytest.mark.parametrize(
    "code", [DomainCode.NO, *(c for c in MEANINGS if MEANINGS[c] is not Meaning.TRANSIENT)]
)
def test_an_answer_is_not_asked_for_twice(code: StrEnum) -> None:
    peer = Peer(code)
    assert run(outcome(guard().call("Pay", peer, 10))) == code
    assert len(peer.asked_at) == 1


def test_the_last_error_is_told_when_the_attempts_are_used_up() -> None:
    peer = Peer(EdgeErrorCode.UNAVAILABLE, EdgeErrorCode.OVERLOADED)
    assert run(outcome(guard().call("Pay", peer, 60))) == EdgeErrorCode.OVERLOADED
    assert len(peer.asked_at) == POLICY.attempts


def test_what_must_not_be_repeated_is_asked_once() -> None:
    peer = Peer(EdgeErrorCode.UNAVAILABLE)
    call = guard().call("Pay", peer, 10, retryable=())
    assert run(outcome(call)) == EdgeErrorCode.UNAVAILABLE
    assert len(peer.asked_at) == 1


@given(st.floats(0, 1, exclude_max=True))
def test_pauses_are_drawn_from_the_whole_range(drawn: float) -> None:
    peer = Peer(EdgeErrorCode.UNAVAILABLE)
    policy = replace(PATIENT, attempts=8, longest_pause_s=1.0)
    run(outcome(guard(policy, drawn).call("Pay", peer, 60)))
    pauses = [b - a for a, b in zip(peer.asked_at, peer.asked_at[1:], strict=False)]
    most = [0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0]
    assert pauses == pytest.approx([drawn * one for one in most], abs=1e-9)


def test_a_bug_is_no_reason_to_retry() -> None:
    asked = []

    async def buggy(timeout_s: float) -> str:
        asked.append(timeout_s)
        raise KeyError("x")

    with pytest.raises(KeyError):
        run(guard().call("Pay", buggy, 10))
    assert len(asked) == 1


# ---- deadlines ---------------------------------------------------------------------------------


@pytest.mark.parametrize("deadline_s", [0.05, 0.5, 1.0, 3.0, 7.5])
def test_no_call_outlasts_its_deadline(deadline_s: float) -> None:
    async def took() -> float:
        began = asyncio.get_running_loop().time()
        assert await outcome(guard().call("Pay", Peer(None, takes_s=100), deadline_s)) == (
            EdgeErrorCode.DEADLINE_EXCEEDED
        )
        return asyncio.get_running_loop().time() - began

    assert run(took()) <= deadline_s + 1e-6


def test_each_attempt_is_told_the_time_it_has() -> None:
    peer = Peer(None, takes_s=100)
    run(outcome(guard(jitter=0).call("Pay", peer, 5)))
    assert peer.limits_s == pytest.approx([2, 2, 1])


def test_nobody_waits_for_an_attempt_that_would_come_too_late() -> None:
    async def took() -> float:
        await outcome(guard().call("Pay", Peer(EdgeErrorCode.UNAVAILABLE), 0.09))
        return asyncio.get_running_loop().time()

    assert run(took()) == 0


# ---- the budget --------------------------------------------------------------------------------


def test_a_dead_peer_gets_a_tenth_of_extra_load_at_most() -> None:
    peer = Peer(EdgeErrorCode.UNAVAILABLE)
    calls = 1000

    async def load() -> None:
        await outcomes(calls, guard(), peer, 60)

    run(load())
    extra = len(peer.asked_at) - calls
    assert calls * POLICY.retry_share * 0.9 <= extra
    assert extra <= calls * POLICY.retry_share + POLICY.retry_burst


# ---- the breaker -------------------------------------------------------------------------------


def test_a_failing_peer_is_left_alone_until_one_call_finds_it_well() -> None:
    peer = Peer(*[EdgeErrorCode.UNAVAILABLE] * POLICY.least_outcomes, None, takes_s=0.1)

    async def story() -> None:
        caller = guard(replace(POLICY, attempts=1))
        await outcomes(POLICY.least_outcomes, caller, peer)
        assert await outcomes(3, caller, peer) == [EdgeErrorCode.UNAVAILABLE] * 3
        assert len(peer.asked_at) == POLICY.least_outcomes
        await asyncio.sleep(POLICY.open_s)
        # One call tries; those beside it are still refused.
        together = await asyncio.gather(*(outcomes(1, caller, peer) for _ in range(5)))
        assert sorted(code for codes in together for code in codes) == [
            "done",
            *[EdgeErrorCode.UNAVAILABLE] * 4,
        ]
        assert await outcomes(3, caller, peer) == ["done"] * 3

    run(story())


def test_a_trial_that_fails_opens_the_circuit_anew() -> None:
    peer = Peer(EdgeErrorCode.INTERNAL)

    async def story() -> None:
        caller = guard(POLICY)
        await outcomes(POLICY.least_outcomes, caller, peer)
        await asyncio.sleep(POLICY.open_s)
        seen = await outcomes(2, caller, peer)
        assert seen == [EdgeErrorCode.INTERNAL, EdgeErrorCode.UNAVAILABLE]

    run(story())


def test_answers_never_open_the_circuit() -> None:
    peer = Peer(DomainCode.NO)
    calls = POLICY.window * 2

    run(outcomes(calls, guard(POLICY), peer))
    assert len(peer.asked_at) == calls


def test_a_caller_who_goes_away_tells_nothing_about_the_peer() -> None:
    slow, well = Peer(None, takes_s=1), Peer(None)

    async def story() -> None:
        caller = guard(POLICY)
        for _ in range(POLICY.window):
            task = asyncio.create_task(caller.call("Pay", slow, 10))
            await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert await caller.call("Pay", well, 10) == "done"

    run(story())
    assert slow.at_once == 0


# ---- the bulkhead ------------------------------------------------------------------------------


def test_only_so_many_are_under_way_and_only_so_many_wait() -> None:
    peer = Peer(None, takes_s=1)
    policy = replace(PATIENT, places=2, queue=3)

    async def story() -> list[str]:
        caller = guard(policy)
        calls = (outcome(caller.call("Pay", peer, 10)) for _ in range(8))
        return await asyncio.gather(*calls)

    together = run(story())
    assert sorted(together) == ["done"] * 5 + [EdgeErrorCode.OVERLOADED] * 3
    assert peer.most_at_once == policy.places


def test_who_waits_in_vain_is_told_so_at_the_deadline() -> None:
    peer = Peer(None, takes_s=2)

    async def story() -> tuple[str, float]:
        caller = guard(replace(PATIENT, places=1, attempt_timeout_s=5))
        first = asyncio.create_task(caller.call("Pay", peer, 10))
        await asyncio.sleep(0)
        second = await outcome(caller.call("Pay", peer, 1))
        waited_s = asyncio.get_running_loop().time()
        await first
        assert await caller.call("Pay", peer, 10) == "done"
        return second, waited_s

    code, waited_s = run(story())
    assert code == EdgeErrorCode.OVERLOADED
    assert waited_s == pytest.approx(1)


# ---- numbers -----------------------------------------------------------------------------------


def test_every_attempt_is_counted_with_its_outcome() -> None:
    caller = PeerGuard("orders", "counted", PATIENT, lambda: 0.0)
    run(caller.call("Pay", Peer(EdgeErrorCode.UNAVAILABLE, None), 10))
    counted = {
        code: REGISTRY.get_sample_value(
            "shop_client_calls_total",
            {"service": "orders", "peer": "counted", "operation": "Pay", "code": code},
        )
        for code in ("unavailable", "ok")
    }
    assert counted == {"unavailable": 1, "ok": 1}

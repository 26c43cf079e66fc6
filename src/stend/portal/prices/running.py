"""One call over several protocols at once, each with a trace of its own and watched on the wire."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from stend.kit.ids import Ids
from stend.portal.callers import Lender
from stend.portal.calls import Outcome, perform
from stend.portal.draft import KEY_FIELD, Draft
from stend.portal.prices.finding import Found, Window, find
from stend.portal.prices.pricing import Price, price_of
from stend.portal.wire import Wire
from stend.tap.recording import Recording

# What belongs to a call and comes when its result is there already: the acknowledgement of a reply.
_SETTLING_S = 0.03
_NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """
    Attributes:
        found, price: None where nothing of it was recorded.
    """

    draft: Draft
    outcome: Outcome
    found: Found | None = None
    price: Price | None = None


class Watch:
    """The time of a call by the clock of the recording; None until it has begun and ended."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self.began_ns: int | None = None
        self.ended_ns: int | None = None

    def __enter__(self) -> None:
        self.began_ns = self._recording.now_ns()

    def __exit__(self, *_: object) -> None:
        self.ended_ns = self._recording.now_ns()


def drafts_of(draft: Draft, others: Iterable[str], ids: Ids, *, same_key: bool) -> list[Draft]:
    """The same call over each protocol; a key of its own for each, or they would be replays."""
    return [draft, *(_over(draft, one, ids, same_key) for one in others if one != draft.protocol)]


def _over(draft: Draft, protocol: str, ids: Ids, same_key: bool) -> Draft:
    inputs = tuple(
        replace(one, text=ids.ulid()) if one.field.path == KEY_FIELD and not same_key else one
        for one in draft.inputs
    )
    return replace(draft, protocol=protocol, inputs=inputs)


async def run_all(
    drafts: Iterable[Draft], lender: Lender, authorization: str | None, wire: Wire
) -> list[Run]:
    """All of them at once, in their order."""
    return await asyncio.gather(*(_run(one, lender, authorization, wire) for one in drafts))


async def _run(draft: Draft, lender: Lender, authorization: str | None, wire: Wire) -> Run:
    reading = wire.reading
    watch = Watch(reading.recording)
    outcome = await perform(draft, lender, authorization, watch)
    if not wire.is_on or watch.began_ns is None or watch.ended_ns is None:
        return Run(draft, outcome)
    await asyncio.sleep(_SETTLING_S)
    reading.advance()
    ended = watch.ended_ns + int(_SETTLING_S * _NS_PER_S)
    window = Window(draft.protocol, watch.began_ns, ended, outcome.trace_id)
    found = find(reading, window)
    return Run(draft, outcome, found, price_of(reading, found, window) if found else None)

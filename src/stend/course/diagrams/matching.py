"""Finds the arrows of one scenario in one trace."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from stend.course.diagrams import differences as told
from stend.course.diagrams.differences import Difference
from stend.course.diagrams.drawn import Drawn
from stend.course.diagrams.expectation import Expected, Happened, Hop, answer_to
from stend.course.diagrams.model import Arrow
from stend.course.diagrams.observed import Observed


class Matching:
    """
    Args:
        arrows: of the scenario.
        there: participants that the diagram has at all: what others send is not missed twice.
    """

    def __init__(
        self,
        arrows: Sequence[Drawn],
        happened: Happened,
        expected: Expected,
        there: frozenset[str],
    ) -> None:
        self._arrows = arrows
        self._happened = happened
        self._expected = expected
        self._there = there
        self._pairs: list[tuple[Drawn, Observed]] = []
        self._turned: set[Hop] = set()
        self._seen: dict[Hop, list[Drawn]] = {}
        # Calls drawn so far that have no reply yet.
        self._waiting: list[Drawn] = []
        self._observed_of: dict[int, Observed] = {}
        self._found = [one for arrow in arrows if (one := self._place(arrow))]

    @property
    def hops(self) -> frozenset[Hop]:
        """Those of the trace that are drawn."""
        return frozenset(self._seen)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        return (*self._found, *self._missing(), *self._kinds(), *self._order())

    # ---- one arrow -----------------------------------------------------------------------------

    def _place(self, one: Drawn) -> Difference | None:
        hop = self._hop(one)
        if hop is not None and hop in self._happened.hops:
            return self._pair(one, hop)
        if one.arrow is Arrow.REPLY:
            return self._reply(one)
        if self._is_let_pass(one):
            return None
        if hop is not None:
            turned = Hop(hop.target, hop.source, hop.operation)
            if turned in self._happened.hops:
                self._turned.add(turned)
                return told.wrong_direction(turned, one.line)
        return told.invented_hop(str(one), one.line, hop, self._known(one))

    def _pair(self, one: Drawn, hop: Hop) -> Difference | None:
        times = self._happened.hops[hop]
        drawn_before = self._seen.setdefault(hop, [])
        seen = len(drawn_before)
        drawn_before.append(one)
        if one.arrow is not Arrow.REPLY:
            self._waiting.append(one)
        else:
            self._answer(one)
        if seen < len(times):
            self._pairs.append((one, times[seen]))
            self._observed_of[one.at] = times[seen]
            return None
        is_free = one.is_repeated or hop.operation in self._expected.tolerance.repeated
        return None if is_free else told.repeated_hop(hop, one.line, len(times))

    def _reply(self, one: Drawn) -> Difference | None:
        call = self._answer(one)
        if call is None:
            if self._is_let_pass(one):
                return None
            return told.reply_to_nothing(str(one), one.line)
        seen = self._observed_of.get(call.at)
        if seen is not None and (reply := self._happened.replies.get(seen.number)) is not None:
            self._pairs.append((one, reply))
        return None

    def _answer(self, one: Drawn) -> Drawn | None:
        """The last call that waits for this reply; it waits no longer."""
        for call in reversed(self._waiting):
            if (call.source, call.target) == (one.target, one.source):
                self._waiting.remove(call)
                return call
        return None

    def _is_let_pass(self, one: Drawn) -> bool:
        """With whoever may be left out anything may be said, if they talk, or nothing is known.

        So may an operation that may be left out, of which the trace knows nothing.
        """
        loose = self._expected.tolerance.participants & {one.source, one.target}
        if loose:
            talks = {frozenset((arrow.source, arrow.target)) for arrow in self._happened.arrows}
            is_known = loose & self._happened.participants
            is_let_pass = not is_known or frozenset((one.source, one.target)) in talks
        else:
            is_free = one.operation in self._expected.tolerance.operations
            is_let_pass = is_free and self._known(one) is None
        if is_let_pass and one.arrow is not Arrow.REPLY:
            self._waiting.append(one)
        return is_let_pass

    def _hop(self, one: Drawn) -> Hop | None:
        return Hop(one.source, one.target, one.operation) if one.operation else None

    def _known(self, one: Drawn) -> Hop | None:
        return next((h for h in self._happened.hops if h.operation == one.operation), None)

    # ---- all of them ---------------------------------------------------------------------------

    def _missing(self) -> Iterator[Difference]:
        for hop in self._happened.required:
            if hop in self._seen or hop in self._turned:
                continue
            if {hop.source, hop.target} <= self._there:
                yield told.missing_hop(hop)

    def _kinds(self) -> Iterator[Difference]:
        for one, seen in self._pairs:
            if one.is_lost or Arrow.REPLY in (one.arrow, seen.arrow) or seen.arrow is None:
                continue
            hop = self._happened.hop(seen)
            if one.arrow is Arrow.ASYNC and seen.arrow is Arrow.SYNC:
                yield told.sync_drawn_async(hop, one.line)
            elif one.arrow is Arrow.SYNC and seen.arrow is Arrow.ASYNC:
                yield told.async_drawn_sync(hop, one.line)

    def _order(self) -> Iterator[Difference]:
        by_number = {seen.number: one for one, seen in self._pairs} | self._repeated()
        by_hop: dict[Hop, Drawn] = {}
        for one, seen in self._pairs:
            by_hop.setdefault(self._told(seen), one)
            if (difference := self._late(one, seen, by_number)) is not None:
                yield difference
        for rule in self._expected.rules:
            first, then = by_hop.get(rule.before), by_hop.get(rule.after)
            if first is not None and then is not None and then.at < first.at:
                yield told.broken_rule(rule, then.line)

    def _repeated(self) -> dict[int, Drawn]:
        """What was tried again stands where it is drawn last: once is enough."""
        return {
            again.number: arrows[-1]
            for hop, arrows in self._seen.items()
            for again in self._happened.hops[hop][len(arrows) :]
        }

    def _told(self, seen: Observed) -> Hop:
        if seen.arrow is not Arrow.REPLY:
            return self._happened.hop(seen)
        return answer_to(self._happened.hop(self._happened.calls[seen.of]))

    def _late(self, one: Drawn, seen: Observed, by_number: dict[int, Drawn]) -> Difference | None:
        """The nearest of those that had to come before, and are drawn after or beside."""
        if seen.arrow is Arrow.REPLY:
            # It stands below its call: otherwise it would not have been found.
            return None
        earlier = self._happened.before[seen.number]
        for number in sorted(earlier & set(by_number), reverse=True):
            first = by_number[number]
            is_parallel = _are_parallel(first, one)
            if first.at > one.at or is_parallel:
                hop = self._happened.hop(seen)
                return told.wrong_order(str(first), hop, one.line, is_parallel=is_parallel)
        return None


def _are_parallel(one: Drawn, other: Drawn) -> bool:
    """They stand in different branches of the same `par`."""
    blocks = dict(one.parallel)
    return any(blocks.get(block, branch) != branch for block, branch in other.parallel)

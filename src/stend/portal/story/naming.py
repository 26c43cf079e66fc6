"""What lifelines, messages and steps are called, in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass

from stend.portal.story.model import CLIENT, Lifeline, Message, MessageKind, Section, Story
from stend.portal.wires import engine_of, wire_of

_NS_PER_MS = 1_000_000
_LONG_MS = 1000


@dataclass(frozen=True, slots=True)
class Names:
    """
    Args:
        say: the text of a key, with its places filled.
        decimal: a number with so many digits behind the point.
    """

    say: Callable[..., str]
    decimal: Callable[[float, int], str]

    def after(self, one: Message, story: Story) -> str:
        """Milliseconds since the story began, with a tenth while it is short."""
        after_ms = (one.at_ns - story.start_ns) / _NS_PER_MS
        return self.decimal(after_ms, 1 if after_ms < _LONG_MS else 0)

    @property
    def compensation(self) -> str:
        return self.say("story.compensation")

    def line(self, one: Lifeline) -> str:
        return self.of(one.name)

    def of(self, name: str) -> str:
        return self.say("story.client") if name == CLIENT else engine_of(name).name

    def section(self, one: Section) -> str:
        if one.is_compensation:
            told = self.say("story.undoes", step=one.step)
        else:
            told = self.say("story.step", step=one.step)
        if one.attempt > 1:
            told += ", " + self.say("story.attempt", number=one.attempt)
        return f"{told}: {one.error}" if one.error else told

    def message(self, one: Message) -> str:
        """With the wire and the marks: for whoever does not see them."""
        told = self.plain(one)
        wire = wire_of(one.wire).name if one.wire else ""
        return f"{wire} {told}".strip()

    def plain(self, one: Message) -> str:
        told = one.label or self.say("story.answer")
        if one.sent or one.came:
            told += f" {self.stream(one)}"
        if one.members:
            told += f" ×{one.count}"
        marks = [
            self.say("story.retry", number=one.attempt) if one.attempt > 1 else "",
            self.say("story.redelivered") if one.is_redelivered else "",
            self.say("story.lost") if one.is_lost else "",
            self.say("story.no_answer_yet") if one.is_waiting else "",
            one.error if one.error and one.error not in told else "",
            self.say("story.undone") if self._marks_compensation(one) else "",
        ]
        return ", ".join([told, *(mark for mark in marks if mark)])

    def stream(self, one: Message) -> str:
        """How much of a stream has passed, both ways; empty for what is none."""
        if not (one.sent or one.came):
            return ""
        return self.say("story.streamed", sent=one.sent, came=one.came)

    @staticmethod
    def _marks_compensation(one: Message) -> bool:
        return one.is_compensation and one.kind is not MessageKind.RETURN

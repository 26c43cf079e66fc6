"""In what a diagram differs from what happened, each as a sentence."""

from dataclasses import dataclass, replace
from enum import StrEnum

from stend.course.diagrams.expectation import Hop, Rule
from stend.course.diagrams.model import Participant, quoted
from stend.kit.languages import Text


class DifferenceKind(StrEnum):
    MISSING_PARTICIPANT = "missing-participant"
    INVENTED_PARTICIPANT = "invented-participant"
    MISSING_HOP = "missing-hop"
    INVENTED_HOP = "invented-hop"
    WRONG_DIRECTION = "wrong-direction"
    WRONG_ORDER = "wrong-order"
    SYNC_DRAWN_ASYNC = "sync-drawn-async"
    ASYNC_DRAWN_SYNC = "async-drawn-sync"
    MISSING_ALTERNATIVE = "missing-alternative"
    INVENTED_ALTERNATIVE = "invented-alternative"
    UNCONDITIONAL = "unconditional"


@dataclass(frozen=True, slots=True)
class Difference:
    """
    Attributes:
        text: what is drawn, what happened, and what to do.
        line: of the diagram; 0 for what is missing.
        hop: that it is about; None where it is about none.
        outcome: title (en) of the alternative that it is about; empty for the main outcome.
    """

    kind: DifferenceKind
    text: Text
    line: int = 0
    hop: Hop | None = None
    outcome: str = ""

    def of(self, title: Text) -> "Difference":
        """The same, in an alternative outcome."""
        text = Text(
            ru=f"Исход «{title.ru}». {self.text.ru}", en=f"Outcome “{title.en}”. {self.text.en}"
        )
        return replace(self, text=text, outcome=title.en)


def missing_participant(name: str) -> Difference:
    text = Text(
        ru=f"Нет участника {name}, а в трассе он есть: добавьте его и его сообщения.",
        en=f"There is no participant {name}, but the trace has one: add it and its messages.",
    )
    return Difference(DifferenceKind.MISSING_PARTICIPANT, text)


def invented_participant(one: Participant) -> Difference:
    name = quoted(one.name)
    text = Text(
        ru=f"Участника «{name}» в трассе нет: уберите его или назовите, как в задании.",
        en=f"The trace has no participant {name}: remove it, or name it as the task does.",
    )
    return Difference(DifferenceKind.INVENTED_PARTICIPANT, text, one.line)


def doubled_participant(one: Participant, other: Participant) -> Difference:
    text = Text(
        ru=f"«{quoted(one.name)}» и «{quoted(other.name)}» — один участник: оставьте одного.",
        en=f"{quoted(one.name)} and {quoted(other.name)} are the same participant: keep one.",
    )
    return Difference(DifferenceKind.INVENTED_PARTICIPANT, text, one.line)


def missing_hop(hop: Hop) -> Difference:
    text = Text(
        ru=f"Нет сообщения {hop}, а в трассе оно есть.",
        en=f"There is no message {hop}, but the trace has one.",
    )
    return Difference(DifferenceKind.MISSING_HOP, text, 0, hop)


def invented_hop(drawn: str, line: int, hop: Hop | None, known: Hop | None) -> Difference:
    """
    Args:
        known: where the operation really goes.
    """
    ru, en = f"Сообщения {drawn} в трассе нет", f"The trace has no message {drawn}"
    if known is not None:
        ru += f": {known.operation} идёт от {known.source} к {known.target}"
        en += f": {known.operation} goes from {known.source} to {known.target}"
    return Difference(DifferenceKind.INVENTED_HOP, Text(ru=f"{ru}.", en=f"{en}."), line, hop)


def repeated_hop(hop: Hop, line: int, times: int) -> Difference:
    text = Text(
        ru=f"Сообщение {hop} нарисовано чаще, чем было ({times}): уберите лишнее.",
        en=f"The message {hop} is drawn more often than it was sent ({times}): remove the rest.",
    )
    return Difference(DifferenceKind.INVENTED_HOP, text, line, hop)


def reply_to_nothing(drawn: str, line: int) -> Difference:
    text = Text(
        ru=f"Ответ {drawn} никому не отвечает: выше нет вызова, который его ждёт.",
        en=f"The reply {drawn} answers nobody: no call above waits for it.",
    )
    return Difference(DifferenceKind.INVENTED_HOP, text, line)


def wrong_direction(hop: Hop, line: int) -> Difference:
    text = Text(
        ru=f"Сообщение {hop.operation} нарисовано наоборот: в трассе оно идёт "
        f"от {hop.source} к {hop.target}.",
        en=f"The message {hop.operation} is drawn the wrong way round: in the trace it goes "
        f"from {hop.source} to {hop.target}.",
    )
    return Difference(DifferenceKind.WRONG_DIRECTION, text, line, hop)


def wrong_order(first: Hop | str, then: Hop, line: int, *, is_parallel: bool) -> Difference:
    """
    Args:
        first: what has to come before `then`.
        line: of `then`.
    """
    if is_parallel:
        text = Text(
            ru=f"{then} стоит в par рядом с {first}, а в трассе начинается только после него.",
            en=f"{then} stands in a par beside {first}, but in the trace it begins after it.",
        )
    else:
        text = Text(
            ru=f"{then} стоит раньше, чем {first}, а в трассе может начаться только после него.",
            en=f"{then} stands before {first}, but in the trace it can begin only after it.",
        )
    return Difference(DifferenceKind.WRONG_ORDER, text, line, then)


def broken_rule(rule: Rule, line: int) -> Difference:
    return Difference(DifferenceKind.WRONG_ORDER, rule.why, line, rule.after)


def sync_drawn_async(hop: Hop, line: int) -> Difference:
    text = Text(
        ru=f"{hop}: нарисовано как асинхронное, а в трассе {hop.source} ждёт ответа.",
        en=f"{hop}: drawn as asynchronous, but in the trace {hop.source} waits for the answer.",
    )
    return Difference(DifferenceKind.SYNC_DRAWN_ASYNC, text, line, hop)


def async_drawn_sync(hop: Hop, line: int) -> Difference:
    text = Text(
        ru=f"{hop}: нарисовано как синхронный вызов, а в трассе это сообщение: {hop.source} "
        "его отправляет и ответа на соединении не ждёт.",
        en=f"{hop}: drawn as a synchronous call, but in the trace it is a message: {hop.source} "
        "sends it and does not wait for an answer on the connection.",
    )
    return Difference(DifferenceKind.ASYNC_DRAWN_SYNC, text, line, hop)


def missing_alternative(title: Text) -> Difference:
    text = Text(
        ru=f"Нет ветки для исхода «{title.ru}»: нарисуйте его в alt, opt или break.",
        en=f"There is no branch for the outcome “{title.en}”: draw it in an alt, opt or break.",
    )
    return Difference(DifferenceKind.MISSING_ALTERNATIVE, text)


def invented_alternative(label: str, line: int) -> Difference:
    text = Text(
        ru=f"Ветку «{quoted(label)}» не показал ни один записанный исход: уберите её.",
        en=f"No recorded outcome has taken the branch “{quoted(label)}”: remove it.",
    )
    return Difference(DifferenceKind.INVENTED_ALTERNATIVE, text, line)


def unconditional(hop: Hop, line: int, title: Text, other: Text) -> Difference:
    """
    Args:
        title: the outcome in which it is drawn.
        other: the one in which it happens.
    """
    text = Text(
        ru=f"{hop} при исходе «{title.ru}» не отправляется, а только при «{other.ru}»: "
        "перенесите сообщение в его ветку.",
        en=f"{hop} is not sent when the outcome is “{title.en}”, only when it is “{other.en}”: "
        "move the message into that branch.",
    )
    return Difference(DifferenceKind.UNCONDITIONAL, text, line, hop)

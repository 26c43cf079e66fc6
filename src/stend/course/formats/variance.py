"""Whether a receiver takes all that a sender may send, both told by JSON Schemas.

Harmless is only what jsonschema-rs proves to be contained, or what is the same. A break is only
what a message shows that was really validated by both. Everything between is incomparable.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import jsonschema_rs

from stend.course.formats.closing import closed
from stend.course.formats.contract import Break, Comparison, Incomparable, Role
from stend.course.formats.schemas import Schema, Validator, text_of
from stend.course.formats.sentences import why_refused
from stend.course.formats.source import pointer_of
from stend.course.formats.witnesses import Witnesses
from stend.kit.languages import Text

_MOST_TRIED = 400
_MOST_BREAKS = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared, for the sentences.

    Attributes:
        about: name of the message.
        where: of the new version.
        shown: how a witness looks to a person.
    """

    about: str
    where: str
    shown: Callable[[Any], object] = lambda value: value


def compare(subject: Subject, role: Role, old: Schema, new: Schema) -> Comparison:
    """One message in two versions.

    Args:
        role: requests may only be widened, responses only be narrowed, events neither.
        old, new: schemas that stand alone.
    """
    breaks: list[Break] = []
    unclear: list[Incomparable] = []
    ways = []
    if role in {Role.REQUEST, Role.EVENT}:
        ways.append((old, new, _NEW_REFUSES))
    if role in {Role.RESPONSE, Role.EVENT}:
        ways.append((new, old, _OLD_REFUSES))
    for sender, receiver, sentence in ways:
        found = _tried(subject, sender, receiver, sentence)
        breaks += found.breaks
        unclear += found.incomparable
    return Comparison(tuple(breaks), tuple(unclear))


def reads_all(subject: Subject, sender: Schema, receiver: Schema, *, is_new: bool) -> Comparison:
    """One direction alone: schemas of events change in one of them at a time.

    Args:
        is_new: the receiver is the new version.
    """
    return _tried(subject, sender, receiver, _NEW_REFUSES if is_new else _OLD_REFUSES)


_NEW_REFUSES = (
    "Прежняя версия это принимала, новая не принимает. ",
    "The old version took this, the new one does not. ",
)
_OLD_REFUSES = (
    "Новая версия может такое прислать, а прежняя этого не обещала. ",
    "The new version may send this, and the old one never promised it. ",
)


def _tried(
    subject: Subject, sender: Schema, receiver: Schema, sentence: tuple[str, str]
) -> Comparison:
    if text_of(sender) == text_of(receiver):
        return Comparison()
    told = closed(sender)
    proved, difference = _contained(told, receiver)
    breaks = tuple(_breaks(subject, (sender, told, difference, receiver), sentence))
    if breaks or proved:
        return Comparison(breaks)
    return Comparison(
        incomparable=(
            Incomparable(
                subject.about,
                Text(
                    ru="Схемы различаются, и эту разницу не удалось ни доказать безвредной, "
                    "ни показать сообщением. Выразите её проще.",
                    en="The schemas differ, and the difference could neither be proved harmless "
                    "nor be shown by a message. Put it more simply.",
                ),
                subject.where,
            ),
        )
    )


def _contained(sender: Schema, receiver: Schema) -> tuple[bool, Schema]:
    """Whether it is proved, and a schema of what the receiver refuses, if there is one."""
    try:
        mine = jsonschema_rs.canonicalize(sender, validate_formats=True, offline=True)
        theirs = jsonschema_rs.canonicalize(receiver, validate_formats=True, offline=True)
        if theirs.covers(mine) == jsonschema_rs.canonical.Containment.YES:
            return True, False
        difference = mine.subtract(theirs).to_json_schema()
    except ValueError:
        return False, False
    return False, difference if isinstance(difference, dict) else False


def _breaks(
    subject: Subject,
    schemas: tuple[Schema, Schema, Schema, Schema],
    sentence: tuple[str, str],
) -> Iterator[Break]:
    sender, told, difference, receiver = schemas
    writes, means, reads = Validator(sender), Validator(told), Validator(receiver)
    seen: set[tuple[str, ...]] = set()
    for value in chain(_values(difference, told, receiver), _values(told, told, receiver)):
        if not (writes.accepts(value) and means.accepts(value)) or reads.accepts(value):
            continue
        for error in reads.errors(value):
            rule = _rule_of(error)
            if rule in seen or len(seen) >= _MOST_BREAKS:
                continue
            seen.add(rule)
            why = why_refused(error)
            yield Break(
                subject.about,
                Text(ru=sentence[0] + why.ru, en=sentence[1] + why.en),
                subject.shown(value),
                pointer_of(error.instance_path),
                subject.where,
            )
        if len(seen) >= _MOST_BREAKS:
            return


def _rule_of(error: Any) -> tuple[str, ...]:
    """One message for each rule that is broken, in whichever item of a list."""
    steps = (str(step) for step in (*error.instance_path, "/", *error.schema_path))
    return tuple("*" if step.isdigit() else step for step in steps)


def _values(schema: Schema, sender: Schema, receiver: Schema) -> Iterator[Any]:
    if schema is False:
        return iter(())
    return Witnesses(schema, (sender, receiver)).some(_MOST_TRIED)

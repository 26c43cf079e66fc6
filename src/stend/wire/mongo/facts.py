"""What is told of a command or a reply beside its tree."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from stend.wire.content.trace_context import PATTERN
from stend.wire.mongo.documents import Element, inside, plain, top
from stend.wire.mongo.errors import WireError

_TRACE = re.compile(rf"\b{PATTERN}\b")
_LONGEST = 80
_LONGEST_TEXT = 300
# Write errors tell their code without its name.
_CODES = {
    11: "UserDataInconsistent",
    50: "MaxTimeMSExpired",
    64: "WriteConcernTimeout",
    66: "ImmutableField",
    79: "UnknownReplWriteConcern",
    100: "UnsatisfiableWriteConcern",
    112: "WriteConflict",
    121: "DocumentValidationFailure",
    11000: "DuplicateKey",
}
# Fields of a reply that say what it did.
_COUNTS = ("n", "nModified", "nInserted", "nMatched", "nDeleted")
_MANY = ("documents", "updates", "deletes", "ops")


@dataclass
class Told:
    """
    Attributes:
        name: of the command; `` for a reply.
    """

    name: str = ""
    summary: str = ""
    error: str | None = None
    context: str | None = None
    facts: dict[str, str] = field(default_factory=dict)


def of_command(data: bytes, at: int, sequences: Sequence[tuple[str, int]] = ()) -> Told:
    """
    Args:
        at: where the command's document begins.
        sequences: names of sequences that belong to it, and how many documents each has.

    Raises:
        WireError: it is no document.
    """
    fields = top(data, at)
    if not fields:
        raise WireError("a command without a name", at=at)
    first = next(iter(fields.values()))
    told = Told(first.name[:_LONGEST])
    told.facts["command"] = told.name
    database = _text(data, fields.get("$db"))
    # A cursor's collection stands in a field of its own.
    named = fields.get("collection") if first.name == "getMore" else first
    collection = _text(data, named)
    if database:
        told.facts["database"] = database
    if collection:
        told.facts["collection"] = collection
    many = [(name, count) for name, count in sequences if name in _MANY]
    many += [(name, len(inside(data, fields[name]))) for name in _MANY if name in fields]
    if many:
        told.facts[many[0][0]] = str(many[0][1])
    place = ".".join(one for one in (database, collection) if one)
    told.summary = f"{place} ×{many[0][1]}" if many else place
    told.context = _context(data, fields.get("comment"))
    return told


def of_reply(data: bytes, at: int) -> Told:
    """
    Raises:
        WireError: it is no document.
    """
    fields = top(data, at)
    told = Told()
    told.error = _error(data, fields)
    if told.error:
        told.facts["code"] = told.error.partition(" ")[0]
        told.summary = (_text(data, fields.get("errmsg")) or "")[:_LONGEST]
    counted = [(one, plain(data, fields[one])) for one in _COUNTS if one in fields]
    cursor = inside(data, fields.get("cursor"))
    counted += [
        (one, len(inside(data, cursor[one])))
        for one in ("firstBatch", "nextBatch")
        if one in cursor
    ]
    for name, count in counted:
        told.facts[name] = str(count)
    if (number := plain(data, cursor.get("id"))) is not None:
        told.facts["cursor"] = str(number)
    if (namespace := _text(data, cursor.get("ns"))) is not None:
        database, _, collection = namespace.partition(".")
        told.facts |= {"database": database, "collection": collection}
    if not told.summary:
        told.summary = " ".join(
            f"×{count}" if name.endswith("Batch") else f"{name}={count}" for name, count in counted
        )
    return told


def _error(data: bytes, fields: dict[str, Element]) -> str | None:
    """`11000 DuplicateKey`, of the command, of its first write, or of the write concern."""
    if "ok" in fields and not plain(data, fields["ok"]):
        return _coded(data, fields)
    for one in inside(data, fields.get("writeErrors")).values():
        return _coded(data, inside(data, one))
    concern = inside(data, fields.get("writeConcernError"))
    return _coded(data, concern) if concern else None


def _coded(data: bytes, fields: dict[str, Element]) -> str:
    code = plain(data, fields.get("code"))
    name = _text(data, fields.get("codeName"))
    if name is None and isinstance(code, int):
        name = _CODES.get(code)
    parts = [str(one) for one in (code, name) if one is not None]
    return " ".join(parts) or "ok: 0"


def _context(data: bytes, comment: Element | None) -> str | None:
    """A traceparent in the comment, which is a string or a document."""
    text = _text(data, comment) or _text(data, inside(data, comment).get("traceparent"))
    found = _TRACE.search(text or "")
    return found.group() if found else None


def _text(data: bytes, one: Element | None) -> str | None:
    value = plain(data, one)
    return value[:_LONGEST_TEXT] if isinstance(value, str) else None

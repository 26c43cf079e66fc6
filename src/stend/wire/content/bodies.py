"""The tree of a body, chosen by its media type and by what its bytes are."""

from collections.abc import Callable

from stend.kit.fields import Field, Inner, Meaning, undecoded
from stend.kit.languages import Text
from stend.wire.content.documents import document_fields
from stend.wire.content.encoding import decoded
from stend.wire.content.form import form_fields
from stend.wire.content.soap import SOAP_11, SOAP_12, soap_fields
from stend.wire.content.sse import event_fields
from stend.wire.content.words import said
from stend.wire.content.xml import xml_fields

_CONTENT = said(
    "RFC 9110 §8.3",
    "Само представление, в формате из Content-Type; внутрь этого формата стенд не смотрит.",
    "The representation itself, in the format of Content-Type; the stand does not look inside it.",
)
_TEXT = said(
    "RFC 9110 §8.3",
    "Само представление: текст, который читают как есть.",
    "The representation itself: text that is read as it is.",
)
_ENCODED = said(
    "RFC 9110 §8.4",
    "Представление, сжатое для передачи; способ назван в Content-Encoding.",
    "The representation, compressed to be sent; Content-Encoding names the way.",
)
# Enough to see which document it is.
_LOOKED_AT = 2048
_SHOWN_TEXT = 64 * 1024

_Reader = Callable[[bytes, int, int], tuple[Field, ...]]


def media_type_of(content_type: str) -> str:
    """The media type without parameters, in small letters."""
    return content_type.partition(";")[0].strip().lower()


def body_fields(
    media_type: str, data: bytes, start: int = 0, end: int | None = None
) -> tuple[Field, ...]:
    """The tree of a body without content coding, from `start` to `end`; offsets are in `data`.

    Args:
        media_type: the value of Content-Type, with or without parameters; `` where none was sent.
    """
    end = len(data) if end is None else end
    if start >= end:
        return ()
    media_type = media_type_of(media_type)
    if "json" in media_type and not media_type.endswith(("seq", "ndjson", "jsonl")):
        return document_fields(data, start, end, media_type.partition("/")[2])
    reader = _reader(media_type, data, start, end)
    if reader is not None:
        return reader(data, start, end)
    return (_leaf(media_type, data, start, end),)


def encoded_fields(
    media_type: str, codings: str, data: bytes, start: int = 0, end: int | None = None
) -> tuple[Field, ...]:
    """The tree of a body: of its bytes where no coding was applied, else a leaf that holds it.

    Args:
        codings: the value of Content-Encoding: in the order in which they were applied.
    """
    end = len(data) if end is None else end
    applied = [one.strip().lower() for one in codings.split(",")]
    applied = [one for one in applied if one and one != "identity"]
    if not applied or start >= end:
        return body_fields(media_type, data, start, end)
    inside, why, coding = data[start:end], None, applied[-1]
    for coding in reversed(applied[-3:]):
        inside, why = decoded(coding, inside)
        if why is not None:
            break
    if not inside and why is not None:
        return (undecoded(start, end, why),)
    fields = body_fields(media_type, inside)
    if why is not None:
        fields = (*fields, undecoded(len(inside), len(inside), why))
    how = Text(ru=f"распаковано: {', '.join(applied)}", en=f"decoded: {', '.join(applied)}")
    content = Field("encoded content", coding, None, start, end, _ENCODED)
    return (content._replace(inner=Inner(how, inside, fields)),)


def _reader(media_type: str, data: bytes, start: int, end: int) -> _Reader | None:
    if media_type == "application/x-www-form-urlencoded":
        return form_fields
    if media_type == "text/event-stream":
        return event_fields
    looks = data[start : min(end, start + _LOOKED_AT)]
    if "xml" in media_type and "html" not in media_type and "svg" not in media_type:
        is_soap = SOAP_11.encode() in looks or SOAP_12.encode() in looks
        return soap_fields if is_soap else xml_fields
    if not media_type and looks.lstrip()[:1] in (b"{", b"["):
        return document_fields
    return None


def _leaf(media_type: str, data: bytes, start: int, end: int) -> Field:
    told: str | None = None
    meaning: Meaning = _CONTENT
    if media_type.startswith("text/") and end - start <= _SHOWN_TEXT:
        told = data[start:end].decode("utf-8", "backslashreplace")
        meaning = _TEXT
    return Field("content", media_type or "bytes", told, start, end, meaning)

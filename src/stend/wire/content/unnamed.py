"""Documents in what carries bytes and does not say what they are: JSON in a cache, in a column."""

from stend.kit.fields import Field, leaves
from stend.wire.content.documents import document_fields


def json_inside(data: bytes, start: int, end: int) -> tuple[Field, ...]:
    """The fields of bytes that are JSON from `start` to `end`; none where they are anything else.

    Only objects and arrays count: any number would be JSON, too.
    """
    if data[start : start + 1] not in {b"{", b"["} or data[end - 1 : end] not in {b"}", b"]"}:
        return ()
    found = document_fields(data, start, end)
    return () if any(one.why_not for one in leaves(found)) else found

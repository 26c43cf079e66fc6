"""What can be told of a text of SQL without parsing it."""

import re
from urllib.parse import unquote

from stend.wire.content.trace_context import traceparent

_SHOWN = 80
_SPACE = re.compile(r"\s+")
# As much of a text as a line can show, however its white space is spread.
_LOOKED_AT = 4096
# sqlcommenter: key='value' pairs inside a comment, the values URL-encoded.
_TRACEPARENT = re.compile(r"traceparent\s*=\s*'([^']{1,200})'")
_COPY_IN = re.compile(r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)


def shortened(text: str) -> str:
    """A text in one line of at most 80 characters, its comments left out."""
    line = _SPACE.sub(" ", _without_comments(text[:_LOOKED_AT])).strip()
    if len(line) > _SHOWN or len(text) > _LOOKED_AT:
        return line[: _SHOWN - 1] + "…"
    return line


def trace_context(text: str) -> str | None:
    """The traceparent of a comment, at the beginning or at the end of a statement."""
    for part in (text[-_LOOKED_AT:], text[:_LOOKED_AT]):
        if "/*" not in part:
            continue
        found = _TRACEPARENT.search(part)
        if found and (context := traceparent(unquote(found[1]))):
            return context
    return None


def copies_in(text: str) -> bool:
    """Rows of the client follow this statement."""
    return bool(_COPY_IN.match(shortened(text)))


def _without_comments(text: str) -> str:
    """A comment that does not end stays: it would be searched for again from each that begins."""
    parts: list[str] = []
    at = 0
    while (begin := text.find("/*", at)) >= 0:
        end = text.find("*/", begin + 2)
        if end < 0:
            break
        parts += (text[at:begin], " ")
        at = end + 2
    return "".join((*parts, text[at:]))

"""The start line and the headers of a message (RFC 9112 §2 to §5)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from stend.wire.decoding import Undecodable

# Servers refuse longer ones; nothing is held in the hope of their end.
HEAD_BYTES_LIMIT = 256 * 1024
# Empty lines before a request line are skipped (RFC 9112 §2.2), but not without end.
_LEAD_LIMIT = 64

_LEAD = re.compile(rb"[\r\n]*+")
_END = re.compile(rb"\n\r?\n")
_REQUEST = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}) ([^\s]+) (HTTP/[0-9]\.[0-9])[ \t]*\r?\n"
)
_STATUS = re.compile(rb"(HTTP/[0-9]\.[0-9]) ([1-9][0-9]{2})(?: ([^\r\n]*))?\r?\n")
_REQUEST_BEGINS = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}+(?: |\Z)")
_STATUS_BEGINS = b"HTTP/1."
# A field line, with the lines that go on with it (obs-fold, RFC 9112 §5.2).
_FIELD = re.compile(
    rb"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]++)(?P<colon>:)(?P<before>[ \t]*+)"
    rb"(?P<value>[^\r\n]*+(?:\r?\n[ \t]++[^\r\n]*+)*+)(?P<end>\r?\n)"
)
_FOLD = re.compile(r"\s*\r?\n[ \t]+")


class FieldLine(NamedTuple):
    """A header, or a line that is none.

    Attributes:
        name: as on the wire; `` for a line that is no header.
        value_start: of the value without white space around it.
        line_end: where its CRLF begins.
    """

    name: str
    value: str
    start: int
    colon: int
    value_start: int
    value_end: int
    line_end: int
    end: int


class Head(NamedTuple):
    """A start line with its headers.

    Attributes:
        method: of a request; `` in a response.
        target: of a request.
        status: of a response; 0 in a request.
        reason: of a response.
        begins: offset of the start line: empty lines may stand before it.
        lines_start: offset behind the start line.
        lines: headers as they stand.
        headers: by names in small letters; several of one name joined with commas.
        end: offset behind the empty line.
    """

    method: str
    target: str
    status: int
    reason: str
    version: str
    begins: int
    lines_start: int
    lines: tuple[FieldLine, ...]
    headers: Mapping[str, str]
    end: int


def head_end(data: bytearray, at: int, searched: int) -> int | None:
    """How many bytes the head at `at` takes; None when its end has not come.

    Args:
        searched: so many bytes were looked through before.
    """
    found = _LEAD.match(data, at)
    lead = 0 if found is None else found.end() - at
    if lead > _LEAD_LIMIT:
        raise Undecodable("пустые строки вместо сообщения", "empty lines in place of a message")
    ended = _END.search(data, at + max(lead, searched - 2))
    if ended is not None:
        return ended.end() - at
    return None


def demand_beginning(data: bytearray, at: int, *, is_request: bool) -> None:
    """
    Raises:
        Undecodable: no message of HTTP/1 begins like that.
    """
    found = _LEAD.match(data, at)
    first = at if found is None else found.end()
    begin = bytes(data[first : first + 65])
    if is_request:
        if begin and _REQUEST_BEGINS.match(begin) is None:
            raise Undecodable("здесь не начинается запрос HTTP", "no request of HTTP begins here")
    elif begin[:7] != _STATUS_BEGINS[: len(begin)]:
        raise Undecodable("здесь не начинается ответ HTTP", "no response of HTTP begins here")
    if len(data) - at > HEAD_BYTES_LIMIT:
        raise Undecodable(
            f"заголовки длиннее {HEAD_BYTES_LIMIT} байт",
            f"the headers are longer than {HEAD_BYTES_LIMIT} bytes",
        )


def read_head(data: bytes, *, is_request: bool) -> Head:
    """The head at the beginning of `data`, which holds all of it.

    Raises:
        Undecodable: its first line is none of HTTP/1.
    """
    found = _LEAD.match(data)
    begins = 0 if found is None else found.end()
    line = (_REQUEST if is_request else _STATUS).match(data, begins)
    if line is None:
        raise Undecodable(
            "первая строка не по HTTP/1", "the first line is none of HTTP/1", at=begins
        )
    lines, end = field_lines(data, line.end())
    parts = [(one or b"").decode("latin-1") for one in line.groups()]
    method, target, version = parts if is_request else ("", "", parts[0])
    return Head(
        method=method,
        target=target,
        status=0 if is_request else int(parts[1]),
        reason="" if is_request else parts[2],
        version=version,
        begins=begins,
        lines_start=line.end(),
        lines=tuple(lines),
        headers=_joined(lines),
        end=end,
    )


def field_lines(data: bytes, at: int) -> tuple[list[FieldLine], int]:
    """Headers or trailers from `at` on, and where the empty line behind them ends."""
    lines: list[FieldLine] = []
    while at < len(data):
        if data.startswith((b"\r\n", b"\n"), at):
            return lines, at + (2 if data[at] == 13 else 1)
        line = _field_line(data, at)
        lines.append(line)
        at = line.end
    return lines, at


def _field_line(data: bytes, at: int) -> FieldLine:
    found = _FIELD.match(data, at)
    if found is None:
        stop = data.find(b"\n", at)
        stop = len(data) if stop < 0 else stop + 1
        return FieldLine("", "", at, at, at, stop, stop, stop)
    raw = found["value"]
    value_end = found.start("value") + len(raw.rstrip(b" \t\r\n"))
    value = _decoded(data[found.start("value") : value_end])
    if "\n" in value:
        value = _FOLD.sub(" ", value)
    return FieldLine(
        name=found["name"].decode("ascii"),
        value=value,
        start=at,
        colon=found.start("colon"),
        value_start=found.start("value"),
        value_end=value_end,
        line_end=found.start("end"),
        end=found.end(),
    )


def _decoded(raw: bytes) -> str:
    # RFC 9110 §5.5: octets above ASCII are opaque; most who send them send UTF-8.
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _joined(lines: list[FieldLine]) -> dict[str, str]:
    headers: dict[str, list[str]] = {}
    for line in lines:
        if line.name:
            headers.setdefault(line.name.lower(), []).append(line.value)
    return {name: ", ".join(values) for name, values in headers.items()}


def begins_message(data: bytes, *, is_request: bool) -> bool:
    """Whether a message begins here: its whole first line is there."""
    return (_REQUEST if is_request else _STATUS).match(data) is not None

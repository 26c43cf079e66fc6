"""The session file: everything that a ring holds, to be opened again elsewhere.

A zip archive of `session.json` (what came when, and from whom), `bytes.bin` (the bytes, connection
by connection, in the order of the chunks) and `traces.otlp` (spans, as a collector takes them).

Format 1 tells neither of taps nor of traces; both formats are read.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from heapq import merge
from io import BytesIO
from typing import Annotated, NamedTuple, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic import Field as Bounded
from pydantic_core import from_json, to_json

from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonValue
from stend.tap.recording import Chunk, Connection, Figures, Note, Place, Recording, Stream

FORMAT = 2
_MANIFEST, _BYTES, _TRACES = "session.json", "bytes.bin", "traces.otlp"
# The largest ring that can be set, and what tells of the chunks in it.
_BYTES_LIMIT = 4 << 30
_TOLD_LIMIT = 256 << 20
# A whole archive of that.
FILE_LIMIT_BYTES = _BYTES_LIMIT + 2 * _TOLD_LIMIT
_ZIP = b"PK\x03\x04"
# What a few bytes of an archive grow to at most, beyond what any archive may hold.
_GROWS_AT_MOST = 200
_ALWAYS_ALLOWED = 64 << 20
_LAST_NS = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000_000
_DEFLATE_LEVEL = 1
# Damage shows itself in many ways, depending on where it is.
_DAMAGE = (
    ArithmeticError,
    BadZipFile,
    EOFError,
    LookupError,
    OSError,
    # Of methods of compression that nobody has, and of archives with a password.
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)

_Moment = Annotated[int, Bounded(ge=-_LAST_NS, le=_LAST_NS)]
_Count = Annotated[int, Bounded(ge=0, le=1 << 62)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]
_Line = Annotated[str, StringConstraints(max_length=4096)]


class Trouble(Enum):
    """Why a file is not opened."""

    NO_SESSION = "This is no session of stend."
    NEWER = "The session was saved by a newer stend."
    DAMAGED = "The session file is damaged."
    TOO_LARGE = "The session is too large."


class SessionError(StendError):
    """A file that is not opened; `trouble` says why, for whoever tells it in other words."""

    def __init__(self, trouble: Trouble, value: str, expected: str) -> None:
        super().__init__(
            _CODES[trouble], trouble.value, value=value, expected=expected, next_step=_NEXT
        )
        self.trouble = trouble


_CODES = {
    Trouble.NO_SESSION: EdgeErrorCode.INVALID_ARGUMENT,
    Trouble.NEWER: EdgeErrorCode.INVALID_ARGUMENT,
    Trouble.DAMAGED: EdgeErrorCode.MALFORMED_MESSAGE,
    Trouble.TOO_LARGE: EdgeErrorCode.MESSAGE_TOO_LARGE,
}
_NEXT = "Save it again with `stend tap export FILE.stend.zip`."


class Traces(NamedTuple):
    """The traces that a stand kept.

    Attributes:
        traces, spans: how many.
        most_traces, most_spans: that it would have kept.
        traces_let_go, spans_let_go: for want of room.
        otlp: the spans, an ExportTraceServiceRequest.
    """

    traces: int
    spans: int
    most_traces: int
    most_spans: int
    traces_let_go: int
    spans_let_go: int
    otlp: bytes


@dataclass(frozen=True, slots=True)
class Extras:
    """What a session file holds beside the recording.

    Attributes:
        stend: version that wrote it.
        saved_at: RFC 3339.
        faults: that were set, with their seeds, as the API tells of them.
        taps: where they stood, each with its port; None where the file does not tell.
        let_go_exchanges: whose bytes the ring had let go; None where the file does not tell.
        traces: None where the file has none.
    """

    stend: str
    saved_at: str
    faults: list[JsonValue] = field(default_factory=list)
    taps: tuple[tuple[Place, int], ...] | None = None
    let_go_exchanges: int | None = None
    traces: Traces | None = None


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Ring(_Strict):
    limit_bytes: _Count
    held_bytes: _Count
    recorded_bytes: _Count
    let_go_bytes: _Count
    let_go_chunks: _Count


class _TapRow(_Strict):
    source: _Name
    target: _Name
    protocol: _Name
    port: Annotated[int, Bounded(ge=0, le=65_535)]


class _Traces(_Strict):
    traces: _Count
    spans: _Count
    most_traces: _Count
    most_spans: _Count
    traces_let_go: _Count
    spans_let_go: _Count


class _ConnectionRow(_Strict):
    """
    Attributes:
        first: offsets of the first kept byte, to the server and to the client.
        ended_ns: of both directions.
        chunks: direction (0 to the server, 1 to the client), moment and size of each.
    """

    number: Annotated[int, Bounded(ge=1, le=1 << 62)]
    source: _Name
    target: _Name
    protocol: _Name
    peer: _Line
    opened_ns: _Moment
    closed_ns: _Moment | None
    ended_ns: tuple[_Moment | None, _Moment | None]
    first: tuple[_Count, _Count]
    chunks: list[tuple[Annotated[int, Bounded(ge=0, le=1)], _Moment, Annotated[int, Bounded(ge=1)]]]
    notes: list[tuple[_Moment, _Line]]


class _Manifest(_Strict):
    format: int
    stend: _Line
    saved_at: _Line
    wall_offset_ns: _Moment
    ring: _Ring
    faults: list[object]
    taps: list[_TapRow] | None = None
    let_go_exchanges: _Count | None = None
    traces: _Traces | None = None
    connections: list[_ConnectionRow]


def save(recording: Recording, extras: Extras) -> bytes:
    """A session file.

    Args:
        recording: that nothing is added to meanwhile: a copy, where the taps go on.
    """
    made = _packed(recording, extras, ZIP_DEFLATED)
    held = sum(one.kept_bytes for one in recording.connections.values())
    # Whoever opens it shall not have to tell it from a bomb.
    return made if held <= _allowed(len(made)) else _packed(recording, extras, ZIP_STORED)


def _packed(recording: Recording, extras: Extras, method: int) -> bytes:
    connections = sorted(recording.connections.values(), key=lambda one: one.number)
    manifest = {
        "format": FORMAT,
        "stend": extras.stend,
        "saved_at": extras.saved_at,
        "wall_offset_ns": recording.wall_offset_ns,
        "ring": recording.figures()._asdict(),
        "faults": extras.faults,
        "taps": _tap_rows(extras),
        "let_go_exchanges": extras.let_go_exchanges,
        "traces": _traces_row(extras),
        "connections": [_row(one) for one in connections],
    }
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED, compresslevel=_DEFLATE_LEVEL) as archive:
        # Named entries have no time of their own: the same session gives the same file.
        archive.writestr(_entry(_MANIFEST), to_json(manifest))
        with archive.open(_entry(_BYTES, method), "w", force_zip64=True) as file:
            for one in connections:
                for _, chunk in _chunks(one):
                    file.write(chunk.data)
        if extras.traces is not None:
            archive.writestr(_entry(_TRACES), extras.traces.otlp)
    return made.getvalue()


def _tap_rows(extras: Extras) -> list[dict[str, object]] | None:
    if extras.taps is None:
        return None
    return [{**place._asdict(), "port": port} for place, port in extras.taps]


def _traces_row(extras: Extras) -> dict[str, int] | None:
    if extras.traces is None:
        return None
    told = extras.traces._asdict()
    del told["otlp"]
    return told


def load(data: bytes) -> tuple[Recording, Extras]:
    """The recording of a session file, with the ids and moments that it had.

    Raises:
        SessionError: it is no session file, damaged, too large, or of a newer format.
    """
    if not data.startswith(_ZIP):
        raise SessionError(Trouble.NO_SESSION, "not a zip file", "a session file")
    try:
        with ZipFile(BytesIO(data)) as archive:
            return _read(archive, len(data))
    except _DAMAGE as error:
        raise damaged(str(error)) from None


def _read(archive: ZipFile, size: int) -> tuple[Recording, Extras]:
    entries = {one.filename: one for one in archive.infolist()}
    _check(entries, size)
    manifest = _manifest(_content(archive, entries[_MANIFEST]))
    raw = _content(archive, entries[_BYTES])
    otlp = _content(archive, entries[_TRACES]) if _TRACES in entries else None
    connections = _connections(manifest, raw)
    recording = Recording.of(
        Figures(**manifest.ring.model_dump()), manifest.wall_offset_ns, connections
    )
    return recording, _extras(manifest, otlp)


def _extras(manifest: _Manifest, otlp: bytes | None) -> Extras:
    if (manifest.traces is None) != (otlp is None):
        raise damaged(f"{_MANIFEST} and {_TRACES} tell different things about traces")
    taps, traces = manifest.taps, manifest.traces
    return Extras(
        manifest.stend,
        manifest.saved_at,
        cast("list[JsonValue]", manifest.faults),
        None
        if taps is None
        else tuple((Place(one.source, one.target, one.protocol), one.port) for one in taps),
        manifest.let_go_exchanges,
        None if traces is None or otlp is None else Traces(**traces.model_dump(), otlp=otlp),
    )


def _content(archive: ZipFile, entry: ZipInfo) -> bytes:
    # Never more than it says it is, however much comes out of it.
    with archive.open(entry) as file:
        data = file.read(entry.file_size)
    if len(data) != entry.file_size:
        raise damaged(f"{entry.filename} ends early")
    return data


def _check(entries: dict[str, ZipInfo], size: int) -> None:
    for name in (_MANIFEST, _BYTES):
        if name not in entries:
            raise SessionError(Trouble.NO_SESSION, f"an archive without {name}", "a session file")
    for name, limit in ((_MANIFEST, _TOLD_LIMIT), (_BYTES, _BYTES_LIMIT), (_TRACES, _TOLD_LIMIT)):
        entry = entries.get(name)
        if entry is None:
            continue
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise damaged(f"{name} is compressed by method {entry.compress_type}")
        most = min(limit, _allowed(size))
        if entry.file_size > most:
            raise SessionError(
                Trouble.TOO_LARGE,
                f"{name} of {entry.file_size} bytes in an archive of {size}",
                f"at most {most} bytes",
            )


def _manifest(raw: bytes) -> _Manifest:
    told = from_json(raw)
    number = told.get("format") if isinstance(told, dict) else None
    if isinstance(number, int) and number > FORMAT:
        raise SessionError(Trouble.NEWER, f"format {number}", f"format {FORMAT} at most")
    try:
        manifest = _Manifest.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise damaged(f"{_MANIFEST}, {where}: {first['msg']}") from None
    if not 1 <= manifest.format <= FORMAT:
        raise damaged(f"there is no format {manifest.format}")
    return manifest


def _connections(manifest: _Manifest, raw: bytes) -> list[Connection]:
    found: dict[int, Connection] = {}
    at = 0
    for row in manifest.connections:
        if row.number in found:
            raise damaged(f"there are two connections c{row.number}")
        _check_moments(row, manifest.wall_offset_ns)
        parts: tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]] = ([], [])
        for direction, at_ns, size in row.chunks:
            if at + size > len(raw):
                raise damaged(f"{_BYTES} ends within the connection c{row.number}")
            parts[direction].append((at_ns, raw[at : at + size]))
            at += size
        found[row.number] = _connection(row, parts)
    if at != len(raw):
        raise damaged(f"{_BYTES} has {len(raw) - at} bytes more than there are chunks")
    return list(found.values())


def _connection(
    row: _ConnectionRow, parts: tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]
) -> Connection:
    to_server, to_client = (
        Stream.of(row.number, first, chunks, ended_ns)
        for first, chunks, ended_ns in zip(row.first, parts, row.ended_ns, strict=True)
    )
    return Connection(
        row.number,
        Place(row.source, row.target, row.protocol),
        row.peer,
        row.opened_ns,
        to_server,
        to_client,
        [Note(*one) for one in row.notes],
        row.closed_ns,
    )


def _check_moments(row: _ConnectionRow, offset_ns: int) -> None:
    """Chunks of a direction follow each other, and all moments are dates."""
    last = {0: row.opened_ns, 1: row.opened_ns}
    for direction, at_ns, _ in row.chunks:
        if at_ns < last[direction]:
            raise damaged(f"chunks of the connection c{row.number} are not in their order")
        last[direction] = at_ns
    several = (row.opened_ns, row.closed_ns, *row.ended_ns, *last.values())
    for one in (*several, *(at_ns for at_ns, _ in row.notes)):
        if one is not None and not 0 <= one + offset_ns <= _LAST_NS:
            raise damaged(f"the connection c{row.number} has a moment that is no date")


def _row(connection: Connection) -> dict[str, object]:
    place, both = connection.place, (connection.to_server, connection.to_client)
    return {
        "number": connection.number,
        **place._asdict(),
        "peer": connection.peer,
        "opened_ns": connection.opened_ns,
        "closed_ns": connection.closed_ns,
        "ended_ns": [one.ended_ns for one in both],
        "first": [one.first for one in both],
        "chunks": [[way, chunk.at_ns, len(chunk.data)] for way, chunk in _chunks(connection)],
        "notes": [list(one) for one in connection.notes],
    }


def _chunks(connection: Connection) -> Iterator[tuple[int, Chunk]]:
    """Both directions, in the order in which they passed."""
    both = (
        [(0, chunk) for chunk in connection.to_server.kept()],
        [(1, chunk) for chunk in connection.to_client.kept()],
    )
    return merge(*both, key=lambda one: one[1].at_ns)


def _entry(name: str, method: int = ZIP_DEFLATED) -> ZipInfo:
    entry = ZipInfo(name)
    entry.compress_type = method
    return entry


def _allowed(size: int) -> int:
    """How many bytes an archive of `size` bytes may grow to."""
    return max(size * _GROWS_AT_MOST, _ALWAYS_ALLOWED)


def damaged(why: str) -> SessionError:
    return SessionError(Trouble.DAMAGED, why[:300], "a file as `stend tap export` writes it")

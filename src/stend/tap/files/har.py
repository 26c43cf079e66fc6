"""The HTTP exchanges of a recording as HAR, as the tools of a browser save them.

Source: HTTP Archive 1.2 (W3C Web Performance, the last draft). Names of its own begin with `_`.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import parse_qsl

from stend.kit.clock import rfc3339
from stend.kit.json import JsonObject, JsonValue
from stend.tap.files.http_messages import Headers, Message, message_of
from stend.tap.files.socket_messages import socket_message
from stend.tap.reading import Moments, Reading
from stend.tap.recording import Connection, Place, Recording
from stend.tap.showing import moment
from stend.wire.decoding import Direction, Unit

_HTTP = frozenset({"http1", "http2", "websocket"})
_SWITCHING_PROTOCOLS = 101
_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
_FORM = "application/x-www-form-urlencoded"
_UNKNOWN = -1


class Talk(NamedTuple):
    """An exchange as it is now; more may come to the one that it was taken from."""

    id: str
    connection: int
    units: tuple[Unit, ...]
    moments: tuple[Moments, ...]
    error: str | None


def talks_of(reading: Reading) -> list[Talk]:
    """All exchanges of HTTP and of WebSockets, the oldest first."""
    found = [
        Talk(
            one.id,
            one.connection.number,
            tuple(one.exchange.units),
            tuple(one.moments),
            one.exchange.error,
        )
        for one in reading.all()
        if one.exchange.first.protocol in _HTTP
    ]
    return sorted(found, key=lambda one: one.moments[0].began_ns)


def save(recording: Recording, talks: Iterable[Talk], version: str) -> bytes:
    """
    Args:
        recording: that nothing is added to meanwhile.
        talks: taken from a reading of the same.
        version: of stend.
    """
    entries: list[JsonValue] = []
    # Lists of what passes on connections that have become a WebSocket.
    sockets: dict[int, list[JsonValue]] = {}
    gone = 0
    for talk in talks:
        connection = recording.connections.get(talk.connection)
        parts = None if connection is None else _parts(connection, talk)
        if connection is None or parts is None:
            gone += 1
            continue
        if talk.connection in sockets:
            sockets[talk.connection] += _messages(recording, talk, parts)
            continue
        entry = _entry(recording, connection, talk, parts)
        if entry is None:
            continue
        entries.append(entry)
        if _is_switched(entry):
            entry["_webSocketMessages"] = sockets[talk.connection] = []
    log: JsonObject = {
        "version": "1.2",
        "creator": {"name": "stend", "version": version},
        "entries": entries,
    }
    if gone:
        log["comment"] = f"{gone} exchanges are left out: the ring has let go of their bytes"
    return json.dumps({"log": log}, ensure_ascii=False, separators=(",", ":")).encode()


_Parts = list[tuple[Unit, bytes]]


def _parts(connection: Connection, talk: Talk) -> _Parts | None:
    found = []
    for unit in talk.units:
        data = connection.stream(unit.direction).bytes_between(unit.start, unit.end)
        if data is None:
            return None
        found.append((unit, data))
    return found


def _messages(recording: Recording, talk: Talk, parts: _Parts) -> Iterator[JsonValue]:
    for (unit, data), at in zip(parts, talk.moments, strict=True):
        if unit.protocol == "websocket":
            made = socket_message(unit, data, recording.wall_ns(at.ended_ns) / _NS_PER_S)
            if made is not None:
                yield made


def _is_switched(entry: JsonObject) -> bool:
    response = entry["response"]
    return isinstance(response, dict) and response["status"] == _SWITCHING_PROTOCOLS


def _entry(
    recording: Recording, connection: Connection, talk: Talk, parts: _Parts
) -> JsonObject | None:
    """None for what is no request: frames of the connection itself, what could not be decoded."""
    asked, said = (
        message_of((unit, data) for unit, data in parts if unit.direction is way)
        for way in (Direction.TO_SERVER, Direction.TO_CLIENT)
    )
    if "method" not in asked.pseudo:
        return None
    timings = _timings(talk)
    entry: JsonObject = {
        "startedDateTime": moment(recording, talk.moments[0].began_ns),
        "time": sum(one for one in timings.values() if one >= 0),
        "request": _request(asked, connection.place),
        "response": _response(said, talk.error),
        "cache": {},
        "timings": dict(timings),
        "connection": f"c{connection.number}",
        "_id": talk.id,
        "_source": connection.place.source,
        "_target": connection.place.target,
    }
    return entry


def _timings(talk: Talk) -> Mapping[str, float]:
    """Milliseconds; -1 for what a tap between the two cannot see."""
    ways: dict[Direction, list[Moments]] = {way: [] for way in Direction}
    for unit, at in zip(talk.units, talk.moments, strict=True):
        ways[unit.direction].append(at)
    up, down = ways[Direction.TO_SERVER], ways[Direction.TO_CLIENT]
    sent = max(one.ended_ns for one in up) if up else talk.moments[0].began_ns
    send = sent - talk.moments[0].began_ns
    wait = max(down[0].began_ns - sent, 0) if down else 0
    receive = max(one.ended_ns for one in down) - down[0].began_ns if down else 0
    shown = {"send": send, "wait": wait, "receive": receive}
    unseen = dict.fromkeys(("blocked", "dns", "connect", "ssl"), float(_UNKNOWN))
    return unseen | {name: value / _NS_PER_MS for name, value in shown.items()}


def _request(asked: Message, place: Place) -> JsonObject:
    url = _url(asked, place)
    made: JsonObject = {
        "method": asked.pseudo["method"],
        "url": url,
        "httpVersion": asked.version,
        "cookies": _cookies(asked.headers),
        "headers": _pairs(asked.headers),
        "queryString": _pairs(parse_qsl(_query(url), keep_blank_values=True)),
        "headersSize": asked.head_bytes,
        "bodySize": asked.body_bytes,
    }
    if asked.body:
        made["postData"] = _post(asked)
    if asked.trailers:
        made["_trailers"] = _pairs(asked.trailers)
    return made


def _url(asked: Message, place: Place) -> str:
    path = asked.pseudo.get("path", "")
    if "://" in path:
        return path
    scheme = asked.pseudo.get("scheme", "http")
    host = asked.pseudo.get("authority") or asked.header("host") or place.target
    return f"{scheme}://{host}{path if path.startswith('/') else ''}"


def _query(url: str) -> str:
    # Not by urlsplit, which refuses hosts that are none.
    return url.partition("#")[0].partition("?")[2]


def _response(said: Message, error: str | None) -> JsonObject:
    """Status 0 where none has come, as browsers tell it."""
    status = said.pseudo.get("status", "")
    made: JsonObject = {
        "status": int(status) if status.isdecimal() else 0,
        "statusText": said.reason,
        "httpVersion": said.version,
        "cookies": _set_cookies(said.headers),
        "headers": _pairs(said.headers),
        "content": _content(said),
        "redirectURL": said.header("location") or "",
        "headersSize": said.head_bytes if said.version else _UNKNOWN,
        "bodySize": said.body_bytes if said.version else _UNKNOWN,
    }
    if error is not None:
        made["_error"] = error
    if said.trailers:
        made["_trailers"] = _pairs(said.trailers)
    return made


def _post(asked: Message) -> JsonObject:
    kind = asked.header("content-type") or ""
    content = asked.content()
    made: JsonObject = {"mimeType": kind}
    text = None if content is None else _readable(content)
    if text is None:
        raw = bytes(asked.body) if content is None else content
        made |= {"text": base64.b64encode(raw).decode(), "_encoding": "base64"}
    elif kind.partition(";")[0].strip().lower() == _FORM:
        # The two exclude each other.
        made["params"] = _pairs(parse_qsl(text, keep_blank_values=True))
    else:
        made["text"] = text
    return made


def _content(said: Message) -> JsonObject:
    content = said.content()
    raw = bytes(said.body) if content is None else content
    made: JsonObject = {
        "size": len(raw),
        "mimeType": said.header("content-type") or "x-unknown",
    }
    if len(raw) != len(said.body):
        made["compression"] = len(raw) - len(said.body)
    if not raw:
        return made
    text = None if content is None else _readable(content)
    if text is None:
        return made | {"text": base64.b64encode(raw).decode(), "encoding": "base64"}
    return made | {"text": text}


def _readable(content: bytes) -> str | None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _pairs(pairs: Headers) -> list[JsonValue]:
    return [{"name": name, "value": value} for name, value in pairs]


def _cookies(headers: Headers) -> list[JsonValue]:
    found: list[JsonValue] = []
    for name, value in headers:
        if name.lower() == "cookie":
            pairs = (one.partition("=") for one in value.split(";") if one.strip())
            found += ({"name": key.strip(), "value": text} for key, _, text in pairs)
    return found


def _set_cookies(headers: Headers) -> list[JsonValue]:
    return [_set_cookie(value) for name, value in headers if name.lower() == "set-cookie"]


def _set_cookie(text: str) -> JsonObject:
    pair, *attributes = text.split(";")
    name, _, value = pair.partition("=")
    made: JsonObject = {"name": name.strip(), "value": value.strip()}
    made |= {"httpOnly": False, "secure": False}
    for one in attributes:
        key, _, given = one.partition("=")
        match key.strip().lower():
            case "httponly":
                made["httpOnly"] = True
            case "secure":
                made["secure"] = True
            case "path" | "domain" as known:
                made[known] = given.strip()
            case "expires":
                if moment_of := _date(given):
                    made["expires"] = moment_of
    return made


def _date(text: str) -> str | None:
    try:
        found = parsedate_to_datetime(text.strip())
        # Without a zone it is UTC (RFC 9110 §5.6.7).
        return rfc3339(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None

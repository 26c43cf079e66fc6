"""Messages of WebSocket as the tools of a browser write them into HAR: `_webSocketMessages`."""

import base64
from typing import Any

from stend.kit.fields import Field
from stend.wire.decoding import Direction, Unit

_TEXT, _BINARY = 1, 2
_DATA_FRAMES = frozenset({"text", "binary", "continuation"})
_PIECES = frozenset({"fragment", "compressed data"})


def socket_message(unit: Unit, data: bytes, at_s: float) -> dict[str, Any] | None:
    """The message that a frame ends; None for control frames, and where more frames follow.

    Args:
        at_s: when its last byte passed, in seconds since 1970.
    """
    opcode = unit.facts.get("opcode", "").lower()
    content = _content(unit.fields(data), data) if opcode in _DATA_FRAMES else None
    if content is None:
        return None
    made = {
        "type": "send" if unit.direction is Direction.TO_SERVER else "receive",
        "time": at_s,
    }
    try:
        text = None if opcode == "binary" else content.decode()
    except UnicodeDecodeError:
        text = None
    if text is None:
        return made | {"opcode": _BINARY, "data": base64.b64encode(content).decode()}
    return made | {"opcode": _TEXT, "data": text}


def _content(tree: tuple[Field, ...], data: bytes) -> bytes | None:
    """What the whole message says: unmasked, put together, inflated."""
    payload = next((one for one in tree if one.name == "Payload data"), None)
    if payload is None:
        return b""
    pieces, plain = payload.children, data[payload.start : payload.end]
    if payload.inner is not None:
        pieces, plain = payload.inner.fields, payload.inner.data
    if pieces and pieces[0].name in _PIECES:
        whole = pieces[0].inner
        return None if whole is None else whole.data
    return plain

"""What wsproto sends is what is decoded."""

import random

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.extensions import Extension, PerMessageDeflate

from stend.wire.decoding import Direction, Unit
from stend.wire.websocket.decoder import WebSocketDecoder
from tests.wire.checking import Heard, Talk, check, find

CLIENT, SERVER = ConnectionType.CLIENT, ConnectionType.SERVER


def _deflate(*, takeover: bool) -> tuple[PerMessageDeflate, str]:
    """One end's extension, and what its handshake said."""
    deflate = PerMessageDeflate(
        client_no_context_takeover=not takeover, server_no_context_takeover=not takeover
    )
    offer = deflate.offer()
    answer = deflate.accept(str(offer))
    extension = PerMessageDeflate(
        client_no_context_takeover=not takeover, server_no_context_takeover=not takeover
    )
    extension.finalize(f"permessage-deflate; {answer}")
    return extension, f"permessage-deflate; {answer}"


def _talk(extensions: list[list[Extension]], seed: int) -> tuple[Talk, list[str | bytes]]:
    chance = random.Random(seed)
    ends = [Connection(CLIENT, extensions[0]), Connection(SERVER, extensions[1])]
    talk: list[tuple[Direction, bytes]] = []
    said: list[str | bytes] = []
    for number in range(20):
        which = chance.randrange(2)
        parts = chance.randrange(1, 4)
        words = [f"слово {number} {'а' * chance.randrange(300)}" for _ in range(parts)]
        is_text = chance.random() < 0.8
        sent = b""
        for at, word in enumerate(words):
            last = at == parts - 1
            event = (
                TextMessage(data=word, message_finished=last)
                if is_text
                else BytesMessage(data=word.encode(), message_finished=last)
            )
            sent += ends[which].send(event)
        said.append("".join(words) if is_text else "".join(words).encode())
        talk.append((list(Direction)[which], sent))
    talk.append((Direction.TO_SERVER, ends[0].send(Ping(payload=b"hi"))))
    talk.append((Direction.TO_SERVER, ends[0].send(CloseConnection(code=1000, reason="end"))))
    return talk, said


@pytest.mark.parametrize("takeover", [None, True, False])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_wsproto_sends_is_what_is_decoded(takeover: bool | None, seed: int) -> None:
    told, extensions = "", [list[Extension](), list[Extension]()]
    if takeover is not None:
        client, told = _deflate(takeover=takeover)
        server, _ = _deflate(takeover=takeover)
        extensions = [[client], [server]]
    talk, said = _talk(extensions, seed)
    heard = check(lambda: WebSocketDecoder(extensions=told), talk)
    whole = [unit for unit in heard.units[:-2] if not unit.name.endswith("fragment")]
    assert [_message(heard, unit) for unit in whole] == said
    assert [unit.name for unit in heard.units[-2:]] == ["ping", "close 1000"]


def _message(heard: Heard, unit: Unit) -> str | bytes:
    """What the innermost piece of a payload says."""
    data, piece = heard.data(unit), find(heard.tree(unit), "Payload data")
    while piece.inner is not None or piece.children:
        if piece.inner is not None:
            data = piece.inner.data
            (piece,) = piece.inner.fields
        else:
            (piece,) = piece.children
    return piece.value if isinstance(piece.value, str) else data[piece.start : piece.end]

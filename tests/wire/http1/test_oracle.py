"""What h11 reads from a connection is what is decoded."""

import random

import h11

from stend.kit.fields import Field
from stend.wire.decoding import Direction
from stend.wire.http1.decoder import Http1Decoder
from tests.wire.checking import Talk, check, find

OUT, BACK = Direction.TO_SERVER, Direction.TO_CLIENT


def _exchange(chance: random.Random, number: int) -> tuple[list[h11.Event], list[h11.Event]]:
    body = bytes(chance.choices(b"abc{}\r\n", k=chance.randrange(1, 400)))
    method = chance.choice(["GET", "HEAD", "POST"])
    length = [] if method != "POST" else [("Content-Length", str(len(body)))]
    asked: list[h11.Event] = [
        h11.Request(method=method, target=f"/{number}", headers=[("Host", "a"), *length])
    ]
    if method == "POST":
        asked.append(h11.Data(data=body))
    asked.append(h11.EndOfMessage())
    status = chance.choice([200, 201, 204, 304, 404, 500])
    chunked = chance.random() < 0.5
    told = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))
    answered: list[h11.Event] = []
    if chance.random() < 0.2:
        answered.append(h11.InformationalResponse(status_code=103, headers=[]))
    headers = [] if status == 204 else [told]
    answered.append(h11.Response(status_code=status, headers=headers, reason=b"X"))
    if method != "HEAD" and status not in (204, 304):
        half = len(body) // 2
        answered += [h11.Data(data=body[:half]), h11.Data(data=body[half:])]
    answered.append(h11.EndOfMessage())
    return asked, answered


def _sent(end: h11.Connection, events: list[h11.Event]) -> bytes:
    return b"".join(end.send(event) or b"" for event in events)


def _talk(seed: int) -> tuple[Talk, list[tuple[bytes, bytes]]]:
    """Bytes of some exchanges, and the bodies that h11 reads from them."""
    chance = random.Random(seed)
    client, server = h11.Connection(h11.CLIENT), h11.Connection(h11.SERVER)
    talk: list[tuple[Direction, bytes]] = []
    bodies: list[tuple[bytes, bytes]] = []
    for number in range(12):
        asked, answered = _exchange(chance, number)
        talk.append((OUT, _sent(client, asked)))
        server.receive_data(talk[-1][1])
        got = _received(server)
        talk.append((BACK, _sent(server, answered)))
        client.receive_data(talk[-1][1])
        bodies.append((got, _received(client)))
        client.start_next_cycle()
        server.start_next_cycle()
    return talk, bodies


def _received(end: h11.Connection) -> bytes:
    body = b""
    while True:
        event = end.next_event()
        if isinstance(event, h11.Data):
            body += bytes(event.data)
        if isinstance(event, h11.EndOfMessage) or event in (h11.NEED_DATA, h11.PAUSED):
            return body


def _body(tree: tuple[Field, ...], data: bytes) -> bytes:
    try:
        body = find(tree, "message body")
    except LookupError:
        return b""
    return body.inner.data if body.inner is not None else data[body.start : body.end]


def test_what_h11_reads_is_what_is_decoded() -> None:
    for seed in range(8):
        talk, bodies = _talk(seed)
        heard = check(Http1Decoder, talk)
        finals = [one for one in heard.of(BACK) if one.is_last]
        assert len(heard.of(OUT)) == len(finals) == len(bodies)
        for asked, answered, (sent, got) in zip(heard.of(OUT), finals, bodies, strict=True):
            assert asked.exchange == answered.exchange
            assert _body(heard.tree(asked), heard.data(asked)) == sent
            assert _body(heard.tree(answered), heard.data(answered)) == got

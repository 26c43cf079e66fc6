"""Files of what the ring holds, over HTTP."""

import httpx
import pytest

from stend.tap.faults import Edge, Wanted
from stend.tap.files.session import load
from stend.wire.decoding import Direction
from tests.fakes.wire import FakeWire


def _talked(wire: FakeWire) -> None:
    one = wire.opened()
    wire.said(one, Direction.TO_SERVER, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    wire.said(one, Direction.TO_CLIENT, b"HTTP/1.1 204 No Content\r\n\r\n")


@pytest.mark.parametrize("path", ["/stand/tap/session", "/stand/tap/export?format=session"])
async def test_the_session_is_everything_that_was_recorded(
    http: httpx.AsyncClient, wire: FakeWire, path: str
) -> None:
    _talked(wire)
    wire.faults.set(Wanted("latency", Edge("client", "shop"), seed=5))
    answer = await http.get(path)
    assert answer.headers["content-disposition"] == 'attachment; filename="stend.zip"'
    recording, extras = load(answer.content)
    assert recording.figures() == wire.recording.figures()
    (fault,) = extras.faults
    assert isinstance(fault, dict)
    assert (fault["kind"], fault["seed"]) == ("latency", 5)
    wire.faults.clear_all()


async def test_packets_tell_the_id_of_their_exchange(
    http: httpx.AsyncClient, wire: FakeWire
) -> None:
    _talked(wire)
    answer = await http.get("/stand/tap/export?format=pcapng")
    assert answer.content[:4] == b"\x0a\x0d\x0d\x0a"
    assert b"c1.1 " in answer.content


async def test_an_unknown_format_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.get("/stand/tap/export?format=docx")
    assert answer.status_code == 422
    assert "pcapng" in answer.json()["detail"]


async def test_bytes_are_told_by_place_also_of_connections_that_are_gone(
    http: httpx.AsyncClient, wire: FakeWire
) -> None:
    _talked(wire)
    state = (await http.get("/stand/tap")).json()
    place = {"source": "client", "target": "shop", "protocol": "http"}
    assert state["places"] == [place | {"bytes_to_server": 27, "bytes_to_client": 27}]

"""A service's own token: asked for once, and anew when it is old or not accepted any more."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import pytest_asyncio

from stend.chassis.client_tokens import Client, ClientTokens
from stend.kit.errors import EdgeErrorCode, StendError
from tests.engines.servers import HOST
from tests.fakes.orders import HandClock


@dataclass(slots=True)
class Issuer:
    """A token endpoint whose tokens are numbered."""

    asked: int = 0
    status: str = "200 OK"
    url: str = field(default="")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        length = next(line for line in lines if line.startswith("content-length"))
        await reader.readexactly(int(length.split(": ")[1]))
        self.asked += 1
        body = json.dumps({"access_token": f"token-{self.asked}", "expires_in": 300}).encode()
        writer.write(
            f"HTTP/1.1 {self.status}\r\nContent-Length: {len(body)}\r\n".encode()
            + b"Connection: close\r\n\r\n"
            + (body if self.status.startswith("200") else b"x" * len(body))
        )
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    server = await asyncio.start_server(issuer.serve, HOST, 0)
    issuer.url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}/oauth/token"
    yield issuer
    server.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest_asyncio.fixture
async def tokens(issuer: Issuer, clock: HandClock) -> AsyncIterator[ClientTokens]:
    tokens = ClientTokens(Client(issuer.url, "orders", "secret"), clock)
    yield tokens
    await tokens.close()


async def credential(tokens: ClientTokens) -> str:
    async with tokens.presented() as presented:
        return presented


async def refused(tokens: ClientTokens, code: EdgeErrorCode) -> None:
    with pytest.raises(StendError):
        async with tokens.presented():
            raise StendError(code, "No.")


async def test_fifty_calls_at_once_ask_for_one_token(tokens: ClientTokens, issuer: Issuer) -> None:
    got = await asyncio.gather(*(credential(tokens) for _ in range(50)))
    assert (set(got), issuer.asked) == ({"Bearer token-1"}, 1)


async def test_a_token_near_its_end_is_not_presented(
    tokens: ClientTokens, clock: HandClock
) -> None:
    await credential(tokens)
    clock.pass_by(timedelta(seconds=269))
    assert await credential(tokens) == "Bearer token-1"
    clock.pass_by(timedelta(seconds=2))
    assert await credential(tokens) == "Bearer token-2"


async def test_a_token_that_a_peer_does_not_accept_is_not_presented_again(
    tokens: ClientTokens,
) -> None:
    await credential(tokens)
    await refused(tokens, EdgeErrorCode.UNAVAILABLE)
    await refused(tokens, EdgeErrorCode.FORBIDDEN)
    assert await credential(tokens) == "Bearer token-1"
    await refused(tokens, EdgeErrorCode.UNAUTHENTICATED)
    assert await credential(tokens) == "Bearer token-2"


async def test_a_late_refusal_of_an_old_token_leaves_the_new_one(tokens: ClientTokens) -> None:
    async def late() -> None:
        async with tokens.presented():
            await refused(tokens, EdgeErrorCode.UNAUTHENTICATED)
            assert await credential(tokens) == "Bearer token-2"
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "No.")

    with pytest.raises(StendError):
        await late()
    assert await credential(tokens) == "Bearer token-2"


async def test_an_issuer_that_gives_none_is_unavailable_and_asked_again(
    tokens: ClientTokens, issuer: Issuer
) -> None:
    issuer.status = "503 Service Unavailable"
    with pytest.raises(StendError) as caught:
        await credential(tokens)
    assert caught.value.code is EdgeErrorCode.UNAVAILABLE
    issuer.status = "200 OK"
    assert await credential(tokens) == "Bearer token-2"

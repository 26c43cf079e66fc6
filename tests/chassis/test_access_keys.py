"""Keys from an address: fetched when needed, kept fresh, and never waited for by a request."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc.jwk import ECKey

from stend.chassis.tokens import FetchedKeys, KeyTable
from stend.kit.errors import EdgeErrorCode, StendError
from tests.conftest import free_port_base
from tests.waiting import until

Answer = tuple[int, bytes]


def jwks(*kids: str) -> Answer:
    keys = [{**PUBLIC, "kid": kid} for kid in kids]
    return 200, json.dumps({"keys": keys}).encode()


PUBLIC: dict[str, Any] = ECKey.generate_key("P-256", private=False).as_dict(private=False)
NONSENSE: tuple[Answer, ...] = (
    (200, b"not json"),
    (200, b'{"keys": 1}'),
    (200, b" " * 100_000),
    (500, jwks("one")[1]),
    (302, b""),
)


class Issuer:
    """A real HTTP server that answers as it is told; `calls` counts."""

    def __init__(self) -> None:
        self.answer: Answer = jwks("one")
        self.calls = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.calls += 1
                issuer.may_answer.wait(5)
                status, body = issuer.answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/oauth/jwks"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.may_answer.set()
    made.server.shutdown()
    made.server.server_close()


def unavailable(ask: Callable[[], KeyTable]) -> str:
    with pytest.raises(StendError) as caught:
        ask()
    assert caught.value.code is EdgeErrorCode.UNAVAILABLE
    return caught.value.detail


def test_nothing_is_fetched_before_it_is_needed(issuer: Issuer) -> None:
    keys = FetchedKeys(issuer.url)
    assert issuer.calls == 0
    issuer.may_answer.clear()
    # While the thread fetches, nobody waits.
    assert "not fetched yet" in unavailable(lambda: keys.table(0))
    unavailable(lambda: keys.table(0))
    issuer.may_answer.set()
    until(lambda: keys._table)
    assert list(keys.table(1)) == ["one"]
    assert issuer.calls == 1


def test_keys_are_renewed_while_the_former_ones_serve(issuer: Issuer) -> None:
    keys = FetchedKeys(issuer.url)
    keys.fetch(0)
    before = keys.table(299)
    assert keys.table(300) is before
    until(lambda: issuer.calls == 2 and not keys._begin(301))
    # The same keys are the same table, which is how a verifier sees that nothing has changed.
    assert keys.table(301) is before
    issuer.answer = jwks("two")
    keys.table(700)
    until(lambda: list(keys.table(701)) == ["two"])


def test_unknown_key_makes_it_fetch_but_not_as_often_as_somebody_likes(issuer: Issuer) -> None:
    keys = FetchedKeys(issuer.url)
    keys.fetch(0)
    assert list(keys.after_miss(59)) == ["one"]
    assert issuer.calls == 1
    issuer.answer = jwks("one", "two")
    assert "newest keys" in unavailable(lambda: keys.after_miss(60))
    until(lambda: list(keys.table(61)) == ["one", "two"])
    for second in range(62, 100):
        keys.after_miss(second)
    assert issuer.calls == 2


@pytest.mark.parametrize("answer", NONSENSE, ids=lambda answer: f"{answer[0]} {answer[1][:9]!r}")
def test_nonsense_does_not_replace_keys(issuer: Issuer, answer: Answer) -> None:
    keys = FetchedKeys(issuer.url)
    keys.fetch(0)
    issuer.answer = answer
    keys.fetch(400)
    assert issuer.calls == 2
    assert list(keys.table(400)) == ["one"]


def test_keys_that_could_not_be_renewed_for_an_hour_are_trusted_no_longer(issuer: Issuer) -> None:
    keys = FetchedKeys(issuer.url)
    keys.fetch(0)
    issuer.answer = (503, b"")
    keys.fetch(3599)
    assert list(keys.table(3599)) == ["one"]
    assert "503" in unavailable(lambda: keys.table(3600))
    issuer.answer = jwks("one")
    keys.fetch(4000)
    assert list(keys.table(4000)) == ["one"]


def test_tries_are_spaced_further_and_further_apart() -> None:
    keys = FetchedKeys(f"http://127.0.0.1:{free_port_base()}/oauth/jwks")
    tried = []
    for second in range(200):
        before = keys._next_try_s
        keys.fetch(second)
        if keys._next_try_s != before:
            tried.append(second)
    assert tried == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    assert "127.0.0.1" in unavailable(lambda: keys.table(200))

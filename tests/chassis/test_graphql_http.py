"""GraphQL over HTTP: media types, status codes, what is no request, and subscriptions over SSE."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from stend.chassis.graphql.config import GraphqlLimits
from stend.chassis.metrics import REGISTRY
from tests.chassis.graphql_tree import CONTRACT, PATH, Seen, tree_endpoint
from tests.serving import narrow_socket, served
from tests.waiting import until_async

pytestmark = pytest.mark.asyncio(loop_scope="module")
RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENTS = "text/event-stream"
NAME = {"query": "{ node { name } }"}
seen = Seen()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    limits = GraphqlLimits(heartbeat_s=0.05)
    async with (
        served(tree_endpoint(seen, limits)) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        yield client


async def post(http: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await http.post(PATH, content=content, headers={"content-type": JSON, **headers})


def error_of(response: httpx.Response) -> dict[str, Any]:
    error: dict[str, Any] = response.json()["errors"][0]
    return error


def code_of(response: httpx.Response) -> str:
    code: str = error_of(response)["extensions"]["code"]
    return code


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (RESPONSE, RESPONSE),
        (JSON, JSON),
        ("*/*", RESPONSE),
        ("application/*", RESPONSE),
        (f"{JSON};q=0.5, {RESPONSE}", RESPONSE),
        (f"{RESPONSE};q=0.5, {JSON};q=0.9", JSON),
        (f"text/html, {JSON}", JSON),
        (f"{RESPONSE};q=0, {JSON}", JSON),
    ],
)
async def test_the_answer_has_the_media_type_that_the_client_likes_most(
    http: httpx.AsyncClient, accept: str, media_type: str
) -> None:
    response = await post(http, NAME, accept=accept)
    assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    assert response.json() == {"data": {"node": {"name": "root"}}}


@pytest.mark.parametrize("accept", ["text/html", "image/*", f"{JSON};q=0", f"{JSON};q=x", ""])
async def test_a_client_that_takes_nothing_of_ours_is_told_so(
    http: httpx.AsyncClient, accept: str
) -> None:
    response = await post(http, NAME, accept=accept)
    assert (response.status_code, code_of(response)) == (406, "unsupported-media-type")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"NONSENSE", 400, "malformed-message"),
        (b'{"query":', 400, "malformed-message"),
        (b"\xff\xfe", 400, "malformed-message"),
        (b"", 400, "malformed-message"),
        (b"[" * 60_000, 400, "malformed-message"),
        (b'{"query": "{ root }", "variables": {"n": NaN}}', 400, "malformed-message"),
        (b'{"query": "\\ud800"}', 400, "malformed-message"),
        ({"qeury": "{ node { name } }"}, 400, "invalid-argument"),
        ({"query": 1}, 400, "invalid-argument"),
        ({"query": None}, 400, "invalid-argument"),
        ({**NAME, "variables": [7]}, 400, "invalid-argument"),
        ({**NAME, "operationName": 1}, 400, "invalid-argument"),
        ({**NAME, "extensions": "x"}, 400, "invalid-argument"),
        ({**NAME, "id": "1"}, 400, "invalid-argument"),
        ("text", 400, "invalid-argument"),
        ([NAME, NAME], 400, "invalid-argument"),
        ([], 400, "invalid-argument"),
        ({"query": " " * 66_000}, 413, "message-too-large"),
    ],
)
@pytest.mark.parametrize("accept", [RESPONSE, JSON])
async def test_what_is_no_request_is_refused_whatever_the_media_type(
    http: httpx.AsyncClient, body: Any, status: int, code: str, accept: str
) -> None:
    before = seen.resolved
    response = await post(http, body, accept=accept)
    assert (response.status_code, code_of(response)) == (status, code)
    assert "data" not in response.json()
    assert seen.resolved == before


async def test_a_batch_is_told_what_to_do(http: httpx.AsyncClient) -> None:
    response = await post(http, [NAME] * 1_000)
    assert "does not take batches" in error_of(response)["message"]


async def test_a_body_without_a_length_is_counted_as_it_comes(http: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_024

    response = await http.post(PATH, content=chunks(), headers={"content-type": JSON})
    assert (response.status_code, code_of(response)) == (413, "message-too-large")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "malformed-message"),
        ({"query": "{ tree }"}, "invalid-argument"),
        ({"query": "query A { node { name } } query B { root }"}, "no-such-operation"),
        ({"query": "query($n: Int!) { node { nodes(first: $n) { name } } }"}, "invalid-argument"),
        (
            {
                "query": "query($n: Int!) { node { nodes(first: $n) { name } } }",
                "variables": {"n": 2**31},
            },
            "invalid-argument",
        ),
    ],
)
async def test_a_document_that_is_refused_has_a_status_only_in_the_media_type_that_is_ours(
    http: httpx.AsyncClient, body: Any, code: str
) -> None:
    ours = await post(http, body, accept=RESPONSE)
    anybodys = await post(http, body, accept=JSON)
    assert (ours.status_code, anybodys.status_code) == (400, 200)
    assert ours.json() == anybodys.json()
    assert (code_of(ours), "data" in ours.json()) == (code, False)


async def test_a_field_that_failed_is_null_beside_an_error_with_its_place(
    http: httpx.AsyncClient,
) -> None:
    response = await post(http, {"query": "{ node {\n  name\n  fell } }"}, accept=RESPONSE)
    assert response.status_code == 200
    assert response.json() == {
        "data": {"node": {"name": "root", "fell": None}},
        "errors": [
            {
                "message": "It fell. Got: oak.",
                "locations": [{"line": 3, "column": 3}],
                "path": ["node", "fell"],
                "extensions": {"code": "felled", "value": "oak"},
            }
        ],
    }


async def test_data_that_is_null_as_a_whole_was_executed(http: httpx.AsyncClient) -> None:
    response = await post(http, {"query": "{ root }"})
    assert (response.status_code, response.json()["data"]) == (200, None)
    assert code_of(response) == "felled"


async def test_a_bug_of_a_resolver_is_told_without_its_secrets(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = await post(http, {"query": "{ node { rot } }"})
    assert code_of(response) == "internal"
    assert "secret" not in response.text
    assert "a secret of the server" in caplog.text


async def test_what_is_refused_is_counted_by_its_code(http: httpx.AsyncClient) -> None:
    labels = {"service": "tree", "protocol": "graphql", "operation": "Document"}

    def counted() -> float:
        told = {**labels, "code": "malformed-message"}
        return REGISTRY.get_sample_value("shop_requests_total", told) or 0.0

    before = counted()
    await post(http, {"query": "{"})
    assert counted() == before + 1


# ---- GET ---------------------------------------------------------------------------------------


async def test_a_query_may_come_in_the_address(http: httpx.AsyncClient) -> None:
    query = "query Q($n: Int!) { node { nodes(first: $n) { name } } }"
    variables = json.dumps({"n": 1})
    parameters = {"query": query, "variables": variables, "operationName": "Q"}
    response = await http.get(PATH, params=parameters)
    assert response.json() == {"data": {"node": {"nodes": [{"name": "root.0"}]}}}


async def test_a_mutation_may_not(http: httpx.AsyncClient) -> None:
    before = seen.resolved
    response = await http.get(PATH, params={"query": "mutation { plant }"})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert seen.resolved == before


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "invalid-argument"),
        ("?query={node{name}}&variables=x", "malformed-message"),
        ("?query={node{name}}&query={root}", "invalid-argument"),
        ("?query={node{name}}&debug=1", "invalid-argument"),
    ],
)
async def test_a_broken_address_is_refused(
    http: httpx.AsyncClient, address: str, code: str
) -> None:
    response = await http.get(PATH + address)
    assert (response.status_code, code_of(response)) == (400, code)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_refused(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, PATH)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data", ""])
async def test_a_body_of_another_media_type_is_refused(
    http: httpx.AsyncClient, media_type: str
) -> None:
    response = await http.post(PATH, content=b"{}", headers={"content-type": media_type})
    assert (response.status_code, code_of(response)) == (415, "unsupported-media-type")


async def test_the_contract_lies_beside_the_endpoint(http: httpx.AsyncClient) -> None:
    response = await http.get(f"{PATH}/schema.graphql")
    assert response.text == CONTRACT
    assert (await http.get(f"{PATH}/elsewhere")).status_code == 404


async def test_the_credential_reaches_the_resolvers(http: httpx.AsyncClient) -> None:
    await post(http, NAME, authorization="Bearer abc")
    assert seen.credentials[-1] == "Bearer abc"


# ---- Server-Sent Events ------------------------------------------------------------------------


async def test_a_subscription_streams_as_server_sent_events(http: httpx.AsyncClient) -> None:
    response = await post(http, {"query": "subscription { ticks(count: 2) }"}, accept=EVENTS)
    assert response.headers["content-type"].startswith(EVENTS)
    event = 'event: next\ndata: {"data":{"ticks":"t"}}\n\n'
    assert response.text == event * 2 + "event: complete\ndata:\n\n"


async def test_a_query_streams_its_only_answer(http: httpx.AsyncClient) -> None:
    response = await post(http, NAME, accept=EVENTS)
    assert response.text.startswith('event: next\ndata: {"data":{"node"')
    assert response.text.endswith("event: complete\ndata:\n\n")


async def test_an_error_ends_a_stream_and_is_told(http: httpx.AsyncClient) -> None:
    response = await post(http, {"query": "subscription { falling }"}, accept=EVENTS)
    first, last, complete, _ = response.text.split("\n\n")
    assert json.loads(first.partition("data: ")[2]) == {"data": {"falling": "falling"}}
    errors = json.loads(last.partition("data: ")[2])["errors"]
    assert errors[0]["extensions"]["code"] == "felled"
    assert complete.startswith("event: complete")


async def test_a_subscription_that_is_refused_does_not_become_a_stream(
    http: httpx.AsyncClient,
) -> None:
    response = await post(http, {"query": "subscription { ticks(cuont: 1) }"}, accept=EVENTS)
    assert (response.status_code, code_of(response)) == (400, "invalid-argument")


async def test_a_silent_stream_says_that_it_is_there_and_ends_with_its_reader(
    http: httpx.AsyncClient,
) -> None:
    body = json.dumps({"query": "subscription { silence }"}).encode()
    headers = {"content-type": JSON, "accept": EVENTS}
    async with http.stream("POST", PATH, content=body, headers=headers) as response:
        assert await anext(response.aiter_raw()) == b":\n\n"
        assert seen.open_streams == 1
    await until_async(lambda: seen.open_streams == 0)


async def test_a_subscription_needs_a_stream(http: httpx.AsyncClient) -> None:
    response = await post(http, {"query": "subscription { silence }"}, accept=RESPONSE)
    assert response.status_code == 400
    assert "graphql-transport-ws" in error_of(response)["message"]


async def test_a_reader_of_a_stream_who_never_reads_is_cut_with_a_reason() -> None:
    own = Seen()
    endpoint = tree_endpoint(own, GraphqlLimits(send_timeout_s=0.5))
    async with served(endpoint, send_buffer_bytes=4096) as base_url:
        narrow = await narrow_socket(base_url.removeprefix("http://"))
        reader, writer = await asyncio.open_connection(sock=narrow, limit=1024)
        body = json.dumps({"query": "subscription { ticks(letters: 1000) }"})
        head = [
            f"POST {PATH} HTTP/1.1",
            "Host: x",
            "Connection: close",
            f"Accept: {EVENTS}",
            f"Content-Type: {JSON}",
            f"Content-Length: {len(body)}",
        ]
        writer.write("\r\n".join([*head, "", body]).encode())
        await until_async(lambda: own.ticks > 0)
        # Nobody reads, and asyncio's own buffer is bounded, too.
        await until_async(lambda: own.open_streams == 0)
        assert own.ticks < 300
        rest = await asyncio.wait_for(reader.read(-1), 10)
        writer.close()
    assert b'"code":"overloaded"' in rest
    assert b"nothing was read for 0.5 s" in rest
    assert rest.endswith(b"event: complete\ndata:\n\n\r\n0\r\n\r\n")

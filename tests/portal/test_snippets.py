"""The same call by other means: what is pasted must be what is in the form."""

import ast
import asyncio
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import json_format
from lxml import etree

from stend.portal.snippets import grpc, rest
from stend.portal.snippets.choosing import snippets_for
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api import messages
from stend.shop.orders.api.fields import input_from_fields
from stend.shop.orders.api.graphql import translate as graphql
from stend.shop.orders.api.grpc.stubs import orders_pb2
from stend.shop.orders.api.grpc.translate import to_message
from stend.shop.orders.api.jsonrpc import translate as jsonrpc
from stend.shop.orders.api.mcp import translate as mcp
from stend.shop.orders.api.protocols import OPERATIONS, Protocol
from stend.shop.orders.api.rest.translate import request_of
from stend.shop.orders.api.soap import translate as soap
from stend.shop.orders.api.webhook import translate as webhook
from stend.shop.orders.api.websocket import translate as websocket
from stend.shop.orders.usecases import Operation, OperationInput
from tests.fakes.portal import PLACES

Found = dict[str, str]

# What shells, JSON and Python each find special, in one line and over several.
NASTY = (
    "Лесная улица",
    "д'Артаньян",
    'говорит "нет"',
    "$(touch /tmp/x) `id` $HOME !!",
    "back\\slash \\n \\' \\\"",
    "a\tb\nc",
    "'; rm -rf ~ #",
    "100 % & | > < * ? ~ {a,b} [c]",
    "-d @/etc/passwd",
    "🥛 молоко",
    "{{ 7 * 7 }}",
)


def place_order(text: str, key: str = "key-0001") -> OperationInput:
    return input_from_fields(
        Operation.PLACE_ORDER,
        {
            "customer_id": "cus_0042",
            "lines.0.sku": "MILK-001",
            "lines.0.quantity": "2",
            "address.city": text,
            "address.street": "Лесная",
            "address.house": "7",
            "address.comment": text,
            "slot.starts_at": "2026-11-23T18:00:00+03:00",
            "slot.ends_at": "2026-11-23T19:00:00+03:00",
            "idempotency_key": key,
        },
    )


INPUTS: dict[str, OperationInput] = {
    "place": place_order(NASTY[1]),
    "get": input_from_fields(Operation.GET_ORDER, {"order_id": "ord_1'$(id)[1-9]{a,b}"}),
    "list": input_from_fields(
        Operation.LIST_ORDERS, {"customer_id": "cus_1 & x", "status": "placed", "limit": "5"}
    ),
    "list-all": input_from_fields(Operation.LIST_ORDERS, {}),
    "cancel": input_from_fields(
        Operation.CANCEL_ORDER,
        {"order_id": "ord_1", "reason": 'Передумал, "совсем"', "expected_version": "3"},
    ),
    "cancel-bare": input_from_fields(Operation.CANCEL_ORDER, {"order_id": "ord_1"}),
    "track": input_from_fields(Operation.TRACK_ORDER, {"order_id": "ord_1", "after_version": "2"}),
}


def snippet(key: str, operation_input: OperationInput) -> Snippet:
    call = Call(operation_input, PLACES)
    by_key = {each.key: each for each in (*rest.snippets_of(call), *grpc.snippets_of(call))}
    return by_key[key]


@pytest.fixture
def shell(tmp_path: Path) -> "Shell":
    return Shell(tmp_path)


class Shell:
    """Runs a snippet through `sh` with curl and grpcurl that print their arguments."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        printer = folder / "print_arguments.py"
        printer.write_text("import json, sys\nprint(json.dumps(sys.argv[1:]))\n", encoding="utf-8")
        for name in ("curl", "grpcurl"):
            stub = folder / name
            # Not the interpreter itself behind #!: its path may hold a space.
            python = f"{shlex.quote(sys.executable)} {shlex.quote(str(printer))}"
            stub.write_text(f'#!/bin/sh\nexec {python} "$@"\n', encoding="utf-8")
            stub.chmod(0o755)

    def arguments(self, code: str) -> list[str]:
        ran = subprocess.run(
            ["sh", "-c", code],
            capture_output=True,
            check=True,
            cwd=self._folder,
            env={"PATH": f"{self._folder}:{os.environ['PATH']}"},
        )
        assert ran.stderr == b""
        arguments: list[str] = json.loads(ran.stdout)
        return arguments


posix_only = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell is what is tested")


@posix_only
@pytest.mark.parametrize("name", INPUTS)
def test_curl_sends_the_request_of_the_client(shell: Shell, name: str) -> None:
    request = request_of(INPUTS[name])
    arguments = shell.arguments(snippet("curl", INPUTS[name]).code)
    assert PLACES.http_url + request.path in arguments
    sent = [arguments[place + 1] for place, each in enumerate(arguments) if each == "-H"]
    assert sent == [f"{name}: {value}" for name, value in request.headers]
    method = arguments[arguments.index("-X") + 1] if "-X" in arguments else "GET"
    assert method == request.method
    if request.body is None:
        assert "--data-raw" not in arguments
    else:
        body = arguments[arguments.index("--data-raw") + 1]
        assert json.loads(body) == json.loads(request.body)
    assert ("-iN" in arguments) == (name == "track")


@posix_only
@pytest.mark.parametrize("text", NASTY)
def test_curl_survives_every_text(shell: Shell, text: str) -> None:
    arguments = shell.arguments(snippet("curl", place_order(text)).code)
    body = json.loads(arguments[arguments.index("--data-raw") + 1])
    assert body["address"]["comment"] == text


@posix_only
@pytest.mark.parametrize("key", ["it's", "$(id)", 'a"b', "-x"])
def test_curl_survives_every_header(shell: Shell, key: str) -> None:
    arguments = shell.arguments(snippet("curl", place_order("x", key)).code)
    assert f"Idempotency-Key: {key}" in arguments


@posix_only
@pytest.mark.parametrize("name", INPUTS)
def test_grpcurl_sends_the_message_of_the_client(shell: Shell, name: str) -> None:
    expected = to_message(INPUTS[name])
    arguments = shell.arguments(snippet("grpcurl", INPUTS[name]).code)
    assert arguments[:2] == ["-plaintext", "-d"]
    operation = type(INPUTS[name]).__name__
    assert arguments[3:] == [PLACES.grpc_target, f"lavka.orders.v1.Orders/{operation}"]
    assert json_format.Parse(arguments[2], type(expected)()) == expected


@pytest.mark.parametrize("text", NASTY)
def test_python_over_grpc_builds_the_message_of_the_client(text: str) -> None:
    code = snippet("grpc", place_order(text)).code
    upto_channel = code[: code.index("with grpc")]
    names: dict[str, object] = {}
    compile(code, "snippet", "exec")
    exec(compile(upto_channel, "snippet", "exec"), names)  # noqa: S102 - it is our own snippet
    assert names["request"] == to_message(place_order(text))


@pytest.mark.parametrize("name", INPUTS)
def test_python_over_http_sends_the_request_of_the_client(name: str) -> None:
    request = request_of(INPUTS[name])
    code = snippet("httpx", INPUTS[name]).code
    compile(code, "snippet", "exec")
    recorder = _Recorder()
    without_import = code.replace("import httpx\n", "", 1)
    with pytest.raises(_RecordedError):
        exec(compile(without_import, "snippet", "exec"), {"httpx": recorder})  # noqa: S102
    assert recorder.positional == (request.method, PLACES.http_url + request.path)
    assert recorder.named.get("headers", {}) == dict(request.headers)
    content = recorder.named.get("content")
    if request.body is None:
        assert content is None
    else:
        assert isinstance(content, bytes)
        assert json.loads(content) == json.loads(request.body)


class _RecordedError(Exception):
    pass


class _Recorder:
    """Stands in for the module httpx."""

    positional: tuple[object, ...] = ()

    def __init__(self) -> None:
        self.named: dict[str, object] = {}

    def request(self, *positional: object, **named: object) -> None:
        self.positional, self.named = positional, named
        raise _RecordedError

    stream = request


@pytest.mark.parametrize("name", INPUTS)
def test_python_over_grpc_calls_a_method_that_exists(name: str) -> None:
    code = snippet("grpc", INPUTS[name]).code
    compile(code, "snippet", "exec")
    operation = type(INPUTS[name]).__name__
    method = orders_pb2.DESCRIPTOR.services_by_name["Orders"].methods_by_name[operation]
    assert f"'/lavka.orders.v1.Orders/{operation}'" in code
    assert f"orders_pb2.{method.output_type.name}.FromString" in code
    assert ("unary_stream" in code) == (operation == "TrackOrder")


def test_value_that_protobuf_cannot_carry_is_refused() -> None:
    too_big = input_from_fields(
        Operation.CANCEL_ORDER, {"order_id": "ord_1", "expected_version": "99999999999"}
    )
    with pytest.raises(ValueError, match=r"99999999999|[Oo]ut of range"):
        grpc.snippets_of(Call(too_big, PLACES))


# ---- every protocol ----------------------------------------------------------------------------


def found(
    protocol: str, operation_input: OperationInput, authorization: str | None = None
) -> Found:
    call = Call(operation_input, PLACES, authorization)
    return {each.key: each.code for each in asyncio.run(snippets_for(protocol, call))}


def values_in(code: str) -> list[object]:
    """Every value of JSON that stands in the program."""
    values = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Dict):
            try:
                values.append(ast.literal_eval(node))
            except ValueError:
                continue
    return values


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("protocol", Protocol)
def test_every_call_has_its_snippets(protocol: Protocol, name: str) -> None:
    operation = Operation(type(INPUTS[name]).__name__)
    codes = found(protocol, INPUTS[name])
    assert list(codes)[-1] == "curl" or protocol is Protocol.REST
    assert (len(codes) > 1) == (operation in OPERATIONS[protocol])
    for key, code in codes.items():
        if "curl" not in key:
            compile(code, key, "exec")


@pytest.mark.parametrize("protocol", Protocol)
def test_every_snippet_carries_the_credential_once(protocol: Protocol) -> None:
    for name in ("get", "track"):
        for code in found(protocol, INPUTS[name], "Bearer eyJ.a.b").values():
            assert code.count("Bearer eyJ.a.b") == 1
        assert not any("uthorization" in code for code in found(protocol, INPUTS[name]).values())


@posix_only
@pytest.mark.parametrize("text", NASTY)
def test_curl_sends_the_message_of_every_client(shell: Shell, text: str) -> None:
    request = place_order(text)

    def body_of(protocol: str) -> str:
        arguments = shell.arguments(found(protocol, request)[f"curl-{protocol}"])
        assert ["curl", *arguments][:4] == ["curl", "-i", "-X", "POST"]
        return arguments[arguments.index("--data-raw") + 1]

    assert json.loads(body_of("jsonrpc")) == json.loads(jsonrpc.call_of(request, 1))
    assert json.loads(body_of("graphql")) == graphql.request_of(request)
    tool, members = mcp.call_of(request)
    params = json.loads(body_of("mcp"))["params"]
    assert (params["name"], params["arguments"]) == (tool, members)
    if "\t" not in text:
        # The server reads what it is sent with a schema; here its own reader is enough.
        message = etree.fromstring(body_of("soap").encode())[0][0]
        assert soap.input_from(Operation.PLACE_ORDER, message) == request


@pytest.mark.parametrize("text", NASTY)
def test_python_sends_the_message_of_every_client(text: str) -> None:
    request = place_order(text)
    body = messages.input_to_json(request)
    assert json.loads(websocket.request_frame("1", request)) in values_in(
        found("websocket", request)["websockets"]
    )
    assert body in values_in(found("amqp", request)["aio-pika"])
    assert body in values_in(found("kafka", request)["confluent-kafka"])
    assert mcp.call_of(request)[1] in values_in(found("mcp", request)["mcp"])
    assert soap.arguments_of(request) in values_in(found("soap", request)["zeep"])


def test_python_follows_the_order_as_every_client_does() -> None:
    request = INPUTS["track"]
    call = json.loads(jsonrpc.call_of(request, 1))
    assert call in values_in(found("jsonrpc", request)["websockets"])
    subscribing = {"id": "1", "type": "subscribe", "payload": graphql.request_of(request)}
    assert subscribing in values_in(found("graphql", request)["websockets"])
    registration = json.loads(webhook.registration("http://127.0.0.1:8009/", "ord_1"))
    assert registration in values_in(found("webhook", request)["webhook"])
    resumed = {"Accept": "text/event-stream", "Last-Event-ID": "2"}
    assert resumed in values_in(found("sse", request)["httpx"])

"""The same call by other means: what is pasted must be what is in the form."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import json_format

from stend.portal.snippets import Snippet, snippets
from stend.shop.orders.api.fields import input_from_fields
from stend.shop.orders.api.grpc.stubs import orders_pb2
from stend.shop.orders.api.grpc.translate import to_message
from stend.shop.orders.api.rest.translate import request_of
from stend.shop.orders.usecases import Operation, OperationInput

PUBLIC_URL = "http://127.0.0.1:8000"
TARGET = "127.0.0.1:8001"

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
    found = {each.key: each for each in snippets(operation_input, PUBLIC_URL, TARGET)}
    return found[key]


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
    assert PUBLIC_URL + request.path in arguments
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
    assert arguments[3:] == [TARGET, f"lavka.orders.v1.Orders/{operation}"]
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
    assert recorder.positional == (request.method, PUBLIC_URL + request.path)
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
        snippets(too_big, PUBLIC_URL, TARGET)

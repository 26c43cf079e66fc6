"""The same call by other means: curl, grpcurl and Python. Pure: values in, text out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pprint import pformat
from shlex import quote

from google.protobuf import json_format
from google.protobuf.message import Message

from stend.kit.json import JsonValue
from stend.shop.orders.api.grpc.stubs import orders_pb2
from stend.shop.orders.api.grpc.translate import to_message
from stend.shop.orders.api.rest.translate import HttpRequest, request_of
from stend.shop.orders.usecases import Operation, OperationInput

_SERVICE = orders_pb2.DESCRIPTOR.services_by_name["Orders"]
_STUBS = "stend.shop.orders.api.grpc.stubs"
# curl reads these as ranges of URLs unless it is told not to.
_GLOBS = frozenset("[]{}")
_DEADLINE_S = 10
_PYTHON_WIDTH = 88


@dataclass(frozen=True, slots=True)
class Snippet:
    """`protocol` is the one that the snippet speaks."""

    key: str
    title: str
    protocol: str
    code: str


def snippets(operation_input: OperationInput, public_url: str, target: str) -> tuple[Snippet, ...]:
    """All four, in the order of the protocols.

    Raises:
        ValueError: a value does not fit into the protobuf message.
    """
    request = request_of(operation_input)
    message = to_message(operation_input)
    operation = Operation(type(operation_input).__name__)
    return (
        Snippet("curl", "curl", "rest", curl(request, public_url, operation)),
        Snippet("httpx", "Python, httpx", "rest", httpx_code(request, public_url, operation)),
        Snippet("grpcurl", "grpcurl", "grpc", grpcurl(message, target, operation)),
        Snippet("grpc", "Python, grpc", "grpc", grpc_code(message, target, operation)),
    )


def curl(request: HttpRequest, public_url: str, operation: Operation) -> str:
    url = public_url.rstrip("/") + request.path
    options = [["curl", *_curl_flags(url, operation), *_method(request), quote(url)]]
    options += [["-H", quote(f"{name}: {value}")] for name, value in request.headers]
    if request.body is not None:
        options.append(["--data-raw", quote(_indented(request.body.decode()))])
    return _continued(options)


def grpcurl(message: Message, target: str, operation: Operation) -> str:
    body = _readable(_json_of(message))
    method = f"{_SERVICE.full_name}/{operation}"
    return _continued([["grpcurl", "-plaintext"], ["-d", quote(body)], [quote(target), method]])


def httpx_code(request: HttpRequest, public_url: str, operation: Operation) -> str:
    url = public_url.rstrip("/") + request.path
    arguments = [repr(request.method), repr(url)]
    if request.headers:
        arguments.append(f"headers={_literal(dict(request.headers), 12)}")
    if request.body is not None:
        arguments.append(f"content={_bytes_expression(request.body)}")
    stream = operation is Operation.TRACK_ORDER
    lines = (
        ["import httpx", ""] if request.body is None else ["import json", "", "import httpx", ""]
    )
    return "\n".join([*lines, *(_httpx_stream(arguments) if stream else _httpx_call(arguments))])


def grpc_code(message: Message, target: str, operation: Operation) -> str:
    method = _SERVICE.methods_by_name[operation]
    kind, answer = method.input_type.name, method.output_type.name
    stream = method.server_streaming
    return "\n".join(
        [
            "import grpc",
            "from google.protobuf import json_format",
            "",
            f"from {_STUBS} import orders_pb2",
            "",
            "request = json_format.ParseDict(",
            f"    {_literal(_json_of(message), 4)},",
            f"    orders_pb2.{kind}(),",
            ")",
            f"with grpc.insecure_channel({target!r}) as channel:",
            f"    call = channel.{'unary_stream' if stream else 'unary_unary'}(",
            f"        {f'/{_SERVICE.full_name}/{operation}'!r},",
            f"        request_serializer=orders_pb2.{kind}.SerializeToString,",
            f"        response_deserializer=orders_pb2.{answer}.FromString,",
            "    )",
            *_grpc_answer(stream),
        ]
    )


def _grpc_answer(stream: bool) -> Iterator[str]:
    if stream:
        yield "    for event in call(request):"
        yield "        print(json_format.MessageToJson(event, ensure_ascii=False))"
    else:
        yield f"    answer = call(request, timeout={_DEADLINE_S})"
        yield "print(json_format.MessageToJson(answer, ensure_ascii=False))"


def _httpx_call(arguments: list[str]) -> Iterator[str]:
    yield "response = httpx.request("
    yield from (f"    {argument}," for argument in arguments)
    yield ")"
    yield "print(response.status_code, response.reason_phrase)"
    yield "print(response.text)"


def _httpx_stream(arguments: list[str]) -> Iterator[str]:
    yield "with httpx.stream("
    yield from (f"    {argument}," for argument in (*arguments, "timeout=None"))
    yield ") as response:"
    yield "    for line in response.iter_lines():"
    yield "        print(line)"


def _bytes_expression(body: bytes) -> str:
    # Not `json=`: httpx would send other bytes and a Content-Type of its own beside ours.
    return f"json.dumps({_literal(json.loads(body), 4)}).encode()"


def _literal(value: JsonValue | dict[str, str], indent: int) -> str:
    """A Python literal whose further lines stand under its first one."""
    text = pformat(value, width=_PYTHON_WIDTH - indent, sort_dicts=False)
    return text.replace("\n", "\n" + " " * indent)


def _curl_flags(url: str, operation: Operation) -> Iterator[str]:
    # -N: an event must be shown when it comes, not when a buffer is full.
    yield "-iN" if operation is Operation.TRACK_ORDER else "-i"
    if _GLOBS & set(url):
        yield "-g"


def _method(request: HttpRequest) -> list[str]:
    return [] if request.method == "GET" else ["-X", request.method]


def _indented(body: str) -> str:
    return _readable(json.loads(body))


def _readable(value: JsonValue) -> str:
    """JSON over several lines, each behind the option it belongs to."""
    return json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\n  ")


def _json_of(message: Message) -> JsonValue:
    members: JsonValue = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return members


def _continued(options: list[list[str]]) -> str:
    """One option a line; a backslash before the end of a line joins it with the next."""
    return " \\\n  ".join(" ".join(words) for words in options)

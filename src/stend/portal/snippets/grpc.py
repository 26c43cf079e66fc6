"""gRPC: grpcurl and grpcio. Pure."""

from collections.abc import Iterator
from shlex import quote

from google.protobuf import json_format
from google.protobuf.message import Message

from stend.kit.json import JsonValue
from stend.portal.snippets import shell
from stend.portal.snippets.python import literal, program
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.grpc.stubs import orders_pb2
from stend.shop.orders.api.grpc.translate import to_message

_SERVICE = orders_pb2.DESCRIPTOR.services_by_name["Orders"]
_STUBS = "stend.shop.orders.api.grpc.stubs"
_DEADLINE_S = 10


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    """
    Raises:
        ValueError: a value does not fit into the protobuf message.
    """
    message = to_message(call.request)
    return (
        Snippet("grpcurl", "grpcurl", "grpc", _grpcurl(call, message)),
        Snippet("grpc", "Python, grpc", "grpc", _python(call, message)),
    )


def _grpcurl(call: Call, message: Message) -> str:
    options = [["grpcurl", "-plaintext"]]
    options += [["-H", quote(f"{name}: {value}")] for name, value in _metadata(call)]
    options.append(["-d", quote(shell.readable(_json_of(message)))])
    target = quote(call.places.grpc_target)
    return shell.continued([*options, [target, f"{_SERVICE.full_name}/{call.operation}"]])


def _python(call: Call, message: Message) -> str:
    method = _SERVICE.methods_by_name[call.operation]
    kind, answer = method.input_type.name, method.output_type.name
    stream = method.server_streaming
    return program(
        "import grpc",
        "from google.protobuf import json_format",
        "",
        f"from {_STUBS} import orders_pb2",
        "",
        "request = json_format.ParseDict(",
        f"    {literal(_json_of(message), 4)},",
        f"    orders_pb2.{kind}(),",
        ")",
        f"with grpc.insecure_channel({call.places.grpc_target!r}) as channel:",
        f"    call = channel.{'unary_stream' if stream else 'unary_unary'}(",
        f"        {f'/{_SERVICE.full_name}/{call.operation}'!r},",
        f"        request_serializer=orders_pb2.{kind}.SerializeToString,",
        f"        response_deserializer=orders_pb2.{answer}.FromString,",
        "    )",
        *_answer(stream, _metadata(call)),
    )


def _answer(stream: bool, metadata: list[tuple[str, str]]) -> Iterator[str]:
    more = f", metadata={metadata!r}" if metadata else ""
    if stream:
        yield f"    for event in call(request{more}):"
        yield "        print(json_format.MessageToJson(event, ensure_ascii=False))"
    else:
        yield f"    answer = call(request, timeout={_DEADLINE_S}{more})"
        yield "print(json_format.MessageToJson(answer, ensure_ascii=False))"


def _metadata(call: Call) -> list[tuple[str, str]]:
    return [] if call.authorization is None else [("authorization", call.authorization)]


def _json_of(message: Message) -> JsonValue:
    members: JsonValue = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return members

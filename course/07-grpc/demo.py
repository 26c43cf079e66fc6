"""A server has changed one field of a message; a client that was made before reads its bytes.

The call is real: what is shown was taken off the wire by a relay between the two.
"""

import socket
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass

from stend.course.demos import Bytes, Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "int32": _Field.TYPE_INT32,
    "sint32": _Field.TYPE_SINT32,
    "bool": _Field.TYPE_BOOL,
    "fixed32": _Field.TYPE_FIXED32,
    "double": _Field.TYPE_DOUBLE,
    "string": _Field.TYPE_STRING,
}
_WIRE_TYPES = ("0 VARINT", "1 I64", "2 LEN", "3 SGROUP", "4 EGROUP", "5 I32")
_OLD: Mapping[str, tuple[int, str]] = {
    "id": (1, "string"),
    "orders": (2, "int32"),
    "rating": (3, "int32"),
    "zone": (4, "string"),
}
_GIVEN: Mapping[str, Any] = {"id": "c7", "rating": 5, "zone": "north"}
_PATIENCE_S = 5.0
_OPTIONS = (("grpc.enable_http_proxy", 0),)


class Outcome(Enum):
    SAME = Text(ru="то же", en="the same")
    GONE = Text(ru="его больше не шлют", en="no longer sent")
    LOST = Text(ru="потеряно, молча", en="lost, silently")
    OTHER = Text(ru="другое, молча", en="another, silently")


@dataclass(frozen=True)
class Compared:
    """A field of the old client: what the server said under its name, and what the client read."""

    name: str
    sent: Any
    read: Any
    outcome: Outcome


@dataclass(frozen=True)
class Piece:
    """One field as it is in the bytes."""

    number: int
    wire_type: int
    data: bytes


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    number, kind = int(values.number("number")), values.choice("type")
    # A field whose number was taken is gone.
    new = {name: one for name, one in _OLD.items() if name != "orders" and one[0] != number}
    new["orders"] = (number, kind)
    count = int(values.number("orders"))
    given = {name: value for name, value in _GIVEN.items() if name in new}
    given["orders"] = _as(kind, count)
    written = _message(new)(**given)
    data = written.SerializeToString()
    with _answering(data) as (target, came), grpc.insecure_channel(target, _OPTIONS) as channel:
        method: Any = channel.unary_unary("/lavka.Couriers/GetCourier")
        raw, call = method.with_call(b"", timeout=_PATIENCE_S)
        sent = bytes(came)
    read = _message(_OLD).FromString(raw)
    compared = [_compared(name, given, read, count) for name in _OLD]
    yield _fields(data, {one: name for name, (one, _) in new.items()})
    yield _beside(compared)
    yield from _said(f"{kind} orders = {number};", compared, call.code().name, read, raw)
    yield Bytes(
        Text(
            ru="Что сервер послал: ответ целиком, в кадрах HTTP/2",
            en="What the server sent: the whole answer, in frames of HTTP/2",
        ),
        sent,
        "http2",
    )


def _as(kind: str, count: int) -> Any:
    match kind:
        case "bool":
            return count > 0
        case "string":
            return str(count)
        case "double":
            return float(count)
    return count


def _message(fields: Mapping[str, tuple[int, str]]) -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="courier.proto", syntax="proto3")
    message = file.message_type.add(name="Courier")
    for name, (number, kind) in fields.items():
        message.field.add(name=name, number=number, type=_TYPES[kind], label=_Field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName("Courier"))


# ---- the call -----------------------------------------------------------------------------------


@contextmanager
def _answering(answer: bytes) -> Iterator[tuple[str, bytearray]]:
    """A server with this answer behind a relay: its address, and what the server has sent."""
    server = grpc.server(futures.ThreadPoolExecutor(1), options=_OPTIONS)
    handler: Any = grpc.unary_unary_rpc_method_handler(lambda _, __: answer)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("lavka.Couriers", {"GetCourier": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    came = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_relay, args=(door, port, came), daemon=True).start()
        try:
            yield f"127.0.0.1:{door.getsockname()[1]}", came
        finally:
            server.stop(0).wait()


def _relay(door: socket.socket, port: int, came: bytearray) -> None:
    client, _ = door.accept()
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        up = threading.Thread(target=_pumped, args=(client, server), daemon=True)
        up.start()
        _pumped(server, client, came)
        up.join(_PATIENCE_S)


def _pumped(source: socket.socket, target: socket.socket, kept: bytearray | None = None) -> None:
    try:
        while chunk := source.recv(65536):
            if kept is not None:
                kept += chunk
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


# ---- what is shown ------------------------------------------------------------------------------


def _pieces(data: bytes) -> Iterator[Piece]:
    at = 0
    while at < len(data):
        start = at
        key, at = _varint(data, at)
        wire_type = key & 7
        if wire_type == 0:
            _, at = _varint(data, at)
        elif wire_type == 2:
            size, at = _varint(data, at)
            at += size
        else:
            at += 8 if wire_type == 1 else 4
        yield Piece(key >> 3, wire_type, data[start:at])


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes, names: Mapping[int, str]) -> Table:
    kinds = dict(_OLD.values())
    old_names = {number: name for name, (number, _) in _OLD.items()}
    rows: list[Sequence[Any]] = []
    for piece in _pieces(data):
        known = old_names.get(piece.number)
        is_fitting = known is not None and piece.wire_type == _wire_type(kinds[piece.number])
        taken = known if is_fitting else Text(ru="незнакомое, отложено", en="unknown, put aside")
        rows.append(
            (
                piece.data.hex(" "),
                piece.number,
                _WIRE_TYPES[piece.wire_type],
                names[piece.number],
                taken,
            )
        )
    heads = (
        Text(ru="байты", en="bytes"),
        Text(ru="номер", en="number"),
        Text(ru="тип провода", en="wire type"),
        Text(ru="поле сервера", en="the server's field"),
        Text(ru="поле клиента", en="the client's field"),
    )
    return Table(Text(ru="Сообщение по полям", en="The message, field by field"), heads, rows)


def _wire_type(kind: str) -> int:
    return {"string": 2, "double": 1, "fixed32": 5}.get(kind, 0)


def _compared(name: str, given: Mapping[str, Any], read: Any, count: int) -> Compared:
    found = getattr(read, name)
    meant = count if name == "orders" else given.get(name)
    if meant is None:
        outcome = Outcome.OTHER if found else Outcome.GONE
    elif found == meant:
        outcome = Outcome.SAME
    else:
        outcome = Outcome.OTHER if found else Outcome.LOST
    return Compared(name, given.get(name), found, outcome)


def _beside(compared: Sequence[Compared]) -> Table:
    heads = (
        Text(ru="поле старого клиента", en="field of the old client"),
        Text(ru="тип", en="type"),
        Text(ru="сказал сервер", en="the server said"),
        Text(ru="прочёл клиент", en="the client read"),
        Text(ru="итог", en="outcome"),
    )
    rows = [
        (
            f"{one.name} = {_OLD[one.name][0]}",
            _OLD[one.name][1],
            _shown(one.sent),
            _shown(one.read),
            one.outcome.value,
        )
        for one in compared
    ]
    title = Text(ru="Что сказано и что прочитано", en="What was said, and what was read")
    return Table(title, heads, rows)


def _shown(value: Any) -> Any:
    if value is None:
        return None
    return repr(value) if isinstance(value, str | bool) else value


def _said(
    place: str, compared: Sequence[Compared], status: str, read: Any, raw: bytes
) -> Iterator[Shown]:
    wrong = [one.name for one in compared if one.outcome in {Outcome.LOST, Outcome.OTHER}]
    told = ", ".join(wrong)
    if wrong:
        yield Note(
            Text(
                ru=f"{place} Код вызова — {status}, ошибок нет, а прочитано не то: {told}.",
                en=f"{place} The status is {status}, there is no error, and what was read is "
                f"wrong: {told}.",
            )
        )
    else:
        yield Note(
            Text(
                ru=f"{place} Код вызова — {status}, старый клиент прочёл всё верно.",
                en=f"{place} The status is {status}; the old client read all of it right.",
            )
        )
    # What is unknown is written last; what counts is that it is there.
    again = read.SerializeToString()
    if sorted(one.data for one in _pieces(again)) == sorted(one.data for one in _pieces(raw)):
        yield Note(
            Text(
                ru="Если он перешлёт сообщение дальше, ни один байт не пропадёт: незнакомое он "
                "хранит.",
                en="If it passes this message on, no byte is lost: it keeps what it does not know.",
            )
        )

"""Reads the two contracts, and tries them with messages as bytes and as JSON."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from google.protobuf import json_format

from stend.course.case import Case
from stend.course.formats import protobuf
from stend.course.formats.checks import check_compatible, check_strength, check_valid, opened
from stend.course.formats.protobuf import Protobuf, Rpc
from stend.course.formats.protobuf_changes import Level, breaking, dropped

from . import messages

_V1, _V2 = "delivery.proto", "v2.proto"
_SERVICE = "lavka.delivery.v1.Deliveries"
# By the method: whether the client, and whether the server sends a stream.
_CALLS: Mapping[str, tuple[bool, bool]] = {
    "AssignCourier": (False, False),
    "TrackCourier": (False, True),
    "ReportPositions": (True, False),
    "CourierSession": (True, True),
}
_OPTIONAL = (
    ("AssignCourier", "address.flat", "flat"),
    ("AssignCourier", "address.comment", "comment"),
    ("AssignCourier", "tip_minor", "tip_minor"),
)
_PACKAGE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\.v\d+")
_PASCAL = re.compile(r"([A-Z][a-z0-9]*)+")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_UPPER = re.compile(r"(?<!^)(?=[A-Z])")


class _Named(NamedTuple):
    name: str
    style: str
    is_right: bool
    place: str


def valid(case: Case) -> None:
    check_valid(case, _read(case, _V1))


def calls(case: Case) -> None:
    contract = _read(case, _V1)
    seen: dict[str, str] = {}
    for method, streams in _CALLS.items():
        rpc = _rpc(case, contract, method)
        found = (rpc.client_streams, rpc.server_streams)
        if found != streams:
            case.fail(
                f"{method}: поток не с той стороны.",
                f"{method}: the stream is on another side.",
                expected=_told(method, *streams),
                got=_told(method, *found),
                where=rpc.where,
            )
        for name in (rpc.request, rpc.response):
            if name in seen or not name.startswith("lavka.delivery.v1."):
                other = seen.get(name, name)
                case.fail(
                    f"{method}: сообщение {name} — не только его ({other}): добавить поле одному "
                    "вызову, не задев другого, не выйдет.",
                    f"{method}: the message {name} is not its own alone ({other}): a field cannot "
                    "be added to one call without the other.",
                    expected=f"{method}Request, {method}Response",
                    got=name,
                    where=rpc.where,
                )
            seen[name] = method


def style(case: Case) -> None:
    contract = _read(case, _V1)
    for one in _names(contract):
        if not one.is_right:
            case.fail(
                f"Имя {one.name}: принято {one.style}.",
                f"The name {one.name}: the custom is {one.style}.",
                expected=one.style,
                got=one.name,
                where=contract.where(one.place),
            )


def presence(case: Case) -> None:
    contract = _read(case, _V1)
    for method, path, name in _OPTIONAL:
        field = _field(case, contract, _rpc(case, contract, method).request, path)
        if not field.has_presence:
            case.fail(
                f"{path}: «не сказали» и пустое значение — одни и те же байты, а вернее, их нет. "
                "Получатель их не различит.",
                f'{path}: "not told" and an empty value are the same bytes: none at all. Whoever '
                "reads cannot tell them apart.",
                expected=f"optional … {name} = {field.number};",
                got=f"… {name} = {field.number};",
                where=contract.where(field.full_name),
            )


def resumable(case: Case) -> None:
    contract = _read(case, _V1)
    rpc = _rpc(case, contract, "TrackCourier")
    for name in (rpc.request, rpc.response):
        if "cursor" not in contract.descriptors[name].fields_by_name:
            case.fail(
                f"В {name} нет cursor: поток оборвётся вместе с соединением, и продолжить его "
                "будет неоткуда.",
                f"{name} has no cursor: the stream breaks with its connection, and there is no "
                "place from which to go on.",
                expected="string cursor",
                got=", ".join(contract.descriptors[name].fields_by_name),
                where=contract.where(name),
            )


def strength(case: Case) -> None:
    _strong(case, _V1, messages.v1(case))


def next_strength(case: Case) -> None:
    check_valid(case, _read(case, _V2))
    _strong(case, _V2, messages.v2(case))


def wire(case: Case) -> None:
    check_compatible(case, breaking(_read(case, _V1), _read(case, _V2), Level.WIRE))


def json_names(case: Case) -> None:
    old, new = _read(case, _V1), _read(case, _V2)
    _field(case, new, _rpc(case, new, "AssignCourier").request, "address.door_note")
    for name in old.descriptors:
        after = new.descriptors.get(name)
        for field in old.descriptors[name].fields:
            other = after.fields_by_number.get(field.number) if after else None
            if other is None or other.json_name == field.json_name:
                continue
            message = old.new(name)
            _fill(case, message, field)
            again = new.new(name)
            again.ParseFromString(message.SerializeToString())
            case.fail(
                f"{name}: те же байты, а в JSON шлюза поле теперь называется {other.json_name}: "
                f"прежний клиент ищет {field.json_name}.",
                f"{name}: the same bytes, and in the gateway's JSON the field is called "
                f"{other.json_name} now: an old client looks for {field.json_name}.",
                expected={
                    "hex": message.SerializeToString().hex(" "),
                    "v1": json_format.MessageToDict(message),
                },
                got={"v2": json_format.MessageToDict(again)},
                where=new.where(other.full_name),
            )


def retired(case: Case) -> None:
    old, new = _read(case, _V1), _read(case, _V2)
    courier = _field(case, new, _rpc(case, new, "AssignCourier").response, "courier").message_type
    if "vehicle" in courier.fields_by_name:
        case.fail(
            "vehicle больше не рассказывают: во второй версии этого поля нет.",
            "vehicle is told no more: the second version does not have it.",
            expected='reserved …; reserved "vehicle";',
            got=f"vehicle = {courier.fields_by_name['vehicle'].number};",
            where=new.where(courier.full_name),
        )
    for problem in dropped(old, new):
        case.fail(
            problem.sentence.ru,
            problem.sentence.en,
            expected="reserved …;",
            got=problem.pointer,
            where=problem.where,
        )
    eta = _field(case, new, _rpc(case, new, "AssignCourier").response, "eta_s")
    if not eta.GetOptions().deprecated:
        case.fail(
            "Вместо eta_s теперь eta: пометьте eta_s, чтобы новые клиенты его не брали.",
            "eta has replaced eta_s: mark eta_s, so that no new client takes it.",
            expected=f"eta_s = {eta.number} [deprecated = true];",
            got=f"eta_s = {eta.number};",
            where=new.where(eta.full_name),
        )


# ---- reading ------------------------------------------------------------------------------------


def _read(case: Case, file: str) -> Protobuf:
    return opened(case, file, protobuf.read)


def _rpc(case: Case, contract: Protobuf, method: str) -> Rpc:
    path = f"/{_SERVICE}/{method}"
    known = {one.path: one for one in contract.operations()}
    if path not in known:
        case.fail(
            f"Вызова {path} нет.",
            f"There is no call {path}.",
            expected=path,
            got=", ".join(known) or "–",
            where=f"{contract.file}:1",
        )
    return known[path]


def _field(case: Case, contract: Protobuf, name: str, path: str) -> Any:
    """`address.flat` of a message."""
    descriptor: Any = contract.descriptors[name]
    *before, last = path.split(".")
    for step in (*before, last):
        found = descriptor.fields_by_name.get(step) if descriptor else None
        if found is None:
            owner = descriptor.full_name if descriptor else name
            case.fail(
                f"В {owner} нет поля {step}.",
                f"{owner} has no field {step}.",
                expected=path,
                got=", ".join(descriptor.fields_by_name) if descriptor else "–",
                where=contract.where(owner),
            )
        descriptor = found.message_type
    return found


def _strong(case: Case, file: str, tried: Mapping[tuple[str, str], tuple[Any, Any]]) -> None:
    contract = _read(case, file)
    for (method, side), (good, bad) in tried.items():
        rpc = _rpc(case, contract, method)
        name = rpc.request if side == "request" else rpc.response
        check_strength(case, contract, name, good, bad)


def _fill(case: Case, message: Any, field: Any) -> None:
    """Gives the field a value that can be seen."""
    if field.message_type is not None and not field.is_repeated:
        getattr(message, field.name).SetInParent()
    elif field.type == field.TYPE_STRING and not field.is_repeated:
        setattr(message, field.name, case.word())
    elif not field.is_repeated and field.type != field.TYPE_BYTES:
        setattr(message, field.name, 1)


def _told(method: str, client: bool, server: bool) -> str:
    request, response = ("stream " if one else "" for one in (client, server))
    return f"rpc {method}({request}…) returns ({response}…)"


def _names(contract: Protobuf) -> Iterator[_Named]:
    file = contract.own
    is_right = bool(_PACKAGE.fullmatch(file.package))
    yield _Named(file.package or "package", "lavka.delivery.v1", is_right, "")
    package = f"{file.package}."
    for service in file.service:
        for name in (service.name, *(one.name for one in service.method)):
            yield _Named(
                name, "PascalCase", bool(_PASCAL.fullmatch(name)), f"{package}{service.name}"
            )
    yield from _enum_names(file.enum_type, package)
    for message in file.message_type:
        yield from _message_names(message, package)


def _message_names(message: Any, around: str) -> Iterator[_Named]:
    place = f"{around}{message.name}"
    yield _Named(message.name, "PascalCase", bool(_PASCAL.fullmatch(message.name)), place)
    for field in message.field:
        is_right = bool(_SNAKE.fullmatch(field.name))
        yield _Named(field.name, "lower_snake_case", is_right, f"{place}.{field.name}")
    yield from _enum_names(message.enum_type, f"{place}.")
    for nested in message.nested_type:
        if not nested.options.map_entry:
            yield from _message_names(nested, f"{place}.")


def _enum_names(enums: Any, around: str) -> Iterator[_Named]:
    for enum in enums:
        yield _Named(enum.name, "PascalCase", bool(_PASCAL.fullmatch(enum.name)), around)
        prefix = f"{_UPPER.sub('_', enum.name).upper()}_"
        for value in enum.value:
            is_right = value.name.startswith(prefix) and value.name == value.name.upper()
            yield _Named(value.name, f"{prefix}…", is_right, around)
        zero = next(one.name for one in enum.value if one.number == 0)
        yield _Named(zero, f"{prefix}UNSPECIFIED = 0", zero == f"{prefix}UNSPECIFIED", around)

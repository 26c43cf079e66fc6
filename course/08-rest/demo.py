"""From the shop's contract: a mock of one operation, a client with types, and a call of it."""

import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, create_model

from stend.course.demos import Bar, Bars, Bytes, Exchange, Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

_CONTRACT = "/contracts/orders/rest/openapi.yaml"
_OPERATIONS = {"get-order": "GetOrder", "list-orders": "ListOrders"}
_TIMEOUT_S = 5.0
_MOST_LETTERS = 60
_Json = Mapping[str, Any]
_T = TypeVar("_T")


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    who, strict = values.choice("answers"), values.switch("strict")
    order_id = _some_order(stand)
    steps = Steps()
    raw = steps.timed(
        Text(ru="скачать контракт", en="fetch the contract"),
        lambda: stand.http.get(_CONTRACT).content,
    )
    contract = steps.timed(
        Text(ru="прочитать YAML", en="read the YAML"), lambda: yaml.safe_load(raw)
    )
    operation = Operation(contract, _OPERATIONS[values.choice("operation")])
    example = steps.timed(
        Text(ru="составить ответ заглушки", en="make the mock's answer"),
        lambda: operation.example(order_id, renamed=who == "drifted"),
    )
    client = steps.timed(
        Text(ru="сделать типы клиента", en="make the client's types"), operation.client
    )
    path = operation.path.replace("{order_id}", order_id)
    path += "?limit=3" if operation.is_list else ""
    trace = os.urandom(16).hex()
    with _mock(path, example) as mock:
        host, port = _address(stand.tapped_url) if who == "shop" else mock
        request = _request(f"{host}:{port}", path, trace)
        answer = steps.timed(
            Text(ru="позвать", en="call it"), lambda: _exchanged(host, port, request)
        )
    body = answer.partition(b"\r\n\r\n")[2]
    verdict = steps.timed(
        Text(ru="прочитать ответ", en="read the answer"), lambda: client.read(body, strict=strict)
    )
    yield steps.bars()
    yield verdict
    yield _types(client.model)
    yield Bytes(Text(ru="Запрос", en="The request"), request, "http1")
    yield Bytes(Text(ru="Ответ", en="The answer"), answer, "http1")
    if who == "shop":
        yield from _recorded(stand, trace)


class Steps:
    """What was done, and how long it took."""

    def __init__(self) -> None:
        self._bars: list[Bar] = []
        self._began = time.perf_counter()

    def timed(self, name: Text, work: Callable[[], _T]) -> _T:
        began = time.perf_counter()
        done = work()
        ended = time.perf_counter()
        begins = (began - self._began) * 1000
        self._bars.append(Bar(name, round((ended - began) * 1000, 2), round(begins, 2)))
        return done

    def bars(self) -> Bars:
        title = Text(ru="От контракта до ответа", en="From the contract to the answer")
        return Bars(title, "ms", self._bars)


class Client:
    """What a generator makes of an operation: the type of its answer, and how to read one."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model

    def read(self, body: bytes, *, strict: bool) -> Note:
        if strict:
            return self._checked(body)
        total = _first(json.loads(body)).get("total")
        told = json.dumps(total)
        return Note(
            Text(
                ru=f"Клиент поверил ответу на слово, и total у него — {told}. "
                + ("На этот раз верно." if total else "Об ошибке узнают там, где сложат суммы."),
                en=f"The client took the answer at its word, and its total is {told}. "
                + ("Right this time." if total else "Whoever adds up sums will find out."),
            )
        )

    def _checked(self, body: bytes) -> Note:
        try:
            self.model.model_validate_json(body)
        except ValidationError as error:
            wrong = [_broken(one["loc"], one["type"], one["msg"]) for one in error.errors()]
            ru, en = ("; ".join(words) for words in zip(*wrong, strict=True))
            return Note(
                Text(
                    ru=f"Клиент не пропустил ответ. Что не по контракту: {ru}.",
                    en=f"The client refused the answer. What breaks the contract: {en}.",
                )
            )
        return Note(
            Text(
                ru="Ответ прошёл сверку: все поля на месте, лишних нет, типы и форматы те, что "
                "в контракте. Что заказ настоящий, этого она не говорит.",
                en="The answer holds: every field is there, none is too many, types and formats "
                "are those of the contract. It does not say that the order is real.",
            )
        )


def _broken(place: Iterable[str | int], kind: str, told: str) -> tuple[str, str]:
    where = "/" + "/".join(map(str, place))
    if kind == "missing":
        return f"поля {where} нет", f"there is no {where}"
    if kind == "extra_forbidden":
        return f"поля {where} в контракте нет", f"the contract has no {where}"
    return f"{where}: {told}", f"{where}: {told}"


class Operation:
    """One operation of the contract, with the schema of its 200."""

    def __init__(self, contract: _Json, name: str) -> None:
        self._schemas: _Json = contract["components"]["schemas"]
        self._models: dict[str, type[BaseModel]] = {}
        self.path, method = next(
            (path, spec)
            for path, item in contract["paths"].items()
            for spec in item.values()
            if isinstance(spec, dict) and spec.get("operationId") == name
        )
        self.is_list = "{" not in self.path
        self._schema: _Json = method["responses"]["200"]["content"]["application/json"]["schema"]

    def client(self) -> Client:
        return Client(self._typed(self._schema, "Answer"))

    def example(self, order_id: str, *, renamed: bool) -> bytes:
        made = self._made(self._schema, {"OrderId": order_id})
        if renamed:
            order = _first(made)
            order["sum"] = order.pop("total")
        return json.dumps(made, ensure_ascii=False).encode()

    def _made(self, schema: _Json, own: Mapping[str, str]) -> Any:
        """What the contract gives as an example; else the least that it allows."""
        name = schema.get("$ref", "").rpartition("/")[2]
        if examples := schema.get("examples"):
            return examples[0]
        if name:
            return own[name] if name in own else self._made(self._schemas[name], own)
        match schema["type"]:
            case "object":
                return {
                    one: self._made(schema["properties"][one], own) for one in schema["required"]
                }
            case "array":
                return [self._made(schema["items"], own)]
            case "integer":
                return schema.get("minimum", 0)
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("format") == "date-time":
            return datetime(2026, 1, 1, 10, tzinfo=UTC).isoformat()
        raise ValueError(f"the contract has no example of {schema}")

    def _typed(self, schema: _Json, name: str) -> Any:
        """The type of Python for a schema."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._typed(self._schemas[name], name)
        kind = schema["type"]
        if kind == "object":
            return self._model(schema, name)
        if kind == "array":
            return list[self._typed(schema["items"], f"{name}Item")]  # type: ignore[misc]
        if "enum" in schema:
            return Literal[tuple(schema["enum"])]
        if schema.get("format") == "date-time":
            return AwareDatetime
        if kind == "integer":
            bounds = {"ge": schema.get("minimum"), "le": schema.get("maximum")}
            return Annotated[int, Field(strict=True, **bounds)]
        return Annotated[str, Field(strict=True, pattern=schema.get("pattern"))]

    def _model(self, schema: _Json, name: str) -> type[BaseModel]:
        if name not in self._models:
            required = set(schema.get("required", ()))
            fields: dict[str, Any] = {
                one: (self._typed(told, one.title()), ... if one in required else None)
                for one, told in schema["properties"].items()
            }
            config = ConfigDict(extra="forbid")
            self._models[name] = create_model(name, __config__=config, **fields)
        return self._models[name]


@contextmanager
def _mock(path: str, answer: bytes) -> Iterator[tuple[str, int]]:
    """Serves one answer at one path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_known = self.path == path
            body = answer if is_known else b'{"status":404}'
            self.send_response(200 if is_known else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: what is served is shown anyway."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield "127.0.0.1", server.server_address[1]
        finally:
            server.shutdown()


def _request(host: str, path: str, trace: str) -> bytes:
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Accept: application/json",
        f"traceparent: 00-{trace}-{os.urandom(8).hex()}-01",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _exchanged(host: str, port: int, request: bytes) -> bytes:
    answer = bytearray()
    with socket.create_connection((host, port), _TIMEOUT_S) as line:
        line.sendall(request)
        while chunk := line.recv(65536):
            answer += chunk
    return bytes(answer)


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port.rstrip("/"))


def _some_order(stand: Stand) -> str:
    """One that is there: the newest, or a new one."""
    found = stand.call("ListOrders", fields={"limit": 1}).value["orders"]
    return str(found[0]["order_id"]) if found else stand.place_order().order_id


def _first(body: Any) -> dict[str, Any]:
    """The order, or the first of a page."""
    order: dict[str, Any] = body["items"][0] if "items" in body else body
    return order


def _types(model: type[BaseModel]) -> Table:
    rows: Sequence[tuple[str, str, Text]] = [
        (
            name,
            _named(field.annotation),
            Text(ru="да", en="yes") if field.is_required() else Text(ru="нет", en="no"),
        )
        for name, field in model.model_fields.items()
    ]
    heads = (
        Text(ru="поле", en="field"),
        Text(ru="тип у клиента", en="type in the client"),
        Text(ru="обязательно", en="required"),
    )
    return Table(Text(ru="Что знает клиент", en="What the client knows"), heads, rows)


def _named(kind: Any) -> str:
    if isinstance(kind, type) and not hasattr(kind, "__origin__"):
        return kind.__name__
    told = re.sub(r"<run_path>\.|typing\.", "", str(kind))
    return told if len(told) <= _MOST_LETTERS else f"{told[:_MOST_LETTERS]}…"


def _recorded(stand: Stand, trace: str) -> Iterable[Shown]:
    found = stand.http.get("/stand/tap/exchanges", params={"trace": trace, "source": "client"})
    for one in found.json()["exchanges"][:1]:
        yield Exchange(
            Text(ru="Тот же обмен в стенде", en="The same exchange on the stand"), one["id"]
        )

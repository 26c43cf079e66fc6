"""zeep builds a client from the stand's WSDL; its envelope beside the same call in JSON.

What zeep has made goes through the tap, as it is. The bank speaks no JSON, so of its call only what
is sent is compared, with the body that JSON-RPC would carry.
"""

import gzip
import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
import zeep
from lxml import etree
from zeep.exceptions import Fault
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from stend.course.demos import Bar, Bars, Bytes, Exchange, Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

_TIMEOUT_S = 5.0
_PARSED_FOR_S = 0.05
_MOST_LETTERS = 90
_MOST_BYTES = 16 * 1024
_BINDINGS = {"soap11": "Soap11Binding", "soap12": "Soap12Binding"}
_PAYMENT = {
    "payment_ref": "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "customer_id": "cus_0042",
    "amount_minor": 23970,
    "currency": "RUB",
}


@dataclass(frozen=True)
class Passed:
    """A request and its answer, as they went over the wire."""

    sent: bytes
    came: bytes

    @property
    def asked(self) -> bytes:
        return _body_of(self.sent)

    @property
    def answered(self) -> bytes:
        return _body_of(self.came)


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    is_bank = values.choice("call") == "authorise"
    trace = os.urandom(16).hex()
    wire = Wire(stand, trace)
    token = UsernameToken("stranger", "no secret", use_digest=True)
    client = zeep.Client(
        f"{stand.url}/soap/{'bank' if is_bank else 'orders'}?wsdl",
        transport=wire,
        wsse=token if is_bank and values.switch("token") else None,
    )
    bound = _bound(client, values.choice("version"))
    fields = _PAYMENT if is_bank else {"limit": int(values.number("orders"))}
    fault = _called(bound, "Authorise" if is_bank else "ListOrders", fields)
    soap = wire.passed
    method = "bank.authorise" if is_bank else "orders.list"
    asked = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": fields}).encode()
    over_json = None if is_bank else _over_json(stand, asked)
    yield _read_of(bound)
    yield Bytes(
        Text(ru="Конверт, как его послал zeep", en="The envelope, as zeep sent it"),
        soap.sent,
        "http1",
    )
    yield _beside(soap.asked, asked, fields)
    yield _bytes(soap, asked, over_json)
    yield _parsing(soap, asked, over_json)
    yield from _answers(soap, over_json)
    yield from _recorded(stand, trace)
    yield _told(soap, asked, over_json, fault)


class Wire(Transport):
    """Sends what zeep makes through the tap, and keeps both messages."""

    def __init__(self, stand: Stand, trace: str) -> None:
        session = requests.Session()
        session.trust_env = False
        super().__init__(session=session, timeout=_TIMEOUT_S, operation_timeout=_TIMEOUT_S)
        self._stand = stand
        self._trace = trace
        self.passed = Passed(b"", b"")

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> requests.Response:
        path = "/" + address.split("/", 3)[3]
        rows = {**headers, "traceparent": f"00-{self._trace}-{os.urandom(8).hex()}-01"}
        self.passed = _exchanged(self._stand, path, rows, message)
        head = self.passed.came.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        answer = requests.Response()
        answer.status_code = int(head[0].split()[1])
        for row in head[1:]:
            name, _, value = row.partition(": ")
            answer.headers[name] = value
        answer._content = self.passed.answered  # noqa: SLF001 - requests has no other way
        return answer


def _exchanged(stand: Stand, path: str, headers: Mapping[str, str], body: bytes) -> Passed:
    host, _, port = stand.tapped_url.removeprefix("http://").rstrip("/").partition(":")
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}:{port}",
        *(f"{name}: {value}" for name, value in headers.items()),
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    sent = "\r\n".join([*lines, "", ""]).encode() + body
    came = bytearray()
    with socket.create_connection((host, int(port)), _TIMEOUT_S) as line:
        line.sendall(sent)
        while chunk := line.recv(65536):
            came += chunk
    return Passed(sent, bytes(came))


def _over_json(stand: Stand, asked: bytes) -> Passed:
    passed = _exchanged(stand, "/rpc/orders", {"Content-Type": "application/json"}, asked)
    if "result" not in json.loads(passed.answered):
        raise RuntimeError(f"the shop refused: {passed.answered.decode()[:300]}")
    return passed


def _body_of(message: bytes) -> bytes:
    return message.partition(b"\r\n\r\n")[2]


# ---- what zeep does ----------------------------------------------------------------------------


def _bound(client: zeep.Client, version: str) -> Any:
    """The service by its port of one version of SOAP."""
    for service in client.wsdl.services.values():
        for port in service.ports.values():
            if type(port.binding).__name__ == _BINDINGS[version]:
                return client.bind(service.name, port.name)
    raise RuntimeError(f"the WSDL has no {_BINDINGS[version]}")


def _called(bound: Any, name: str, fields: Mapping[str, Any]) -> Fault | None:
    try:
        getattr(bound, name)(**fields)
    except Fault as fault:
        return fault
    return None


def _read_of(bound: Any) -> Table:
    operations = bound._binding.all().values()  # noqa: SLF001 - zeep shows them nowhere else
    rows = [
        (one.name, _short(one.input.signature()) or "–", ", ".join(one.faults) or "–")
        for one in operations
    ]
    heads = (
        Text(ru="операция", en="operation"),
        Text(ru="что послать", en="what to send"),
        Text(ru="чем откажут", en="how it refuses"),
    )
    return Table(
        Text(ru="Что zeep прочёл в WSDL", en="What zeep has read in the WSDL"), heads, rows
    )


# ---- what is shown -----------------------------------------------------------------------------


def _beside(envelope: bytes, asked: bytes, fields: Mapping[str, Any]) -> Table:
    """Each field as it stands in either message, and how many bytes all the rest takes."""
    text, rows = envelope.decode(), []
    for name, value in fields.items():
        found = re.search(rf"<(?:\w+:)?{name}>.*?</(?:\w+:)?{name}>", text)
        if found is None:
            raise RuntimeError(f"the envelope has no {name}")
        rows.append((found[0], json.dumps({name: value})[1:-1]))
    soap, plain = (sum(len(row[column].encode()) for row in rows) for column in (0, 1))
    rest = Text(ru="всё остальное, Б", en="all the rest, B")
    heads = (
        Text(ru="поле", en="field"),
        Text(ru="в конверте", en="in the envelope"),
        Text(ru="в JSON", en="in JSON"),
    )
    told = [(name, *row) for name, row in zip(fields, rows, strict=True)]
    last = (rest, len(envelope) - soap, len(asked) - plain)
    return Table(Text(ru="Поле за полем", en="Field by field"), heads, [*told, last])


def _bodies(soap: Passed, asked: bytes, over_json: Passed | None) -> Iterable[tuple[Text, bytes]]:
    yield Text(ru="запрос, SOAP", en="request, SOAP"), soap.asked
    yield Text(ru="запрос, JSON", en="request, JSON"), asked
    yield Text(ru="ответ, SOAP", en="answer, SOAP"), soap.answered
    if over_json is not None:
        yield Text(ru="ответ, JSON", en="answer, JSON"), over_json.answered


def _bytes(soap: Passed, asked: bytes, over_json: Passed | None) -> Bars:
    bars = []
    for label, body in _bodies(soap, asked, over_json):
        packed = Text(ru=f"{label.ru}, gzip", en=f"{label.en}, gzip")
        bars += [Bar(label, len(body)), Bar(packed, len(gzip.compress(body)))]
    return Bars(Text(ru="Сколько байт в теле", en="How many bytes are in a body"), "B", bars)


def _parsing(soap: Passed, asked: bytes, over_json: Passed | None) -> Bars:
    bars = []
    for label, body in _bodies(soap, asked, over_json):
        read: Callable[[bytes], Any] = etree.fromstring if "SOAP" in label.en else json.loads
        bars.append(Bar(label, round(_took_us(partial(read, body)), 2)))
    title = Text(ru="Разобрать тело: lxml и json", en="To parse a body: lxml and json")
    return Bars(title, "µs", bars)


def _took_us(work: Callable[[], Any]) -> float:
    """The mean of as many times as fit."""
    count, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < _PARSED_FOR_S:
        work()
        count += 1
    return took / count * 1e6


def _answers(soap: Passed, over_json: Passed | None) -> Iterable[Shown]:
    rows = [(Text(ru="Ответ в конверте", en="The answer in its envelope"), soap)]
    if over_json is not None:
        rows.append((Text(ru="Тот же ответ в JSON", en="The same answer in JSON"), over_json))
    for title, passed in rows:
        if len(passed.came) <= _MOST_BYTES:
            yield Bytes(title, passed.came, "http1")


def _recorded(stand: Stand, trace: str) -> Iterable[Shown]:
    found = stand.http.get("/stand/tap/exchanges", params={"trace": trace, "source": "client"})
    for one in found.json()["exchanges"][:1]:
        title = Text(ru="Тот же обмен в стенде", en="The same exchange on the stand")
        yield Exchange(title, one["id"])


def _told(soap: Passed, asked: bytes, over_json: Passed | None, fault: Fault | None) -> Note:
    ru, en = _times(len(soap.asked), len(asked))
    told_ru, told_en = (
        f"Запрос в конверте длиннее в {ru} раза",
        f"The request is {en} times as long",
    )
    if over_json is not None:
        ru, en = _times(len(soap.answered), len(over_json.answered))
        told_ru += f", ответ — в {ru} раза"
        told_en += f" in its envelope, the answer {en} times"
    else:
        told_en += " in its envelope"
    told_ru += ": имена стоят дважды, и у конверта есть своё пространство имён."
    told_en += ": names stand twice, and the envelope has a namespace of its own."
    if fault is not None:
        told_ru += f" Банк отказал ({fault.code}): чужим он не отвечает, и деньги не тронуты."
        told_en += f" The bank refused ({fault.code}): it answers no stranger; no money has moved."
    return Note(Text(ru=told_ru, en=told_en))


def _times(long: int, short: int) -> tuple[str, str]:
    told = f"{long / short:.1f}"
    return told.replace(".", ","), told


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"

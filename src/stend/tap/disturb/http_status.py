"""HTTP: a request is answered with an error status, and the server never sees it."""

from http import HTTPStatus

from stend.kit.languages import Text
from stend.tap.disturb.choosing import EVERY, FIRST, Choice
from stend.tap.disturb.kinds import Kind, Make, Parameter, Strikes
from stend.tap.disturb.messages import AnsweringFault
from stend.wire.decoding import Unit

_BODY = '{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}"}}'
_DETAIL = "A fault of the stand has answered in the place of the service."


class _HttpStatus(AnsweringFault):
    def __init__(self, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes)
        self._choice = choice
        self._status = int(strikes.numbers["status"])

    def answer(self, unit: Unit, data: bytes) -> bytes | None:
        # A body that goes on in other units cannot be taken back.
        if not unit.is_last or not self._choice.strikes(self.strikes):
            return None
        return _response(self._status, is_head=data.startswith(b"HEAD "))


def _response(status: int, *, is_head: bool) -> bytes:
    title = HTTPStatus(status).phrase if status in _KNOWN else "Fault"
    body = _BODY.format(title=title, status=status, detail=_DETAIL).encode()
    lines = [
        f"HTTP/1.1 {status} {title}",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        # RFC 9110 §10.2.3: these three say that it is worth coming back.
        *(("Retry-After: 1",) if status in (429, 503) else ()),
    ]
    head = "\r\n".join([*lines, "", ""]).encode()
    return head if is_head else head + body


_KNOWN = {one.value for one in HTTPStatus}


def _begin() -> Make:
    choice = Choice()
    return lambda strikes: _HttpStatus(strikes, choice)


HTTP_STATUS = Kind(
    "http_status",
    Text(ru="Статус HTTP", en="HTTP status"),
    Text(
        ru="Вместо сервиса отвечает сбой: этот статус и Problem Details. Сервис запроса не видит.",
        en="The fault answers in the service's place: this status and Problem Details.",
    ),
    (
        Parameter("status", 503, 400, 599, Text(ru="статус ответа", en="status of the answer")),
        FIRST,
        EVERY,
    ),
    _begin,
    protocols=("http",),
    per_message=True,
)

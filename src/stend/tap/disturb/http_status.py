"""HTTP: a request is answered with an error status, and the server never sees it."""

import json

from stend.kit.languages import Text
from stend.tap.disturb.choosing import message_kind
from stend.tap.disturb.http_answering import DETAIL, HttpFault, phrase_of, response_of
from stend.tap.disturb.kinds import Parameter
from stend.wire.decoding import Unit
from stend.wire.http1.heads import Head

# RFC 9110 §10.2.3: these say that it is worth coming back, and when.
_COME_BACK = (429, 503)


class _HttpStatus(HttpFault):
    def response(self, unit: Unit, head: Head, data: bytes) -> bytes | None:
        if not self.is_struck():
            return None
        status = int(self.strikes.numbers["status"])
        problem = {
            "type": "about:blank",
            "title": phrase_of(status),
            "status": status,
            "detail": DETAIL,
        }
        return response_of(
            status,
            "application/problem+json",
            json.dumps(problem).encode(),
            extra=("Retry-After: 1",) if status in _COME_BACK else (),
            is_head=head.method == "HEAD",
        )


HTTP_STATUS = message_kind(
    "http_status",
    Text(ru="Статус HTTP", en="HTTP status"),
    Text(
        ru="Вместо сервиса отвечает сбой: этот статус и Problem Details, у 429 и 503 ещё "
        "Retry-After. Сервис запроса не видит.",
        en="The fault answers in the service's place: this status and Problem Details, with "
        "Retry-After for 429 and 503. The service does not see the request.",
    ),
    _HttpStatus,
    "http",
    parameters=(
        Parameter(
            "status",
            503,
            400,
            599,
            Text(ru="статус ответа: 429, 500, 503…", en="status of the answer: 429, 500, 503, ..."),
        ),
    ),
)

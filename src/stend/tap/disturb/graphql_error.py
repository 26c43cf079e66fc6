"""GraphQL over HTTP: an operation is answered with errors, and the server never sees it."""

import json

from stend.kit.languages import Text
from stend.tap.disturb.choosing import message_kind
from stend.tap.disturb.http_answering import DETAIL, HttpFault, response_of
from stend.wire.decoding import Unit
from stend.wire.http1.heads import Head

_OWN_TYPE = "application/graphql-response+json"
_ANSWER = {
    "data": None,
    "errors": [{"message": DETAIL, "extensions": {"code": "INTERNAL_SERVER_ERROR"}}],
}


class _GraphqlError(HttpFault):
    def response(self, unit: Unit, head: Head, data: bytes) -> bytes | None:
        accepts = head.headers.get("accept", "")
        is_stream = accepts.startswith("text/event-stream")
        if unit.facts.get("api") != "graphql" or is_stream or not self.is_struck():
            return None
        media_type = _OWN_TYPE if _OWN_TYPE in accepts else "application/json"
        return response_of(200, media_type, json.dumps(_ANSWER).encode())


GRAPHQL_ERROR = message_kind(
    "graphql_error",
    Text(ru="Ошибка GraphQL", en="GraphQL error"),
    Text(
        ru="Вместо сервиса отвечает сбой: статус 200, data — null, в errors запись с кодом "
        "INTERNAL_SERVER_ERROR.",
        en="The fault answers in the service's place: status 200, data is null, and errors has an "
        "entry with the code INTERNAL_SERVER_ERROR.",
    ),
    _GraphqlError,
    "http",
)

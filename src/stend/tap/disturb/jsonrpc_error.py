"""JSON-RPC over HTTP: a call is answered with an error object, and the server never sees it."""

import json

from stend.kit.languages import Text
from stend.tap.disturb.choosing import message_kind
from stend.tap.disturb.http_answering import DETAIL, HttpFault, content_of_request, response_of
from stend.tap.disturb.kinds import Parameter
from stend.wire.decoding import Unit
from stend.wire.http1.heads import Head

# JSON-RPC 2.0 §5.1.
_MESSAGES = {
    -32700: "Parse error",
    -32600: "Invalid Request",
    -32601: "Method not found",
    -32602: "Invalid params",
    -32603: "Internal error",
}


class _JsonRpcError(HttpFault):
    def response(self, unit: Unit, head: Head, data: bytes) -> bytes | None:
        if unit.facts.get("api") not in ("jsonrpc", "mcp") or head.method != "POST":
            return None
        try:
            asked = json.loads(content_of_request(head, data))
        except (ValueError, RecursionError):
            # A header may say that it is MCP, whatever the body is.
            return None
        is_batch = isinstance(asked, list)
        calls = asked if is_batch else [asked]
        # Nothing answers a notification (§4.1), so no error does.
        numbers = [one["id"] for one in calls if _is_call(one)]
        if not numbers or not self.is_struck():
            return None
        answers = [self._error(number) for number in numbers]
        body = json.dumps(answers if is_batch else answers[0]).encode()
        return response_of(200, "application/json", body)

    def _error(self, number: object) -> dict[str, object]:
        code = int(self.strikes.numbers["code"])
        message = _MESSAGES.get(code, "Server error")
        error = {"code": code, "message": message, "data": {"detail": DETAIL}}
        return {"jsonrpc": "2.0", "id": number, "error": error}


def _is_call(one: object) -> bool:
    return isinstance(one, dict) and "id" in one and "method" in one


JSONRPC_ERROR = message_kind(
    "jsonrpc_error",
    Text(ru="Ошибка JSON-RPC", en="JSON-RPC error"),
    Text(
        ru="Вместо сервиса отвечает сбой: статус 200, объект error с id вызова; на пакет вызовов — "
        "массив. Уведомления проходят.",
        en="The fault answers in the service's place: status 200 and an error object with the id "
        "of the call, an array for a batch. Notifications pass.",
    ),
    _JsonRpcError,
    "http",
    parameters=(
        Parameter(
            "code",
            -32603,
            -32768,
            -32000,
            Text(
                ru="код: -32603 — внутренняя ошибка, -32000 — ошибка сервера",
                en="code: -32603 is an internal error, -32000 a server error",
            ),
        ),
    ),
)

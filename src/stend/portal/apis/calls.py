"""`/stand/calls`: one operation, performed over one protocol, and where its trace is."""

from collections.abc import Collection, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.kit.ids import Ids
from stend.kit.json import JsonObject, JsonValue
from stend.portal.apis.answers import answer, invalid, object_of, refusing
from stend.portal.callers import ANONYMOUS, Credentials, Lender, authorization_of
from stend.portal.draft import Draft, compose
from stend.portal.prices.running import Run, run_all
from stend.portal.wire import Wire
from stend.shop.orders.api.messages import result_to_json
from stend.shop.orders.api.protocols import protocols_of
from stend.shop.orders.api.reply import ReplyError
from stend.shop.orders.domain import Order
from stend.shop.orders.usecases import Operation, OrderPage, PlacedOrder

_FIELDS = frozenset({"operation", "over", "fields", "as"})
# A stream is followed at its own address, over SSE or WebSocket.
_UNARY = tuple(one for one in Operation if one is not Operation.TRACK_ORDER)


class CallsApi:
    """
    Args:
        ids: makes idempotency keys for calls that give none.
    """

    def __init__(self, lender: Lender, credentials: Credentials, ids: Ids, wire: Wire) -> None:
        self._lender = lender
        self._credentials = credentials
        self._ids = ids
        self._wire = wire

    def routes(self) -> list[Route]:
        return [Route("/stand/calls", refusing(self._call), methods=["POST"])]

    async def _call(self, request: Request) -> Response:
        draft = self._draft(await object_of(request))
        known = {one.subject: one for one in self._credentials()}
        authorization = authorization_of(draft.who, "", known)
        (run,) = await run_all([draft], self._lender, authorization, self._wire)
        if run.outcome.refusal:
            raise run.outcome.refusal
        return answer(_told(draft, run))

    def _draft(self, given: JsonObject) -> Draft:
        if unknown := sorted(given.keys() - _FIELDS):
            known = ", ".join(sorted(_FIELDS))
            raise invalid("The call has an unknown member.", unknown[0][:40], f"one of {known}")
        operation = Operation(_one_of(given, "operation", _UNARY))
        able = [one for one in protocols_of(operation) if one in self._lender.protocols]
        over = _one_of(given, "over", able)
        fields = given.get("fields", {})
        if not isinstance(fields, dict) or not all(isinstance(one, str) for one in fields.values()):
            raise invalid("fields is wrong.", str(fields)[:40], "an object: paths with texts")
        who = given.get("as") or ANONYMOUS
        if not isinstance(who, str):
            raise invalid("as is wrong.", str(who)[:40], "a caller of the demo, or null")
        texts = [(path, str(text)) for path, text in fields.items()]
        return compose(operation, over, texts, self._ids.ulid(), who)


def _told(draft: Draft, run: Run) -> JsonObject:
    outcome = run.outcome
    reply = outcome.answer
    if reply is None:
        raise TypeError("a call that was not refused has an answer")
    return {
        "operation": draft.operation.value,
        "protocol": draft.protocol,
        "ok": reply.error is None,
        "status": reply.status,
        "duration_ms": round(reply.duration_ms, 3),
        "result": _result(reply.result),
        "replayed": outcome.replayed,
        "error": _error(reply.error) if reply.error else None,
        "trace_id": outcome.trace_id,
        "exchanges": _exchanges(run),
    }


def _result(result: PlacedOrder | Order | OrderPage | None) -> JsonObject | None:
    """As `stend call --json` has it; whether it is a replay stands beside it."""
    if result is None:
        return None
    return result_to_json(result.order if isinstance(result, PlacedOrder) else result)


def _error(error: ReplyError) -> JsonObject:
    violations: list[JsonValue] = [
        {"where": one.where, "rule": one.rule} for one in error.violations
    ]
    return {
        "code": error.code,
        "detail": error.detail,
        "domain": error.domain,
        "violations": violations,
    }


def _exchanges(run: Run) -> list[JsonValue]:
    """What carried the request, and what carried the reply where that was another one."""
    if run.found is None:
        return []
    found = (run.found.request, run.found.reply)
    return list(dict.fromkeys(one.id for one in found if one is not None))


def _one_of(given: Mapping[str, JsonValue], name: str, known: Collection[str]) -> str:
    value = given.get(name)
    if not isinstance(value, str) or value not in known:
        raise invalid(f"{name} is wrong.", str(value)[:40], f"one of {', '.join(known)}")
    return value

"""`/stand/faults`: which faults there are, which are set, setting and clearing them."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.kit.clock import Clock, rfc3339
from stend.kit.json import JsonObject, JsonValue
from stend.kit.languages import Text
from stend.portal.apis.answers import answer, invalid, not_found, object_of, refusing
from stend.portal.wire import Wire
from stend.tap.disturb.catalogue import KINDS
from stend.tap.disturb.kinds import Kind
from stend.tap.faults import Edge, Fault, Wanted

_FIELDS = frozenset({"kind", "source", "target", "numbers", "probability", "seed", "duration_s"})
_SEED_LIMIT = 2**53


class FaultsApi:
    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._faults = wire.faults
        self._clock = clock

    def routes(self) -> list[Route]:
        return [
            Route("/stand/faults", refusing(self._list), methods=["GET"]),
            Route("/stand/faults", refusing(self._set), methods=["POST"]),
            Route("/stand/faults", refusing(self._clear_all), methods=["DELETE"]),
            Route("/stand/faults/kinds", refusing(self._kinds), methods=["GET"]),
            Route("/stand/faults/{id}", refusing(self._clear), methods=["DELETE"]),
        ]

    async def _list(self, _request: Request) -> Response:
        active: list[JsonValue] = [shown(one, self._clock.now()) for one in self._faults.active()]
        return answer({"faults": active})

    async def _kinds(self, _request: Request) -> Response:
        return answer({"kinds": [_kind(one) for one in KINDS.values()]})

    async def _set(self, request: Request) -> Response:
        fault = self._faults.set(wanted_of(await object_of(request)))
        return answer(shown(fault, self._clock.now()), 201)

    async def _clear(self, request: Request) -> Response:
        wanted = str(request.path_params["id"])
        if not self._faults.clear(wanted):
            next_step = "It may have reverted by itself: see `stend fault list`."
            raise not_found("No such fault is set.", wanted[:40], next_step)
        return Response(status_code=204)

    async def _clear_all(self, _request: Request) -> Response:
        return answer({"cleared": self._faults.clear_all()})


def shown(fault: Fault, now: datetime) -> JsonObject:
    """A fault that is set."""
    left = (fault.ends_at - now).total_seconds()
    return {
        "id": fault.id,
        "kind": fault.kind.name,
        "source": fault.edge.source,
        "target": fault.edge.target,
        "numbers": dict(fault.numbers),
        "probability": fault.probability,
        "seed": fault.seed,
        "set_at": rfc3339(fault.set_at),
        "ends_at": rfc3339(fault.ends_at),
        "seconds_left": round(max(left, 0.0), 1),
        "struck": fault.struck,
    }


def wanted_of(given: JsonObject) -> Wanted:
    """A fault as JSON asks for it.

    Raises:
        StendError: a member that is missing, unknown or of a wrong type. What `Faults.set` checks
            is not checked here.
    """
    if unknown := sorted(given.keys() - _FIELDS):
        known = ", ".join(sorted(_FIELDS))
        raise invalid("The fault has an unknown member.", unknown[0][:40], f"one of {known}")
    numbers = given.get("numbers", {})
    if not isinstance(numbers, dict):
        raise invalid("numbers is no object.", str(numbers)[:40], "names with numbers")
    seed = given.get("seed")
    is_seed = isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < _SEED_LIMIT
    if seed is not None and not is_seed:
        raise invalid("seed is wrong.", str(seed)[:40], "a whole number from 0, or null")
    return Wanted(
        kind=_text(given, "kind"),
        edge=Edge(_text(given, "source"), _text(given, "target")),
        numbers={name: _number(numbers, name) for name in numbers},
        probability=_number({"probability": 1.0, **given}, "probability"),
        seed=seed if isinstance(seed, int) else None,
        duration_s=_number({"duration_s": 60.0, **given}, "duration_s"),
    )


def _text(given: JsonObject, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"{name} is missing or no text.", str(value)[:40], "a text")
    return value


def _number(given: JsonObject, name: str) -> float:
    value = given[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(f"{name[:40]} is no number.", str(value)[:40], "a number")
    return float(value)


def _kind(kind: Kind) -> JsonObject:
    return {
        "name": kind.name,
        "title": _both(kind.title),
        "text": _both(kind.text),
        "protocols": list(kind.protocols),
        "per_message": kind.per_message,
        "parameters": [
            {
                "name": one.name,
                "default": one.default,
                "least": one.least,
                "most": one.most,
                "text": _both(one.text),
            }
            for one in kind.parameters
        ],
    }


def _both(text: Text) -> JsonObject:
    return {"ru": text.ru, "en": text.en}

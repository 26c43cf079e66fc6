"""A dispatcher of JSON-RPC 2.0 on Starlette: the calls of a batch run at once, in threads."""

import asyncio
import json
import logging
import os
from collections.abc import Callable
from enum import Enum
from inspect import Parameter, signature
from typing import Any

import methods
import uvicorn
from pydantic import BaseModel, ConfigDict, StrictFloat, StrictInt, StrictStr
from pydantic_core import from_json
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

MOST_CALLS = 50
log = logging.getLogger(__name__)


class Code(Enum):
    PARSE = (-32700, "Parse error")
    REQUEST = (-32600, "Invalid Request")
    METHOD = (-32601, "Method not found")
    PARAMS = (-32602, "Invalid params")
    INTERNAL = (-32603, "Internal error")


class Call(BaseModel):
    """A request object (section 4). `jsonrpc` is checked below, where it has one value."""

    model_config = ConfigDict(strict=True)
    jsonrpc: str
    method: str
    params: list[Any] | dict[str, Any] = []
    id: StrictStr | StrictInt | StrictFloat | None = None

    @property
    def is_notification(self) -> bool:
        return "id" not in self.model_fields_set


EXPOSED: dict[str, Callable[..., Any]] = {}


def expose(*functions: Callable[..., Any]) -> None:
    for function in functions:
        EXPOSED["loyalty." + function.__name__] = function


expose(methods.accrue, methods.spend, methods.balance, methods.forget)
expose(methods.quote, methods.levels, methods.audit, methods.expire)


async def answer(body: bytes) -> Any:
    try:
        message = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        return failure(Code.PARSE, str(error))
    if not isinstance(message, list):
        return await answer_one(message)
    if not message or len(message) > MOST_CALLS:
        return failure(Code.REQUEST, f"{len(message)} calls in a batch")
    answers = await asyncio.gather(*(answer_one(one) for one in message))
    # In which order they come is up to the server (section 6).
    return [one for one in reversed(answers) if one is not None] or None


async def answer_one(message: Any) -> dict[str, Any] | None:
    try:
        call = Call.model_validate(message)
        if call.jsonrpc != "2.0":
            raise ValueError(call.jsonrpc)
    except ValueError as error:
        asked = message.get("id") if isinstance(message, dict) else None
        told = asked if type(asked) in (str, int) else None
        return failure(Code.REQUEST, str(error).splitlines()[0], told)
    done = await run_in_threadpool(perform, call)
    return None if call.is_notification else {"jsonrpc": "2.0", "id": call.id, **done}


def perform(call: Call) -> dict[str, Any]:
    function = EXPOSED.get(call.method)
    if function is None:
        return error_of(Code.METHOD, call.method)
    arguments = arguments_of(function, call.params)
    if arguments is None:
        return error_of(Code.PARAMS, str(signature(function)))
    try:
        return {"result": function(**arguments)}
    except methods.BadArgument as error:
        return error_of(Code.PARAMS, str(error))
    except methods.Refused as no:
        return {"error": {"code": no.code, "message": no.message, "data": no.data}}
    except Exception:
        log.exception("%s has failed", call.method)
        return error_of(Code.INTERNAL, "see the log")


def arguments_of(function: Callable[..., Any], params: Any) -> dict[str, Any] | None:
    """By name, whichever way they came; None where they do not fit the function."""
    known = signature(function).parameters
    if isinstance(params, list):
        if len(params) > len(known):
            return None
        params = dict(zip(known, params, strict=False))
    needed = {name for name, one in known.items() if one.default is Parameter.empty}
    return params if needed <= set(params) <= set(known) else None


def failure(code: Code, data: str, request_id: Any = None) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, **error_of(code, data)}


def error_of(code: Code, data: str) -> dict[str, Any]:
    number, message = code.value
    return {"error": {"code": number, "message": message, "data": data}}


async def rpc(request: Request) -> Response:
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return Response(status_code=415)
    told = await answer(await request.body())
    if told is None:
        return Response(status_code=204)
    return Response(json.dumps(told), media_type="application/json")


app = Starlette(routes=[Route("/rpc", rpc, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")

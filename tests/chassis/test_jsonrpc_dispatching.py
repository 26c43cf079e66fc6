"""The dispatcher: the examples of the specification, and what a service answers beside them."""

import asyncio
import json
import logging
from typing import Any

import pytest

from stend.chassis.jsonrpc.dispatching import Call, Dispatcher, JsonRpcLimits, Method
from stend.chassis.jsonrpc.messages import EDGE_FAULTS
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject, JsonValue

LIMITS = JsonRpcLimits(message_bytes=1000, batch=10, concurrent_calls=3)


async def echo(params: JsonObject, _: Call) -> JsonValue:
    return params


async def refuse(params: JsonObject, _: Call) -> JsonValue:
    raise StendError(EdgeErrorCode.UNAVAILABLE, "MySQL cannot be reached.")


async def fail(params: JsonObject, _: Call) -> JsonValue:
    raise ZeroDivisionError("a bug")


async def whoami(params: JsonObject, call: Call) -> JsonValue:
    return call.credential


METHODS: dict[str, Method] = {"echo": echo, "refuse": refuse, "fail": fail, "whoami": whoami}


async def answer(message: Any, methods: dict[str, Method] = METHODS) -> Any:
    text = message if isinstance(message, bytes) else json.dumps(message).encode()
    answered = await Dispatcher(methods, EDGE_FAULTS, LIMITS).answer(text, Call("Bearer x"))
    return None if answered is None else json.loads(answered)


def call(method: str, request_id: object = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": request_id}


def told(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params}


async def test_a_call_is_answered_with_its_result() -> None:
    assert await answer(call("echo", "x", a=[None, 1.5])) == {
        "jsonrpc": "2.0",
        "result": {"a": [None, 1.5]},
        "id": "x",
    }


async def test_a_method_sees_the_credential_of_the_call() -> None:
    assert (await answer(call("whoami")))["result"] == "Bearer x"


async def test_a_refusal_is_an_error_object() -> None:
    answered = await answer(call("refuse", 5))
    assert answered["id"] == 5
    assert answered["error"]["code"] == -32053
    assert answered["error"]["data"]["code"] == "unavailable"
    assert "result" not in answered


async def test_a_bug_is_an_internal_error_without_a_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answered = await answer(call("fail"))
    assert answered["error"]["code"] == -32603
    assert "bug in the stand" in answered["error"]["data"]["detail"]
    assert "ZeroDivisionError" not in json.dumps(answered)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("name", ["Echo", "rpc.echo", "__class__", "x" * 500])
async def test_a_method_that_does_not_exist_is_told_with_those_that_do(name: str) -> None:
    error = (await answer(call(name)))["error"]
    assert (error["code"], error["data"]["code"]) == (-32601, "no-such-operation")
    assert error["data"]["expected"] == "echo, fail, refuse, whoami"
    assert len(error["data"]["value"]) <= 100


async def test_parameters_by_position_are_invalid_params() -> None:
    error = (await answer({**call("echo"), "params": [1]}))["error"]
    assert error["code"] == -32602


@pytest.mark.parametrize("method", ["echo", "refuse", "fail", "absent"])
async def test_a_notification_is_never_answered(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    assert await answer(told(method)) is None
    assert await answer([told(method), told(method)]) is None


# The examples of section 7 that do not need parameters by position.
@pytest.mark.parametrize(
    ("message", "numbers"),
    [
        (b'{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', -32700),
        ({"jsonrpc": "2.0", "method": 1, "params": "bar"}, -32600),
        (b'[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},', -32700),
        ([], -32600),
        ([1], [-32600]),
        ([1, 2, 3], [-32600, -32600, -32600]),
    ],
)
async def test_errors_stand_as_in_the_examples_of_the_specification(
    message: Any, numbers: Any
) -> None:
    answered = await answer(message)
    if isinstance(numbers, list):
        assert [one["error"]["code"] for one in answered] == numbers
        assert all(one["id"] is None for one in answered)
    else:
        assert (answered["error"]["code"], answered["id"]) == (numbers, None)


async def test_a_batch_is_answered_in_its_order_without_its_notifications() -> None:
    answered = await answer(
        [
            call("echo", "1", a=1),
            told("echo"),
            {"foo": "boo"},
            call("absent", "5"),
            call("refuse", None),
        ]
    )
    assert [one.get("id") for one in answered] == ["1", None, "5", None]
    assert answered[0]["result"] == {"a": 1}
    assert [one["error"]["code"] for one in answered[1:]] == [-32600, -32601, -32053]


async def test_a_batch_of_1000_is_refused_before_anything_is_done() -> None:
    done: list[int] = []

    async def count(params: JsonObject, _: Call) -> JsonValue:
        done.append(1)
        return None

    answered = await answer([call("count", n) for n in range(1000)], {"count": count})
    assert (answered["error"]["code"], answered["id"], done) == (-32600, None, [])


async def test_no_more_calls_of_a_batch_run_at_once_than_may() -> None:
    running, most = 0, 0

    async def slow(params: JsonObject, _: Call) -> JsonValue:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _turn in range(3):
            await asyncio.sleep(0)
        running -= 1
        return None

    answered = await answer([call("slow", n) for n in range(10)], {"slow": slow})
    assert [one["id"] for one in answered] == list(range(10))
    assert most == LIMITS.concurrent_calls

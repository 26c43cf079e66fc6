"""JSON-RPC 2.0 messages: what is read, what is refused, and in which words."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stend.chassis.jsonrpc.messages import (
    EDGE_FAULTS,
    Incoming,
    Invalid,
    InvalidRequestError,
    Request,
    dump,
    error_object,
    named_params,
    notification_of,
    read,
    request_of,
)
from stend.kit.errors import EdgeErrorCode, StendError, Violation

BATCH_LIMIT = 50


def read_json(message: Any) -> Incoming:
    return read(json.dumps(message).encode(), BATCH_LIMIT)


def only(message: Any) -> Request | Invalid:
    incoming = read_json(message)
    assert not incoming.is_batch
    (item,) = incoming.items
    return item


def a_request(**changes: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": "echo", "id": 1, **changes}


@pytest.mark.parametrize("request_id", [1, 0, -5, 2**80, "1", "", "ü", None, 7.0])
def test_an_id_comes_back_as_it_was(request_id: object) -> None:
    item = only(a_request(id=request_id))
    assert isinstance(item, Request)
    assert (item.id, type(item.id)) == (request_id, type(request_id))
    assert not item.is_notification


def test_a_request_without_an_id_is_a_notification() -> None:
    assert only({"jsonrpc": "2.0", "method": "echo"}) == Request("echo", None, None, True)


@pytest.mark.parametrize("params", [{}, {"a": None}, [], [1, None]])
def test_parameters_come_by_name_or_by_position(params: Any) -> None:
    item = only(a_request(params=params))
    assert isinstance(item, Request)
    assert item.params == params


@pytest.mark.parametrize(
    ("message", "request_id"),
    [
        (1, None),
        ("text", None),
        (None, None),
        (True, None),
        ({}, None),
        ({"foo": "boo"}, None),
        ({"jsonrpc": "2.0", "method": 1, "params": "bar"}, None),
        (a_request(jsonrpc="1.0"), 1),
        (a_request(jsonrpc=2.0), 1),
        (a_request(jsonrpc=None), 1),
        ({"method": "echo", "id": 3}, 3),
        (a_request(method=None), 1),
        (a_request(method=["echo"]), 1),
        (a_request(params=None), 1),
        (a_request(params="text"), 1),
        (a_request(params=0), 1),
        (a_request(id=1.5), None),
        (a_request(id=True), None),
        (a_request(id={}), None),
        (a_request(id=[1]), None),
        (a_request(extra=1), 1),
        (a_request(result=1), 1),
    ],
)
def test_what_is_no_request_is_told_with_the_id_where_it_can_be_told(
    message: Any, request_id: object
) -> None:
    item = only(message)
    assert isinstance(item, Invalid)
    assert item.id == request_id
    assert error_object(item.error, EDGE_FAULTS)["code"] == -32600


def test_an_id_beyond_every_float_is_refused() -> None:
    (item,) = read(b'{"jsonrpc": "2.0", "method": "echo", "id": 1e999}', BATCH_LIMIT).items
    assert isinstance(item, Invalid)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
        b'[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc"]',
        b"{} {}",
        b"NaN",
        b"'single'",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'"\\ud800"',
        b"[" * 100_000,
        b"[" * 300 + b"]" * 300,
        b'{"a":' * 300 + b"1" + b"}" * 300,
        b"1" * 10_000,
    ],
)
def test_what_is_not_json_is_a_parse_error(text: bytes) -> None:
    with pytest.raises(StendError) as refused:
        read(text, BATCH_LIMIT)
    assert refused.value.code is EdgeErrorCode.MALFORMED_MESSAGE
    assert error_object(refused.value, EDGE_FAULTS)["code"] == -32700


def test_members_of_a_batch_are_judged_one_by_one() -> None:
    incoming = read_json([a_request(), 1, {"jsonrpc": "2.0", "method": "told"}])
    assert incoming.is_batch
    assert [type(item) for item in incoming.items] == [Request, Invalid, Request]


def test_a_batch_of_one_is_still_a_batch() -> None:
    assert read_json([a_request()]).is_batch


@pytest.mark.parametrize("size", [0, BATCH_LIMIT + 1, 1000])
def test_a_batch_that_is_empty_or_too_large_is_one_invalid_request(size: int) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        read_json([a_request(id=number) for number in range(size)])
    assert refused.value.value == f"{size} requests"
    assert refused.value.expected == f"1 to {BATCH_LIMIT} requests"


def test_the_largest_batch_is_read() -> None:
    batch = [a_request(id=number) for number in range(BATCH_LIMIT)]
    assert len(read_json(batch).items) == BATCH_LIMIT


@pytest.mark.parametrize("ids", [(1, 1), ("a", "a"), (1, 1.0)])
def test_two_requests_of_a_batch_may_not_share_an_id(ids: tuple[object, object]) -> None:
    with pytest.raises(InvalidRequestError, match="have one id"):
        read_json([a_request(id=request_id) for request_id in ids])


def test_a_number_and_a_string_are_two_ids_and_notifications_have_none() -> None:
    batch = [a_request(id=1), a_request(id="1")] + [{"jsonrpc": "2.0", "method": "a"}] * 2
    assert len(read_json(batch).items) == 4


@pytest.mark.parametrize(("params", "named"), [(None, {}), ([], {}), ({"a": 1}, {"a": 1})])
def test_no_parameters_and_named_ones_are_taken(params: Any, named: dict[str, Any]) -> None:
    assert named_params(Request("echo", params, 1, False)) == named


def test_parameters_by_position_are_refused() -> None:
    with pytest.raises(StendError) as refused:
        named_params(Request("echo", [1, 2], 1, False))
    assert refused.value.code is EdgeErrorCode.INVALID_ARGUMENT
    assert refused.value.value == "2 parameters by position"


def test_an_error_object_has_number_sentence_and_everything_else_as_data() -> None:
    error = StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        "No.",
        value="x",
        expected="y",
        next_step="Do z.",
        violations=(Violation("/a", "b"),),
    )
    assert error_object(error, EDGE_FAULTS) == {
        "code": -32602,
        "message": "No.",
        "data": {
            "code": "invalid-argument",
            "detail": "No. Got: x. Expected: y. Do z.",
            "value": "x",
            "expected": "y",
            "next_step": "Do z.",
            "violations": [{"where": "/a", "rule": "b"}],
        },
    }


def test_members_of_an_error_that_say_nothing_are_left_out() -> None:
    error = StendError(EdgeErrorCode.INTERNAL, "No.")
    assert error_object(error, EDGE_FAULTS)["data"] == {"code": "internal", "detail": "No."}


def test_every_edge_error_has_a_number_of_its_own_inside_the_protocols_range() -> None:
    assert set(EDGE_FAULTS) == set(EdgeErrorCode)
    assert len(set(EDGE_FAULTS.values())) == len(EDGE_FAULTS)
    reserved = {-32700, -32601, -32602, -32603}
    servers = set(EDGE_FAULTS.values()) - reserved
    assert all(-32099 <= number <= -32000 for number in servers)


def test_what_is_written_reads_again() -> None:
    assert json.loads(dump(notification_of("told", {"a": 1}))) == {
        "jsonrpc": "2.0",
        "method": "told",
        "params": {"a": 1},
    }
    (item,) = read(dump(request_of("echo", {"a": 1}, "x")), BATCH_LIMIT).items
    assert item == Request("echo", {"a": 1}, "x", False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0") | json_values,
        "method": st.text() | json_values,
        "params": json_values,
        "id": json_values,
    },
)


@settings(deadline=None)
@given(st.one_of(requests, st.lists(requests, max_size=4), json_values))
def test_any_json_is_read_or_refused(message: Any) -> None:
    try:
        incoming = read_json(message)
    except StendError:
        return
    for item in incoming.items:
        if isinstance(item, Invalid):
            dump({"id": item.id, "error": error_object(item.error, EDGE_FAULTS)})


@settings(deadline=None)
@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(StendError):
        read(raw, BATCH_LIMIT)

"""Bad HTTP at the port of the shop: a problem with a stable code, and the stand goes on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import LiveStand
from tests.edges.raw import Answer, http, sent
from tests.shop.orders.examples import UNKNOWN_ORDER, fresh_ulid

ORDERS = "/api/v1/orders"
JSON = ("Content-Type", "application/json")
BODY: dict[str, Any] = {
    "customer_id": "cus_0042",
    "lines": [{"sku": "MILK-001", "quantity": 2}],
    "address": {"city": "Москва", "street": "Лесная улица", "house": "7"},
}
_20_MB = 20_000_000


@pytest.fixture(autouse=True)
def _still_answers(live_stand: LiveStand) -> Iterator[None]:
    yield
    answer = httpx.get(f"{live_stand.url}{ORDERS}?limit=1", timeout=10)
    assert answer.status_code == 200


def place(stand: LiveStand, body: bytes, *headers: tuple[str, str]) -> Answer:
    own = [("Idempotency-Key", fresh_ulid()), ("Content-Length", str(len(body)))]
    return http(stand.port_base, "POST", ORDERS, [*own, *(headers or [JSON])], [body])


def changed(**changes: Any) -> bytes:
    return json.dumps(BODY | changes).encode()


def line(**changes: Any) -> bytes:
    return changed(lines=[{"sku": "MILK-001", "quantity": 2} | changes])


@dataclass(frozen=True, slots=True)
class BadBody:
    name: str
    body: bytes
    status: int
    code: str
    where: str | None = None


MALFORMED = [
    BadBody(name, body, 400, "malformed-message")
    for name, body in {
        "no-json": b"order, please",
        "half": b'{"customer_id": "cus_0042", ',
        "single-quotes": b"{'customer_id': 'cus_0042'}",
        "trailing": changed() + b"}",
        "nan": changed().replace(b'"quantity": 2', b'"quantity": nan'),
        "latin-1": json.dumps(BODY, ensure_ascii=False).encode("cp1251"),
        "utf-16": json.dumps(BODY).encode("utf-16"),
        "lone-surrogate": changed().replace(b"cus_0042", b"\\ud800"),
        "raw-control": changed().replace(b"cus_0042", b"cus_\x00"),
        "100000-brackets": b"[" * 100_000,
        "100000-objects": b'{"a":' * 100_000,
        "deep-inside": changed(comment=0).replace(b"0}", b"[" * 100_000 + b"]" * 100_000 + b"}"),
    }.items()
]
BROKEN = [
    BadBody(name, body, 422, "invalid-argument", where)
    for name, body, where in [
        ("list", b"[]", ""),
        ("null", b"null", ""),
        ("text", b'"order"', ""),
        ("number", b"1e400", ""),
        ("empty-object", b"{}", "/customer_id"),
        ("unknown-field", changed(colour="red"), "/colour"),
        ("unknown-field-inside", line(price=1), "/lines/0/price"),
        ("slash-in-a-name", changed(**{"a/b~c": 1}), "/a~1b~0c"),
        ("null-customer", changed(customer_id=None), "/customer_id"),
        ("null-slot", changed(slot=None), "/slot"),
        ("null-flat", changed(address=BODY["address"] | {"flat": None}), "/address/flat"),
        ("number-for-text", changed(customer_id=42), "/customer_id"),
        ("text-for-number", line(quantity="2"), "/lines/0/quantity"),
        ("true-for-number", line(quantity=True), "/lines/0/quantity"),
        ("fraction", line(quantity=1.5), "/lines/0/quantity"),
        ("infinity", line().replace(b": 2", b": Infinity"), "/lines/0/quantity"),
        ("not-a-number", line().replace(b": 2", b": NaN"), "/lines/0/quantity"),
        ("1e999", line().replace(b": 2", b": 1e999"), "/lines/0/quantity"),
        ("object-for-list", changed(lines={}), "/lines"),
        ("list-for-object", changed(address=[]), "/address"),
        ("nul", changed(customer_id="cus_\x00"), "/customer_id"),
        ("nul-in-city", changed(address=BODY["address"] | {"city": "a\x00b"}), "/address/city"),
        ("long-city", changed(address=BODY["address"] | {"city": "М" * 101}), "/address/city"),
        ("newline", changed(customer_id="cus_0042\n"), "/customer_id"),
        ("sku-pattern", line(sku="milk"), "/lines/0/sku"),
        ("moment-without-zone", changed(slot={"starts_at": "2026-11-23T10:00:00"}), "/slot"),
        ("moment-as-number", changed(slot={"starts_at": 1_800_000_000}), "/slot"),
        ("february-30", changed(slot={"starts_at": "2026-02-30T10:00:00Z"}), "/slot"),
    ]
]
AGAINST_THE_RULES = [
    BadBody(name, body, 422, "invalid-order", where)
    for name, body, where in [
        ("negative", line(quantity=-1), "/lines/0/quantity"),
        ("zero", line(quantity=0), "/lines/0/quantity"),
        ("100", line(quantity=100), "/lines/0/quantity"),
        ("huge", line(quantity=10**300), "/lines/0/quantity"),
        ("no-lines", changed(lines=[]), "/lines"),
        ("51-lines", changed(lines=BODY["lines"] * 51), "/lines"),
        ("10000-lines", changed(lines=[{"sku": "MILK-001", "quantity": 0}] * 10_000), "/lines"),
    ]
]
CONFLICTS = [
    BadBody("unknown-sku", line(sku="NONE-000"), 409, "sku-unknown"),
    BadBody(
        "slot-in-the-past",
        changed(slot={"starts_at": "2001-01-01T10:00:00Z", "ends_at": "2001-01-01T11:00:00Z"}),
        409,
        "slot-unavailable",
    ),
]


@pytest.mark.parametrize(
    "bad", [*MALFORMED, *BROKEN, *AGAINST_THE_RULES, *CONFLICTS], ids=lambda bad: bad.name
)
def test_a_bad_body_is_answered_with_its_code_and_place(
    live_stand: LiveStand, bad: BadBody
) -> None:
    answer = place(live_stand, bad.body)
    problem = answer.problem
    assert (answer.status, problem["code"]) == (bad.status, bad.code), problem
    assert len(answer.body) < 8_000
    if bad.where is not None:
        places = [violation["where"] for violation in problem["violations"]]
        assert places[0].startswith(bad.where), places


def test_of_a_name_that_stands_twice_the_last_value_counts(live_stand: LiveStand) -> None:
    # RFC 8259, section 4, leaves it open; the value that counts is checked like any other.
    twice = changed().replace(b"{", b'{"customer_id": "cus_1", "customer_id": 7, ', 1)
    answer = place(live_stand, twice)
    assert answer.status == 201
    assert json.loads(answer.body)["customer_id"] == "cus_0042"


def test_an_integer_written_with_a_zero_fraction_is_an_integer(live_stand: LiveStand) -> None:
    answer = place(live_stand, line(quantity=2.0))
    assert answer.status == 201
    assert json.loads(answer.body)["lines"][0]["quantity"] == 2


# ---- size --------------------------------------------------------------------------------------


def test_a_body_of_20_mb_is_refused_by_its_announced_length(live_stand: LiveStand) -> None:
    headers = [("Idempotency-Key", "big-body"), JSON, ("Content-Length", str(_20_MB))]
    answer = http(live_stand.port_base, "POST", ORDERS, headers, [b"["])
    assert (answer.status, answer.problem["code"]) == (413, "message-too-large")
    assert f"{_20_MB} bytes" in answer.problem["detail"]


def test_a_chunked_body_of_20_mb_is_refused_as_it_comes(live_stand: LiveStand) -> None:
    headers = [("Idempotency-Key", "big-body"), JSON, ("Transfer-Encoding", "chunked")]
    chunk = b"%x\r\n%s\r\n" % (100_000, b" " * 100_000)
    # Just over the limit and no more: a server that closes with unread bytes resets its answer.
    answer = http(live_stand.port_base, "POST", ORDERS, headers, [chunk] * 11)
    assert (answer.status, answer.problem["code"]) == (413, "message-too-large")


def test_whoever_sends_all_of_20_mb_does_not_hurt(live_stand: LiveStand) -> None:
    head = (
        f"POST {ORDERS} HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: big-body\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    ).encode()
    chunk = b"%x\r\n%s\r\n" % (100_000, b" " * 100_000)
    answer = sent(live_stand.port_base, [head, *[chunk] * 200, b"0\r\n\r\n"])
    assert answer == b"" or b" 413 " in answer.split(b"\r\n")[0]


# ---- headers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "json", ""],
)
def test_a_body_that_is_not_declared_as_json_is_415(live_stand: LiveStand, media_type: str) -> None:
    answer = place(live_stand, changed(), ("Content-Type", media_type))
    assert (answer.status, answer.problem["code"]) == (415, "unsupported-media-type")
    assert "application/json" in answer.problem["expected"]


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;x=y"]
)
def test_parameters_and_case_of_the_media_type_do_not_matter(
    live_stand: LiveStand, media_type: str
) -> None:
    assert place(live_stand, changed(), ("Content-Type", media_type)).status == 201


@pytest.mark.parametrize(
    "key", [None, "", "short", "x" * 65, "with space", "ключ-ключ", "a/b/c/d/e"]
)
def test_a_missing_or_wrong_idempotency_key_is_422_and_names_the_header(
    live_stand: LiveStand, key: str | None
) -> None:
    body = changed()
    headers = [JSON, ("Content-Length", str(len(body)))]
    if key is not None:
        headers.append(("Idempotency-Key", key.encode().decode("latin-1")))
    answer = http(live_stand.port_base, "POST", ORDERS, headers, [body])
    assert (answer.status, answer.problem["code"]) == (422, "invalid-argument")
    assert answer.problem["violations"][0]["where"].lower() == "/idempotency-key"


@pytest.mark.parametrize("tag", ["1", '"0"', '"x"', 'W/"1"', '"1", "2"', '"99999999999"', ""])
def test_a_wrong_if_match_is_422(live_stand: LiveStand, tag: str) -> None:
    path = f"{ORDERS}/{UNKNOWN_ORDER}/cancellation"
    answer = http(live_stand.port_base, "POST", path, [("If-Match", tag), ("Content-Length", "0")])
    assert (answer.status, answer.problem["code"]) == (422, "invalid-argument")


@pytest.mark.parametrize("last", ["-1", "x", "1.5", "99999999999", ""])
def test_a_wrong_last_event_id_is_422(live_stand: LiveStand, last: str) -> None:
    path = f"{ORDERS}/{UNKNOWN_ORDER}/events"
    answer = http(live_stand.port_base, "GET", path, [("Last-Event-ID", last)])
    assert (answer.status, answer.problem["code"]) == (422, "invalid-argument")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(min_size=1, max_size=400))
def test_random_bytes_as_a_body_are_a_problem_of_the_caller(
    live_stand: LiveStand, body: bytes
) -> None:
    answer = place(live_stand, body)
    assert 400 <= answer.status < 500
    assert answer.problem["code"] in {"malformed-message", "invalid-argument"}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(field=st.sampled_from(sorted([*BODY, "slot", "colour"])), value=_json)
def test_a_random_value_in_any_field_is_a_problem_of_the_caller_or_an_order(
    live_stand: LiveStand, field: str, value: Any
) -> None:
    answer = place(live_stand, json.dumps(BODY | {field: value}).encode())
    if answer.status != 201:
        assert 400 <= answer.status < 500
        assert answer.problem["code"]

"""Headers of requests and responses, beside kio's."""

import contextlib
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kio.index import load_request_schema, load_response_schema
from kio.serial import entity_writer

from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import UnknownMessageError, WireError
from stend.wire.kafka.headers import (
    RequestHeader,
    read_request_header,
    request_header,
    response_header,
)

EVERY = [(key, version) for key in ApiKey for version in codec.versions(key)]


def theirs(kind: type[Any], **fields: Any) -> bytes:
    buffer = io.BytesIO()
    entity_writer(kind)(buffer, kind(**fields))
    return buffer.getvalue()


@pytest.mark.parametrize("client_id", [None, "", "me", "я"])
def test_headers_of_requests_are_those_of_kio(client_id: str | None) -> None:
    for key, version in EVERY:
        made = request_header(key, version, 7, client_id)
        assert made == theirs(
            load_request_schema(key, version).__header_schema__,
            request_api_key=key,
            request_api_version=version,
            correlation_id=7,
            client_id=client_id,
        )
        expected = RequestHeader(key, version, 7, client_id, len(made))
        assert read_request_header(made) == expected
        assert read_request_header(made + b"body") == expected


def test_headers_of_responses_are_those_of_kio() -> None:
    for key, version in EVERY:
        kind = load_response_schema(key, version).__header_schema__
        assert response_header(key, version, -5) == theirs(kind, correlation_id=-5)


def test_who_asks_for_versions_gets_the_first_header_always() -> None:
    assert response_header(ApiKey.API_VERSIONS, 4, 1) == b"\0\0\0\1"


def test_a_request_of_an_unknown_version_has_a_header_all_the_same() -> None:
    known = request_header(ApiKey.API_VERSIONS, 2, 9, "me")
    unknown = known[:2] + b"\x03\xe7" + known[4:]
    assert read_request_header(unknown) == RequestHeader(18, 999, 9, "me", len(unknown))
    with pytest.raises(UnknownMessageError):
        request_header(ApiKey.API_VERSIONS, 999, 9, "me")
    with pytest.raises(UnknownMessageError):
        response_header(1000, 0, 9)


def test_tagged_fields_of_a_header_are_skipped() -> None:
    made = request_header(ApiKey.HEARTBEAT, 4, 1, "me")[:-1]
    tagged = made + bytes.fromhex("02 05 02 abcd 06 00")
    assert read_request_header(tagged + b"body").body_at == len(tagged)


@pytest.mark.parametrize(
    ("end", "text"),
    [
        ("fffe", "client_id, byte 8: a string of -2 bytes"),
        ("0003 6d65", "client_id, byte 8: a string of 3 bytes"),
        ("0002 ffff 00", "client_id, byte 8: a string that is not UTF-8"),
        ("ffff", "byte 10: tagged fields that are cut off"),
        ("ffff 01 05 02 ab", "byte 10: tagged fields that are cut off"),
        ("ffff 02 05 00 05 00", "byte 10: tagged fields that are cut off or out of order"),
        ("", "byte 0: a request of 8 bytes has no header"),
    ],
)
def test_wrong_headers_are_refused(end: str, text: str) -> None:
    with pytest.raises(WireError) as refusal:
        read_request_header(bytes.fromhex("000c 0004 00000001" + end))
    assert str(refusal.value).startswith(text)


@given(st.binary(max_size=40))
def test_only_the_declared_error_escapes(data: bytes) -> None:
    with contextlib.suppress(WireError):
        assert 0 <= read_request_header(data).body_at <= len(data)

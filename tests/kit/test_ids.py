"""ULIDs and the tokens made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.kit.ids import ULID_BYTES, decode_ulid, encode_ulid, from_token, to_token

raws = st.binary(min_size=ULID_BYTES, max_size=ULID_BYTES)


@given(raw=raws)
def test_a_ulid_leads_back_to_its_bytes(raw: bytes) -> None:
    ulid = encode_ulid(raw)
    assert len(ulid) == 26
    assert decode_ulid(ulid) == raw


@given(first=raws, second=raws)
def test_ulids_sort_as_their_bytes_do(first: bytes, second: bytes) -> None:
    assert (encode_ulid(first) < encode_ulid(second)) == (first < second)


@given(raw=raws)
def test_a_token_leads_back_to_its_ulid(raw: bytes) -> None:
    ulid = encode_ulid(raw)
    assert len(to_token(ulid)) == 22
    assert from_token(to_token(ulid)) == ulid


@given(token=st.from_regex(r"[A-Za-z0-9_-]{21}[AQgw]", fullmatch=True))
def test_every_cursor_that_fits_the_contracts_pattern_decodes_and_is_the_only_one(
    token: str,
) -> None:
    assert to_token(from_token(token)) == token


@pytest.mark.parametrize(
    ("raw", "ulid"),
    [
        (b"\x00" * 16, "00000000000000000000000000"),
        (b"\xff" * 16, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
        # The example of the specification, github.com/ulid/spec.
        (bytes.fromhex("01563e3ab5d3d6764c61efb99302bd5b"), "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    ],
)
def test_known_bytes_are_known_ulids(raw: bytes, ulid: str) -> None:
    assert encode_ulid(raw) == ulid
    assert decode_ulid(ulid) == raw


@pytest.mark.parametrize(
    "text",
    ["", "0" * 25, "0" * 27, "8" + "0" * 25, "I" * 26, "u" * 26, "0" * 25 + "\n", "０" * 26],
)
def test_what_is_no_ulid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a ULID"):
        decode_ulid(text)


@pytest.mark.parametrize(
    "token", ["", "A" * 21, "A" * 23, "A" * 44, "+" * 21, "Ж" * 22, "A" * 21 + "="]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - base64 words its own errors
        from_token(token)

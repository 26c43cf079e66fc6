"""Field tables: every type, pamqp as the oracle, changes that leave the rest alone."""

import contextlib
import struct
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import decode, encode

from stend.wire.amqp.frames import AmqpSyntaxError
from stend.wire.amqp.values import (
    MAX_DEPTH,
    Table,
    Value,
    encode_table,
    encode_value,
    join_table,
    long_value,
    read_table,
    read_value,
    short_string,
    split_array,
    split_table,
    string_value,
    timestamp_value,
)

# Bytes as in RabbitMQ's table of types, with what they mean.
VALUES: tuple[tuple[bytes, Value], ...] = (
    (b"t\x01", True),
    (b"t\x00", False),
    (b"b\xff", -1),
    (b"B\xff", 255),
    (b"s\x80\x00", -32_768),
    (b"u\xff\xff", 65_535),
    (b"I\xff\xff\xff\xff", -1),
    (b"i\xff\xff\xff\xff", 4_294_967_295),
    (b"l" + struct.pack(">q", -(2**63)), -(2**63)),
    (b"f" + struct.pack(">f", 0.5), 0.5),
    (b"d" + struct.pack(">d", 0.1), 0.1),
    (b"D\x02" + struct.pack(">i", -314), Decimal("-3.14")),
    (b"S\x00\x00\x00\x04\xd1\x8f\xd1\x8e", "яю"),
    (b"S\x00\x00\x00\x02\xff\xfe", b"\xff\xfe"),
    (b"x\x00\x00\x00\x02\x00\xff", b"\x00\xff"),
    (b"T" + struct.pack(">Q", 1_795_000_000), 1_795_000_000),
    (b"V", None),
    (b"A\x00\x00\x00\x03b\x01V", [1, None]),
    (b"F\x00\x00\x00\x04\x01ab\x02", {"a": 2}),
)
Scalar = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=20) | st.none()
Tables = st.dictionaries(
    st.text(max_size=20),
    st.recursive(
        Scalar,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
        ),
        max_leaves=10,
    ),
    max_size=5,
)


@pytest.mark.parametrize(("raw", "value"), VALUES, ids=lambda one: repr(one)[:30])
def test_every_type_is_read(raw: bytes, value: Value) -> None:
    assert read_value(raw) == value
    assert isinstance(read_value(raw), type(value))
    assert read_value(encode_value(read_value(raw))) == value


@pytest.mark.parametrize("raw", [raw for raw, _ in VALUES])
def test_a_value_that_is_cut_off_is_refused(raw: bytes) -> None:
    for end in range(len(raw)):
        with pytest.raises(AmqpSyntaxError) as refusal:
            read_value(raw[:end])
        assert refusal.value.code == 501


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(AmqpSyntaxError, match="no field type 'Z'"):
        read_value(b"Z\x00")


def test_a_table_is_not_nested_for_ever() -> None:
    raw = b"V"
    for _ in range(MAX_DEPTH + 2):
        raw = b"A" + struct.pack(">I", len(raw)) + raw
    with pytest.raises(AmqpSyntaxError, match="nested deeper"):
        read_value(raw)


@given(Tables)
def test_what_is_written_is_read_again(table: Table) -> None:
    raw = encode_table(table)
    assert read_table(raw + b"rest") == (table, len(raw))


@given(Tables)
def test_pamqp_reads_what_is_written(table: Table) -> None:
    assert decode.field_table(encode_table(table))[1] == table


@given(st.dictionaries(st.text(max_size=20), Scalar, max_size=5))
def test_what_pamqp_writes_is_read(table: dict[str, bool | int | str | None]) -> None:
    raw = encode.field_table({**table})
    assert read_table(raw)[0] == table


def test_a_split_table_keeps_every_value_in_its_own_bytes() -> None:
    items = [(f"n{place}", raw) for place, (raw, _) in enumerate(VALUES)]
    raw = join_table(items)
    assert split_table(raw) == (items, len(raw))


def test_a_split_array_keeps_every_value_in_its_own_bytes() -> None:
    values = [raw for raw, _ in VALUES]
    raw = b"A" + struct.pack(">I", sum(map(len, values))) + b"".join(values)
    assert split_array(raw) == values
    assert split_array(b"V") == []


def test_the_writers_of_single_types() -> None:
    assert long_value(1) == b"l" + bytes(7) + b"\x01"
    assert string_value("é") == b"S\x00\x00\x00\x02\xc3\xa9"
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    assert timestamp_value(int(moment.timestamp()))[1:] == encode.timestamp(moment)


def test_a_short_string_has_255_bytes_at_most() -> None:
    assert short_string("x" * 255)[0] == 255
    with pytest.raises(ValueError, match="holds 255 bytes, not 256"):
        short_string("я" * 128)


def test_a_value_without_a_field_type_is_refused() -> None:
    with pytest.raises(ValueError, match="no field type"):
        encode_value(object())  # type: ignore[arg-type]


@given(st.binary(max_size=100))
def test_only_the_declared_error_escapes(data: bytes) -> None:
    for read in (read_table, split_table, read_value, split_array):
        with contextlib.suppress(AmqpSyntaxError):
            read(data)

"""Methods: equal to pamqp's own bytes, cut off anywhere, unknown."""

import contextlib
from inspect import signature
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import base, commands, frame

from stend.wire.amqp.frames import AmqpSyntaxError, FrameReader
from stend.wire.amqp.methods import decode_method, encode_method, method_name

EXAMPLES: dict[str, Any] = {
    "octet": 9,
    "short": 0,
    "long": 70_000,
    "longlong": 2**40,
    "bit": True,
    "shortstr": "name",
    "longstr": "long",
    "table": {"x-message-ttl": 60_000, "switch": True},
}
# Arguments that the specification fixes.
FIXED = {"ticket": 0, "channel_max": 0, "insist": False, "capabilities": ""}
# pamqp warns of what the specification has deprecated, and clients still send.
pytestmark = pytest.mark.filterwarnings("ignore:This command is deprecated")
KINDS: list[type[base.Frame]] = list(commands.INDEX_MAPPING.values())


def example(kind: type[base.Frame]) -> dict[str, Any]:
    arguments = {name: EXAMPLES[kind.amqp_type(name)] for name in kind.__slots__}
    fixed = {name: value for name, value in FIXED.items() if name in arguments}
    arguments |= fixed
    if arguments.get("virtual_host"):
        arguments["virtual_host"] = "/"
    if "channel_id" in arguments:
        arguments["channel_id"] = "0"
    # pamqp allows nothing else in what 0-9-1 has deprecated.
    for name in ("known_hosts", "cluster_id", "out_of_band"):
        if name in arguments:
            arguments[name] = signature(kind).parameters[name].default
    return arguments


def as_text(value: object) -> object:
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.name))
def test_every_method_is_as_pamqp_writes_it(kind: type[base.Frame]) -> None:
    arguments = example(kind)
    theirs = frame.marshal(kind(**arguments), 5)
    (only,) = FrameReader().feed(theirs)
    method = decode_method(only.payload)
    assert type(method) is kind
    assert {name: as_text(getattr(method, name)) for name in kind.__slots__} == arguments
    in_bytes = {
        name: value.encode()
        for name, value in arguments.items()
        if kind.amqp_type(name) == "longstr"
    }
    ours = encode_method(5, kind, **{**arguments, **in_bytes})
    _, channel, read = frame.unmarshal(ours)
    assert channel == 5
    assert isinstance(read, base.Frame)
    assert dict(read) == dict(kind(**arguments))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.name))
def test_a_method_that_is_cut_off_is_refused(kind: type[base.Frame]) -> None:
    (only,) = FrameReader().feed(frame.marshal(kind(**example(kind)), 5))
    for end in range(len(only.payload)):
        with pytest.raises(AmqpSyntaxError) as refusal:
            decode_method(only.payload[:end])
        assert refusal.value.code == 501


def test_an_unknown_method_is_a_wrong_command() -> None:
    with pytest.raises(AmqpSyntaxError, match="no method 99 in class 60") as refusal:
        decode_method(b"\x00\x3c\x00\x63")
    assert refusal.value.code == 503


def test_names_of_methods() -> None:
    assert method_name(0x003C0028) == "Basic.Publish"
    assert method_name(0) is None


@given(st.sampled_from(KINDS), st.binary(max_size=60))
def test_only_the_declared_error_escapes(kind: type[base.Frame], rest: bytes) -> None:
    with contextlib.suppress(AmqpSyntaxError):
        decode_method(kind.index.to_bytes(4, "big") + rest)

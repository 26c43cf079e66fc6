"""Protocol Buffers: bytes of one version, read by the other one."""

from pathlib import Path

import pytest

from stend.course.formats import protobuf
from stend.course.formats.contract import Role, UnknownMessageError, UnreadableError
from stend.course.formats.protobuf_changes import Level, breaking, dropped

_SHOP = sorted((Path(__file__).resolve().parents[2] / "src/stend/shop").rglob("*.proto"))
_PROTO = """syntax = "proto3";
package lavka;
import "google/protobuf/timestamp.proto";
service Delivery {
  rpc Assign(Request) returns (Courier);
  rpc Track(Request) returns (stream Position);
}
message Request {
  string order_id = 1;
  int32 weight = 2;
  repeated string tags = 3;
  Kind kind = 4;
}
message Courier {
  string id = 1;
  map<string, int32> extra = 2;
  google.protobuf.Timestamp since = 3;
  Position at = 4;
}
message Position { double lat = 1; double lon = 2; oneof from { string a = 5; } string b = 6; }
enum Kind { KIND_UNSPECIFIED = 0; FOOT = 1; BIKE = 2; }
"""
_WRONG = {
    "an unknown type": ("int32 weight", "int33 weight", 10),
    "a number twice": ("weight = 2", "weight = 1", 10),
    "no zero": ("KIND_UNSPECIFIED = 0", "KIND_UNSPECIFIED = 5", 21),
    "an import of what is not there": ("google/protobuf/timestamp", "google/protobuf/nothing", 3),
    "half": ("message Courier {", "message Courier", 15),
}
_REQUEST = "lavka.Request"
_MESSAGES: dict[str, tuple[object, bool]] = {
    "JSON": ({"orderId": "a", "weight": 2, "kind": "BIKE"}, True),
    "unknown JSON": ({"orderid": "a"}, False),
    "JSON of another type": ({"weight": "two"}, False),
    "no object": ([1], False),
    "bytes": (b"\x0a\x01a\x10\x02", True),
    "unknown bytes": (b"\x7a\x01a", False),
    "torn bytes": (b"\x0a\x05a", False),
}
# What is replaced by what, and the fields that are read wrong.
_CHANGES: dict[str, tuple[str, str, set[str]]] = {
    "a field": ("weight = 2;", "weight = 2; string note = 9;", set()),
    "another name": ("int32 weight", "int32 grams", set()),
    "reserved": ("int32 weight = 2;", 'reserved 2; reserved "weight";', set()),
    "text as bytes, and back": ("string id = 1;", "bytes id = 1;", {"lavka.Courier.id"}),
    "a wider number": ("int32 weight", "int64 weight", {"lavka.Request.weight"}),
    "zigzag": ("int32 weight", "sint32 weight", {"lavka.Request.weight"}),
    "a text": ("int32 weight", "string weight", {"lavka.Request.weight"}),
    "another number": ("weight = 2", "weight = 7", {"lavka.Request.weight"}),
    "a number used again": ("int32 weight = 2;", "bool fragile = 2;", {"lavka.Request.fragile"}),
    "one of many": ("repeated string tags", "string tags", {"lavka.Request.tags"}),
    "many of one": ("string order_id", "repeated string order_id", {"lavka.Request.order_id"}),
    "values change places": ("FOOT = 1; BIKE = 2", "FOOT = 2; BIKE = 1", {"lavka.Request.kind"}),
    "into a oneof": (
        "string a = 5; } string b = 6;",
        "string a = 5; string b = 6; }",
        {"lavka.Position"},
    ),
    "half a double": ("double lat", "float lat", {"lavka.Position.lat"}),
    "no stream": ("(stream Position)", "(Position)", {"/lavka.Delivery/Track"}),
    "a call is gone": (
        "  rpc Assign(Request) returns (Courier);\n",
        "",
        {"/lavka.Delivery/Assign"},
    ),
    "a call of another message": (
        "Assign(Request)",
        "Assign(Position)",
        {"lavka.Position.order_id"},
    ),
}


@pytest.fixture(scope="module")
def contract() -> protobuf.Protobuf:
    return protobuf.read(_PROTO, "a.proto")


@pytest.mark.parametrize(("old", "new", "line"), _WRONG.values(), ids=_WRONG)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, line: int) -> None:
    wrong = protobuf.read(_changed(old, new), "a.proto")
    assert f"a.proto:{line}" in {one.where for one in wrong.problems()}
    with pytest.raises(UnreadableError):
        wrong.messages()


def test_a_contract_tells_calls_and_messages(contract: protobuf.Protobuf) -> None:
    assert contract.problems() == ()
    calls = {one.path: (one.where, one.server_streams) for one in contract.operations()}
    assert calls == {
        "/lavka.Delivery/Assign": ("a.proto:5", False),
        "/lavka.Delivery/Track": ("a.proto:6", True),
    }
    told = {one.name: (one.role, one.where) for one in contract.messages()}
    assert told == {
        "lavka.Request": (Role.REQUEST, "a.proto:8"),
        "lavka.Courier": (Role.RESPONSE, "a.proto:14"),
        "lavka.Position": (Role.RESPONSE, "a.proto:20"),
    }
    assert contract.where("lavka.Request.kind") == "a.proto:12"


@pytest.mark.parametrize(("message", "accepted"), _MESSAGES.values(), ids=_MESSAGES)
def test_a_message_is_judged(
    contract: protobuf.Protobuf, message: object, *, accepted: bool
) -> None:
    assert contract.judge(_REQUEST, message).accepted is accepted
    with pytest.raises(UnknownMessageError):
        contract.judge("lavka.Nothing", message)


@pytest.mark.parametrize(("old", "new", "pointers"), _CHANGES.values(), ids=_CHANGES)
def test_a_break_is_shown_by_bytes(
    contract: protobuf.Protobuf, old: str, new: str, pointers: set[str]
) -> None:
    after = protobuf.read(_changed(old, new), "v2.proto")
    assert after.problems() == ()
    found = breaking(contract, after)
    told = {one.pointer for one in found.breaks}
    assert pointers <= told
    assert bool(told) is bool(pointers)
    for one in found.breaks:
        assert isinstance(one.witness, dict)
        if "hex" in one.witness:
            bytes.fromhex(one.witness["hex"])
        assert one.where.startswith("v2.proto:")


def test_names_count_in_json() -> None:
    old, new = (
        protobuf.read(one, "a") for one in (_PROTO, _changed("int32 weight", "int32 grams"))
    )
    assert breaking(old, new).is_compatible
    found = breaking(old, new, Level.JSON)
    assert {"lavka.Request.weight", "lavka.Request.grams"} == {one.pointer for one in found.breaks}


def test_a_message_that_is_gone_cannot_be_compared() -> None:
    old = protobuf.read('syntax = "proto3"; message A { int32 a = 1; } message B {}', "v1")
    new = protobuf.read('syntax = "proto3"; message A { int32 a = 1; }', "v2")
    assert [one.about for one in breaking(old, new).incomparable] == ["B"]
    assert breaking(new, old).is_compatible


def test_what_is_gone_has_to_be_reserved(contract: protobuf.Protobuf) -> None:
    for text, is_told in (
        ("", True),
        ("reserved 2;", True),
        ('reserved "weight";', True),
        ('reserved 2 to max; reserved "weight", "tags";', False),
    ):
        changed = _changed(
            "  int32 weight = 2;\n  repeated string tags = 3;\n  Kind kind = 4;\n", text
        )
        kept = changed.replace("2 to max", "2 to 4").replace('"tags"', '"tags", "kind"')
        problems = dropped(contract, protobuf.read(kept, "v2.proto"))
        assert any(one.pointer == "lavka.Request.weight" for one in problems) is is_told


@pytest.mark.parametrize("path", _SHOP, ids=str)
def test_the_contracts_of_the_shop_are_right(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    one, other = protobuf.read(text, path.name), protobuf.read(text, path.name)
    assert one.problems() == ()
    assert breaking(one, other).is_compatible


def _changed(old: str, new: str) -> str:
    assert old in _PROTO
    return _PROTO.replace(old, new, 1)

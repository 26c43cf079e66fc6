"""Messages of gRPC and frames of HTTP/2 have different boundaries; protobuf inside of them."""

import base64
import struct
from collections.abc import Sequence

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.message_factory import GetMessageClass
from google.rpc import status_pb2

from stend.kit.fields import Field, account, every
from stend.runtime.grpc_contracts import shop_method
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from stend.wire.content.header_values import value_inner
from stend.wire.content.proto_comments import comments_of
from stend.wire.content.protobuf import message_fields
from stend.wire.decoding import Direction
from stend.wire.http2.decoder import Http2Decoder
from tests.wire.checking import Heard, check, demand_meanings, find
from tests.wire.http2.talking import Talk, request

PATH = "/lavka.orders.v1.Orders/PlaceOrder"


def _prefixed(message: bytes, flag: int = 0) -> bytes:
    return bytes([flag]) + len(message).to_bytes(4, "big") + message


def _sent(frames: Sequence[bytes], *, encoding: str = "identity") -> Heard:
    """A call whose request goes in these DATA frames."""
    talk = Talk()
    more = [("content-type", "application/grpc"), ("grpc-encoding", encoding)]
    talk.client.send_headers(1, request("POST", PATH, more))
    for number, one in enumerate(frames, 1):
        talk.client.send_data(1, one, end_stream=number == len(frames))
    talk.pass_on()
    return check(lambda: Http2Decoder(descriptors=shop_method), talk.said)


def _data(heard: Heard) -> list[tuple[Field, ...]]:
    units = [one for one in heard.of(Direction.TO_SERVER) if one.name == "DATA"]
    return [heard.tree(one)[1:] for one in units]


_MESSAGE = pb.PlaceOrderRequest(customer_id="cus_0042").SerializeToString()


@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_a_message_in_pieces(size: int) -> None:
    whole = _prefixed(_MESSAGE)
    trees = _data(_sent([whole[at : at + size] for at in range(0, len(whole), size)]))
    assert [tree[0].name for tree in trees] == ["message_part"] * len(trees)
    assert trees[0][0].value == "part 1 of message 1"
    assert [tree[0].inner is None for tree in trees] == [True] * (len(trees) - 1) + [False]
    last = trees[-1][0]
    assert last.value == f"part {len(trees)} of message 1, the last"
    assert find((last,), "message", "customer_id").value == "cus_0042"


def test_several_messages_in_one_frame() -> None:
    whole = _prefixed(_MESSAGE) * 2 + _prefixed(b"") + _prefixed(_MESSAGE)[:-3]
    first, second = _data(_sent([whole, _prefixed(_MESSAGE)[-3:]]))
    assert [one.name for one in first] == ["message", "message", "message", "message_part"]
    assert find((second[0],), "customer_id").value == "cus_0042"


def test_a_message_that_cannot_be_unpacked() -> None:
    ((message,),) = _data(_sent([_prefixed(b"no gzip", 1)], encoding="gzip"))
    assert "gzip" in str(message.children[2].why_not)
    ((message,),) = _data(_sent([_prefixed(b"abc", 1)], encoding="snappy"))
    assert "snappy" in str(message.children[2].why_not)


def _kind() -> Descriptor:
    """A message with a field of every type."""
    types = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="all.proto", package="t", syntax="proto2")
    message = file.message_type.add(name="All")
    names = [name for name, _ in types.Type.items() if name not in ("TYPE_GROUP", "TYPE_MESSAGE")]
    for name in names:
        field = message.field.add(
            name=name.removeprefix("TYPE_").lower(), type=name, label="LABEL_OPTIONAL"
        )
        field.number = types.Type.Value(name)
        if name == "TYPE_ENUM":
            field.type_name = ".t.Colour"
    colours = file.enum_type.add(name="Colour")
    colours.value.add(name="RED", number=0)
    colours.value.add(name="BLUE", number=-1)
    for number, label, packed in ((30, "numbers", True), (31, "doubles", True)):
        field = message.field.add(name=label, number=number, label="LABEL_REPEATED")
        field.type = types.TYPE_SINT32 if label == "numbers" else types.TYPE_DOUBLE
        field.options.packed = packed
    entry = message.nested_type.add(name="LabelsEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type="TYPE_STRING", label="LABEL_OPTIONAL")
    entry.field.add(name="value", number=2, type="TYPE_INT32", label="LABEL_OPTIONAL")
    field = message.field.add(name="labels", number=32, type="TYPE_MESSAGE", label="LABEL_REPEATED")
    field.type_name = ".t.All.LabelsEntry"
    group = message.nested_type.add(name="Old")
    group.field.add(name="inside", number=1, type="TYPE_INT32", label="LABEL_OPTIONAL")
    field = message.field.add(name="old", number=33, type="TYPE_GROUP", label="LABEL_OPTIONAL")
    field.type_name = ".t.All.Old"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool.FindMessageTypeByName("t.All")


def _tree(data: bytes, kind: Descriptor | None) -> tuple[Field, ...]:
    tree = message_fields(data, 0, len(data), kind)
    account(tree, 0, len(data))
    demand_meanings(tree)
    return tree


_VALUES = {
    "double": -0.5,
    "float": 1.5,
    "int64": -(2**63),
    "uint64": 2**64 - 1,
    "int32": -7,
    "fixed64": 2**64 - 1,
    "fixed32": 2**32 - 1,
    "bool": True,
    "string": "молоко",
    "bytes": b"\x00\xff",
    "uint32": 2**32 - 1,
    "sfixed32": -1,
    "sfixed64": -(2**63),
    "sint32": -(2**31),
    "sint64": 2**63 - 1,
}


@pytest.mark.parametrize(("name", "value"), _VALUES.items())
def test_every_type(name: str, value: object) -> None:
    kind = _kind()
    message = GetMessageClass(kind)(**{name: value})
    (one,) = _tree(message.SerializeToString(), kind)
    assert (one.name, one.type, one.value) == (name, name, value)


def test_enums_packed_numbers_maps_and_groups() -> None:
    kind = _kind()
    message = GetMessageClass(kind)(
        enum=-1, numbers=[1, -2, 300], doubles=[0.5], labels={"a": 1}, old={"inside": 5}
    )
    tree = _tree(message.SerializeToString(), kind)
    assert find(tree, "enum").value == "BLUE (-1)"
    assert [one.value for one in find(tree, "numbers").children[2:]] == [1, -2, 300]
    assert [one.value for one in find(tree, "doubles").children[2:]] == [0.5]
    labels = find(tree, "labels")
    assert labels.type == "map entry"
    assert [(one.name, one.value) for one in labels.children[2:]] == [("key", "a"), ("value", 1)]
    old = find(tree, "old")
    assert [one.name for one in old.children] == ["tag", "inside", "end_group"]


def test_an_enum_that_is_not_in_the_contract() -> None:
    (one,) = _tree(b"\x10\x63", pb.ListOrdersRequest.DESCRIPTOR)
    assert one.value == "99: not in the contract"


def test_fields_that_are_not_in_the_contract() -> None:
    data = b"\xa2\x06\x01x" + b"\x08\x05" + b"\xa5\x06" + struct.pack("<f", 1)
    first, second, third = _tree(data, pb.GetOrderRequest.DESCRIPTOR)
    assert (first.name, first.type, first.value) == ("field 100", "LEN", b"x")
    assert "no field of this number" in first.meaning.text.en
    # Number 1 is a string there.
    assert (second.name, second.type) == ("field 1", "VARINT")
    assert "written in another way" in second.meaning.text.en
    assert third.type == "I32"


def test_without_a_contract() -> None:
    data = b"\x08\x96\x01\x12\x03abc\x1b\x08\x01\x1c"
    tree = _tree(data, None)
    assert [(one.name, one.type, one.value) for one in tree] == [
        ("field 1", "VARINT", 150),
        ("field 2", "LEN", b"abc"),
        ("field 3", "SGROUP", None),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"\x08",
        b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x12\x05ab",
        b"\x0f\x01",
        b"\x00\x01",
        b"\x1b\x08\x01\x24",
        b"\x1c",
        b"\x0d\x01\x02",
        b"\x1b" * 5000,
    ],
)
def test_damage(data: bytes) -> None:
    tree = _tree(b"\x08\x07" + data, None)
    assert tree[0].value == 7
    assert any(one.why_not for one in every(tree[1:]))


def test_messages_inside_each_other_have_a_bound() -> None:
    file = descriptor_pb2.FileDescriptorProto(name="deep.proto", syntax="proto3")
    message = file.message_type.add(name="Deep")
    field = message.field.add(name="deep", number=1, type="TYPE_MESSAGE", label="LABEL_OPTIONAL")
    field.type_name = ".Deep"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    data = b""
    while len(data) < 2000:
        size = len(data)
        head = [size & 0x7F | 0x80, size >> 7] if size > 127 else [size]
        data = bytes([0x0A, *head]) + data
    tree = _tree(data, pool.FindMessageTypeByName("Deep"))
    assert "inside each other" in str([one.why_not for one in every(tree) if one.why_not])


def test_many_fields_have_a_bound() -> None:
    tree = _tree(b"\x08\x01" * 30_000, None)
    assert len(tree) == 20_001
    assert tree[-1].why_not is not None


def test_details_in_base64() -> None:
    status = status_pb2.Status(code=5, message="no order").SerializeToString()
    inner = value_inner("grpc-status-details-bin", base64.b64encode(status).rstrip(b"="))
    assert inner is not None
    assert inner.data == status
    assert find(inner.fields, "message").value == "no order"
    own = value_inner("x-own-bin", base64.b64encode(b"abc"))
    assert own is not None
    assert own.fields[0].value == b"abc"
    assert value_inner("x-own-bin", b"?") is None


def test_comments_of_a_proto_file() -> None:
    comments = comments_of(
        """
        // Of the file.

        package a.b;
        // Of the message.
        message Order {
          // The first line
          // and the second.
          string sku = 1 [json_name = "x"];
          int32 count = 2;  // Behind it.
          message Inner {
            // Deeper.
            bool flag = 1;
          }
          oneof what {
            // In a oneof.
            string text = 3;
          }
          /* not taken */
          int32 bare = 4;
        }
        """
    )
    assert comments == {
        "a.b.Order.sku": "The first line and the second.",
        "a.b.Order.count": "Behind it.",
        "a.b.Order.Inner.flag": "Deeper.",
        "a.b.Order.text": "In a oneof.",
    }

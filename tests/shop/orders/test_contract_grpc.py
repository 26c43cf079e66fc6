"""orders.proto came first: stubs and code are measured against it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from stend.shop.orders.api.grpc import translate
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from stend.shop.orders.api.rest.server import contract
from stend.shop.orders.domain import OrderEventType, OrderStatus
from stend.shop.orders.usecases import Operation
from tests.conftest import PROJECT

GRPC = PROJECT / "src/stend/shop/orders/api/grpc"
SCHEMAS: dict[str, Any] = yaml.safe_load(contract())["components"]["schemas"]


@pytest.mark.parametrize("name", ["orders_pb2.py", "orders_pb2.pyi"])
def test_the_stubs_are_what_protoc_makes_of_the_contract_now(name: str, tmp_path: Path) -> None:
    # mypy-protobuf's plugin stands beside the interpreter, where protoc does not look by itself.
    plugin = Path(sys.executable).with_name("protoc-gen-mypy")
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={GRPC / 'contract'}"),
            *(f"--plugin=protoc-gen-mypy={plugin}", f"--python_out={tmp_path}"),
            *(f"--mypy_out={tmp_path}", "orders.proto"),
        ],
        check=True,
        capture_output=True,
    )
    assert (tmp_path / name).read_bytes() == (GRPC / "stubs" / name).read_bytes()


def test_the_methods_are_the_operations_of_the_shop() -> None:
    service = pb.DESCRIPTOR.services_by_name["Orders"]
    assert set(service.methods_by_name) == set(Operation)
    streams = {method.name for method in service.methods if method.server_streaming}
    assert streams == {Operation.TRACK_ORDER}


@pytest.mark.parametrize(
    ("name", "values"), [("OrderStatus", OrderStatus), ("OrderEventType", OrderEventType)]
)
def test_closed_sets_are_equal_and_zero_is_unspecified(
    name: str, values: type[OrderStatus]
) -> None:
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
    expected = [f"{prefix}_UNSPECIFIED", *(f"{prefix}_{value.name}" for value in values)]
    declared = pb.DESCRIPTOR.enum_types_by_name[name].values
    assert [value.name for value in declared] == expected
    assert [value.number for value in declared] == list(range(len(expected)))


@pytest.mark.parametrize(
    ("pattern", "declared"),
    [
        (translate._ORDER_ID, SCHEMAS["OrderId"]),
        (translate._SKU, SCHEMAS["Sku"]),
        (translate._CUSTOMER_ID, SCHEMAS["CustomerId"]),
        (translate._CURSOR, SCHEMAS["Cursor"]),
        (translate._TEXT_100, SCHEMAS["ShortText"]),
        (translate._TEXT_16, SCHEMAS["Address"]["properties"]["house"]),
        (translate._TEXT_280, SCHEMAS["Address"]["properties"]["comment"]),
        (
            translate._IDEMPOTENCY_KEY,
            yaml.safe_load(contract())["components"]["parameters"]["IdempotencyKey"]["schema"],
        ),
    ],
)
def test_the_patterns_are_those_of_rest(pattern: re.Pattern[str], declared: dict[str, Any]) -> None:
    assert pattern.pattern.strip("^$") == declared["pattern"].strip("^$")


@pytest.mark.parametrize(
    ("message", "schema"),
    [
        (pb.Order, "Order"),
        (pb.OrderLine, "OrderLine"),
        (pb.CartLine, "CartLine"),
        (pb.Address, "Address"),
        (pb.Slot, "Slot"),
        (pb.Money, "Money"),
        (pb.OrderEvent, "OrderEvent"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_message_has_the_members_of_its_schema_in_rest(message: Any, schema: str) -> None:
    assert set(message.DESCRIPTOR.fields_by_name) == set(SCHEMAS[schema]["properties"])

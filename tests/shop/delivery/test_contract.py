"""delivery.proto came first: stubs, statuses and errors are measured against it."""

import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest
from google.rpc import code_pb2

from stend.chassis import rich_errors
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.delivery.api.grpc.faults import FAULTS
from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from stend.shop.delivery.domain.delivery import DeliveryErrorCode, DeliveryStatus
from tests.conftest import PROJECT

GRPC = PROJECT / "src/stend/shop/delivery/api/grpc"
CODES: tuple[StrEnum, ...] = (*EdgeErrorCode, *DeliveryErrorCode)


@pytest.mark.parametrize("name", ["delivery_pb2.py", "delivery_pb2.pyi"])
def test_the_stubs_are_what_protoc_makes_of_the_contract_now(name: str, tmp_path: Path) -> None:
    # mypy-protobuf's plugin stands beside the interpreter, where protoc does not look by itself.
    plugin = Path(sys.executable).with_name("protoc-gen-mypy")
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={GRPC / 'contract'}"),
            *(f"--plugin=protoc-gen-mypy={plugin}", f"--python_out={tmp_path}"),
            *(f"--mypy_out={tmp_path}", "delivery.proto"),
        ],
        check=True,
        capture_output=True,
    )
    assert (tmp_path / name).read_bytes() == (GRPC / "stubs" / name).read_bytes()


def test_consumers_have_the_contract_as_it_is_now() -> None:
    shop = PROJECT / "src/stend/shop"
    for ours in (
        GRPC / "contract/delivery.proto",
        GRPC / "stubs/delivery_pb2.py",
        GRPC / "stubs/delivery_pb2.pyi",
    ):
        copies = [*shop.glob(f"*/clients/{ours.parent.name}/{ours.name}")]
        assert copies
        assert [copy for copy in copies if copy.read_bytes() != ours.read_bytes()] == []


def test_all_four_kinds_of_calls_are_there() -> None:
    service = pb.DESCRIPTOR.services_by_name["Deliveries"]
    kinds = {
        name: (method.client_streaming, method.server_streaming)
        for name, method in service.methods_by_name.items()
    }
    streams = {name: kind for name, kind in kinds.items() if any(kind)}
    assert streams == {
        "WatchDeliveries": (False, True),
        "TrackCourier": (False, True),
        "ReportPositions": (True, False),
        "CourierSession": (True, True),
    }
    assert set(kinds) - set(streams) == {
        "AssignCourier",
        "CancelDelivery",
        "GetDelivery",
        "ListDeliveries",
        "ListCouriers",
    }


def test_statuses_are_equal_and_zero_is_unspecified() -> None:
    declared = pb.DESCRIPTOR.enum_types_by_name["DeliveryStatus"].values
    names = ["UNSPECIFIED", *(status.name for status in DeliveryStatus)]
    assert [value.name for value in declared] == [f"DELIVERY_STATUS_{name}" for name in names]


def test_every_error_has_a_status_and_no_status_stands_for_nothing() -> None:
    assert set(FAULTS) == set(CODES)
    assert code_pb2.OK not in FAULTS.values()


@pytest.mark.parametrize("code", CODES)
def test_an_error_leads_back_to_its_code(code: StrEnum) -> None:
    rich = rich_errors.read(rich_errors.status_of(StendError(code, "What happened."), FAULTS))
    assert rich is not None
    assert (rich.code, rich.violations) == (code, ())

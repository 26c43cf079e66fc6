"""The service in a process of its own, called by a stock client over a real socket."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status
from grpc_tools import protoc

import delivery_pb2
import delivery_pb2_grpc

HERE = Path(__file__).parent
SERVICE = "example.delivery.v1.Delivery"
TIMEOUT_S = 30


@contextmanager
def started(folder: Path, position_every_s: float = 0.01) -> Iterator[tuple[grpc.Channel, Any]]:
    """A channel to the service, and its process."""
    own = {"PORT": "0", "DATABASE": str(folder / "delivery.db")}
    environment = {**os.environ, **own, "POSITION_EVERY_S": str(position_every_s)}
    command = [sys.executable, str(HERE / "service.py")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        target = process.stdout.readline().split()[-1]
        try:
            with grpc.insecure_channel(target, options=[("grpc.enable_http_proxy", 0)]) as channel:
                yield channel, process
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[grpc.Channel]:
    with started(tmp_path) as (channel, _):
        yield channel


def assign(channel: grpc.Channel, order_id: str, address: str = "Lesnaya, 7") -> str:
    request = delivery_pb2.AssignCourierRequest(order_id=order_id, address=address)
    stub = delivery_pb2_grpc.DeliveryStub(channel)
    return str(stub.AssignCourier(request, timeout=TIMEOUT_S).courier_id)


def track(channel: grpc.Channel, order_id: str, from_step: int = 0) -> Any:
    request = delivery_pb2.TrackCourierRequest(order_id=order_id, from_step=from_step)
    return delivery_pb2_grpc.DeliveryStub(channel).TrackCourier(request, timeout=TIMEOUT_S)


def refusal(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    """The code, and the reason in the details."""
    assert isinstance(error, grpc.Call)
    status = rpc_status.from_call(error)
    assert status
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.domain == SERVICE
    return error.code(), info.reason


def test_every_order_gets_one_courier_and_a_repeat_the_same(channel: grpc.Channel) -> None:
    assert [assign(channel, order) for order in ("o-1", "o-2", "o-1")] == [
        "cou-1",
        "cou-2",
        "cou-1",
    ]
    assert assign(channel, "o-3") == "cou-3"
    with pytest.raises(grpc.RpcError) as caught:
        assign(channel, "o-4")
    assert refusal(caught.value) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "NO_FREE_COURIER")


def test_positions_stream_to_the_door_and_free_the_courier(channel: grpc.Channel) -> None:
    assign(channel, "o-1")
    positions = list(track(channel, "o-1"))
    assert [one.step for one in positions] == [0, 1, 2, 3, 4, 5]
    assert positions[-1].state == delivery_pb2.Position.STATE_DELIVERED
    with pytest.raises(grpc.RpcError) as caught:
        list(track(channel, "o-1"))
    assert refusal(caught.value) == (grpc.StatusCode.NOT_FOUND, "ORDER_NOT_FOUND")
    assert assign(channel, "o-2") == "cou-1"


def test_bad_fields_are_named(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        assign(channel, "o-1", address="")
    assert refusal(caught.value) == (grpc.StatusCode.INVALID_ARGUMENT, "BAD_REQUEST")
    assert isinstance(caught.value, grpc.Call)
    status = rpc_status.from_call(caught.value)
    bad = error_details_pb2.BadRequest()
    assert status
    assert status.details[1].Unpack(bad)
    assert [one.field for one in bad.field_violations] == ["address"]


def test_the_service_is_found_by_reflection_and_healthy(channel: grpc.Channel) -> None:
    assert SERVICE in ProtoReflectionDescriptorDatabase(channel).get_services()
    request = health_pb2.HealthCheckRequest(service=SERVICE)
    health: Any = health_pb2_grpc.HealthStub(channel)
    answer = health.Check(request, timeout=TIMEOUT_S)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_a_stream_ends_with_its_deadline_and_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    with started(tmp_path, position_every_s=60) as (channel, _):
        assign(channel, "o-1")
        request = delivery_pb2.TrackCourierRequest(order_id="o-1")
        stream = delivery_pb2_grpc.DeliveryStub(channel).TrackCourier(request, timeout=0.5)
        with pytest.raises(grpc.RpcError) as caught:
            list(stream)
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert next(track(channel, "o-1", from_step=1)).step == 1


def test_a_stream_that_runs_is_let_to_its_end_when_the_service_stops(tmp_path: Path) -> None:
    with started(tmp_path, position_every_s=0.1) as (channel, process):
        assign(channel, "o-1")
        stream = track(channel, "o-1")
        assert next(stream).step == 0
        process.send_signal(signal.SIGTERM)
        assert [one.step for one in stream] == [1, 2, 3, 4, 5]
        assert process.wait(TIMEOUT_S) == 0


def test_assignments_outlive_the_process(tmp_path: Path) -> None:
    for _ in range(2):
        with started(tmp_path) as (channel, _):
            assert assign(channel, "o-1") == "cou-1"


def test_the_stubs_are_made_from_the_contract(tmp_path: Path) -> None:
    outs = [f"--{kind}_out={tmp_path}" for kind in ("python", "pyi", "grpc_python")]
    assert protoc.main(["protoc", f"-I{HERE}", *outs, "delivery.proto"]) == 0
    made = sorted(tmp_path.iterdir())
    assert len(made) == 3
    for path in made:
        assert path.read_text() == (HERE / path.name).read_text(), path.name

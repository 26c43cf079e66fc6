"""The service in a process of its own, called with pjrpc and, to break rules, with raw bytes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from pjrpc.client.backend.httpx import Client
from pjrpc.client.exceptions import JsonRpcError

HERE = Path(__file__).parent
CONTRACT = json.loads((HERE / "openrpc.json").read_text(encoding="utf-8"))


@contextmanager
def started(folder: Path) -> Iterator[str]:
    environment = {**os.environ, "PORT": "0", "DATABASE": str(folder / "points.db")}
    command = [sys.executable, str(HERE / "service.py")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            # uvicorn ends in order and then tells its parent which signal it was.
            assert process.wait(timeout=20) in {0, -signal.SIGTERM}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with started(tmp_path_factory.mktemp("jsonrpc")) as url:
        yield url


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, trust_env=False) as http:
        yield http


@pytest.fixture
def rpc(url: str, http: httpx.Client) -> Client:
    return Client(url, http_client=http)


def code_of(call: Any) -> int:
    with pytest.raises(JsonRpcError) as caught:
        call()
    return caught.value.code


def code(name: str) -> int:
    return int(CONTRACT["components"]["errors"][name]["code"])


def test_points_are_accrued_and_spent(rpc: Client) -> None:
    assert rpc.call("points.balance", customer="ann") == 0
    assert rpc.call("points.accrue", customer="ann", points=50, operation="ann-1") == 50
    assert rpc.call("points.spend", "ann", 20, "ann-2") == 30
    assert rpc.call("points.balance", "ann") == 30


def test_a_repeat_changes_nothing_and_answers_the_same(rpc: Client) -> None:
    for _ in range(2):
        assert rpc.call("points.accrue", "bob", 10, "bob-1") == 10
    assert rpc.call("points.balance", "bob") == 10


def test_repeats_at_once_count_once(url: str) -> None:
    def accrue(_: int) -> Any:
        with httpx.Client(timeout=30, trust_env=False) as http:
            return Client(url, http_client=http).call("points.accrue", "eve", 5, "eve-1")

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(accrue, range(4))) == {5}


def test_an_operation_is_for_one_change_only(rpc: Client) -> None:
    rpc.call("points.accrue", "joe", 10, "joe-1")
    other = partial(rpc.call, "points.accrue", "joe", 11, "joe-1")
    assert code_of(other) == code("OperationReused")


def test_nobody_spends_what_there_is_not(rpc: Client) -> None:
    rpc.call("points.accrue", "kim", 10, "kim-1")
    assert code_of(partial(rpc.call, "points.spend", "kim", 11, "kim-2")) == code("NotEnoughPoints")
    assert rpc.call("points.balance", "kim") == 10


@pytest.mark.parametrize(
    "params",
    [[], ["a", "5", "x"], ["a", 0, "x"], ["a", 5, ""], ["a", 5, "x", 1], ["a", True, "x"]],
)
def test_bad_params_are_told(rpc: Client, params: list[Any]) -> None:
    assert code_of(partial(rpc.call, "points.accrue", *params)) == code("InvalidParams")


def test_an_unknown_method_is_told(rpc: Client) -> None:
    assert code_of(partial(rpc.call, "points.steal", "ann")) == -32601


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", -32700),
        (b'{"jsonrpc": "2.0", "method": "points.balance", "params": [NaN], "id": 1}', -32700),
        (b"[" * 5000, -32700),
        (b"[]", -32600),
        (b"1", -32600),
        (b'{"jsonrpc": "1.0", "method": "points.balance", "id": 1}', -32600),
        (b'{"jsonrpc": "2.0", "method": "points.balance", "id": true}', -32600),
    ],
)
def test_what_is_no_request_is_told(
    url: str, http: httpx.Client, body: bytes, expected: int
) -> None:
    answer = http.post(url, content=body).json()
    assert (answer["error"]["code"], answer["id"]) == (expected, None)


def test_members_of_a_batch_are_answered_each_and_notifications_are_not(
    url: str, http: httpx.Client
) -> None:
    batch = [
        {"jsonrpc": "2.0", "method": "points.accrue", "params": ["leo", 7, "leo-1"]},
        7,
        {"jsonrpc": "2.0", "method": "points.balance", "params": ["leo"], "id": "b"},
    ]
    bad, balance = http.post(url, json=batch).json()
    assert bad["error"]["code"] == -32600
    assert balance == {"jsonrpc": "2.0", "result": 7, "id": "b"}
    assert http.post(url, json=batch[:1]).status_code == 204


def test_a_body_without_end_is_refused(url: str, http: httpx.Client) -> None:
    assert http.post(url, content=b" " * 1_000_001).status_code == 413


def test_every_method_of_the_contract_is_served(rpc: Client) -> None:
    for method in CONTRACT["methods"]:
        assert code_of(partial(rpc.call, method["name"])) == code("InvalidParams")


def test_points_outlive_the_process(tmp_path: Path, http: httpx.Client) -> None:
    with started(tmp_path) as url:
        Client(url, http_client=http).call("points.accrue", "mia", 10, "mia-1")
    with started(tmp_path) as url:
        assert Client(url, http_client=http).call("points.accrue", "mia", 10, "mia-1") == 10

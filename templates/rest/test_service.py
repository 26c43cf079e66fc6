"""The service in a process of its own, called over a real socket and held against openapi.yaml."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

HERE = Path(__file__).parent
CONTRACT = yaml.safe_load((HERE / "openapi.yaml").read_text(encoding="utf-8"))
MILK = {"sku": "MILK-1", "quantity": 2}


@contextmanager
def started(folder: Path) -> Iterator[httpx.Client]:
    environment = {**os.environ, "PORT": "0", "DATABASE": str(folder / "orders.db")}
    command = [sys.executable, str(HERE / "service.py")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        try:
            with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
                yield client
        finally:
            process.terminate()
            # uvicorn ends in order and then tells its parent which signal it was.
            assert process.wait(timeout=20) in {0, -signal.SIGTERM}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with started(tmp_path_factory.mktemp("rest")) as client:
        yield client


def place(client: httpx.Client, key: str, order: object = MILK) -> httpx.Response:
    return client.post("/orders", json=order, headers={"Idempotency-Key": key})


def conforms(body: object, schema: str) -> None:
    jsonschema.validate(
        body, {"$ref": f"#/components/schemas/{schema}", "components": CONTRACT["components"]}
    )


def is_problem(answer: httpx.Response, status: int, kind: str) -> bool:
    conforms(answer.json(), "Problem")
    assert answer.headers["Content-Type"] == "application/problem+json"
    return (answer.status_code, answer.json()["type"]) == (status, kind)


def test_an_order_is_placed_and_read(client: httpx.Client) -> None:
    placed = place(client, "read")
    assert placed.status_code == 201
    conforms(placed.json(), "Order")
    assert client.get(placed.headers["Location"]).json() == placed.json()


def test_a_repeat_with_the_same_key_places_nothing(client: httpx.Client) -> None:
    first, again = place(client, "repeat"), place(client, "repeat")
    assert again.json() == first.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


def test_of_requests_at_once_with_one_key_one_places(client: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: place(client, "at once"), range(8)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1


def test_a_key_is_for_one_order_only(client: httpx.Client) -> None:
    place(client, "taken")
    other = place(client, "taken", {"sku": "BREAD-1", "quantity": 1})
    assert is_problem(other, 409, "idempotency-key-reused")


BAD: list[Any] = [{}, None, [], {**MILK, "sku": "milk"}, {**MILK, "colour": "white"}]
BAD += [{**MILK, "quantity": 0}, {**MILK, "quantity": 101}, {**MILK, "quantity": "2"}]


@pytest.mark.parametrize("order", BAD)
def test_what_the_contract_forbids_is_refused(client: httpx.Client, order: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        conforms(order, "NewOrder")
    assert is_problem(place(client, "bad", order), 422, "invalid-request")


def test_the_key_is_demanded(client: httpx.Client) -> None:
    assert is_problem(client.post("/orders", json=MILK), 422, "invalid-request")


def test_an_unknown_order_is_told(client: httpx.Client) -> None:
    assert is_problem(client.get("/orders/none"), 404, "order-not-found")


def test_an_unknown_path_and_method_are_told_likewise(client: httpx.Client) -> None:
    assert is_problem(client.get("/nothing"), 404, "about:blank")
    assert is_problem(client.delete("/orders"), 405, "about:blank")


def test_pages_show_every_order_once(tmp_path: Path) -> None:
    with started(tmp_path) as client:
        placed = [place(client, str(number)).json()["id"] for number in range(5)]
        seen: list[str] = []
        after: int | None = 0
        while after is not None:
            page = client.get("/orders", params={"limit": 2, "after": after}).json()
            conforms(page, "Page")
            seen += [order["id"] for order in page["orders"]]
            after = page["next"]
        assert seen == placed


def test_orders_and_keys_outlive_the_process(tmp_path: Path) -> None:
    with started(tmp_path) as client:
        before = place(client, "kept").json()
    with started(tmp_path) as client:
        assert place(client, "kept").json() == before


def test_every_operation_of_the_contract_is_served(client: httpx.Client) -> None:
    for path, operations in CONTRACT["paths"].items():
        for method in operations:
            answer = client.request(method, path.replace("{order_id}", "none"))
            assert answer.json().get("type") != "about:blank", (method, path)

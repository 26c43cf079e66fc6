"""The commands against a running stand: exit codes, JSON, what a person reads."""

import json
import os
import pty
import re
import socket
import subprocess
import sys
from typing import Any

import pytest

from stend.runtime.rows import SERVICES
from tests.conftest import STAND_PORTS, LiveStand
from tests.shop.orders.examples import UNKNOWN_ORDER

_COLUMNS = 80
_COLOUR = re.compile(rb"\x1b\[[0-9;]*3[0-9]m")


def called(stand: LiveStand, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and answer of `stend call WORDS --json`."""
    done = stand.command("call", *words, "--json")
    answer: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, answer


# ---- call --------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_call_performs_an_operation_and_its_json_has_a_fixed_shape(
    live_stand: LiveStand, protocol: str
) -> None:
    code, answer = called(live_stand, "PlaceOrder", "--over", protocol)
    assert code == 0
    assert list(answer) == ["operation", "protocol", "ok", "result", "duration_ms", "trace_id"]
    assert (answer["operation"], answer["protocol"], answer["ok"]) == ("PlaceOrder", protocol, True)
    assert answer["duration_ms"] > 0
    assert len(answer["trace_id"]) == 32
    order_id = answer["result"]["order_id"]

    code, answer = called(live_stand, "GetOrder", f"order_id={order_id}", "--over", protocol)
    assert (code, answer["result"]["status"]) == (0, "placed")
    code, answer = called(
        live_stand, "CancelOrder", f"order_id={order_id}", "reason=Передумал", "--over", protocol
    )
    assert (code, answer["result"]["reason"]) == (0, "Передумал")
    code, answer = called(live_stand, "ListOrders", "limit=1", "--over", protocol)
    assert (code, list(answer["result"])) == (0, ["orders", "next_cursor"])

    done = live_stand.command(
        "call", "TrackOrder", f"order_id={order_id}", "--over", protocol, "--json"
    )
    assert done.returncode == 0
    events = [json.loads(line)["result"]["type"] for line in done.stdout.splitlines()]
    assert events == ["OrderPlaced", "OrderCancelled"]


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("GetOrder", f"order_id={UNKNOWN_ORDER}"), "order-not-found"),
        (("GetOrder", "order_id=1"), "invalid-argument"),
        (("PlaceOrder", "lines.0.sku=MILK-001", "lines.0.quantity=-1"), "invalid-order"),
        (("PlaceOrder", "lines.0.sku=NONE-000", "lines.0.quantity=1"), "sku-unknown"),
    ],
    ids=["unknown", "bad-id", "negative", "no-such-product"],
)
def test_a_refusal_of_the_service_is_exit_code_1(
    live_stand: LiveStand, protocol: str, words: tuple[str, ...], error: str
) -> None:
    code, answer = called(live_stand, *words, "--over", protocol)
    assert code == 1
    assert list(answer) == ["operation", "protocol", "ok", "error", "duration_ms", "trace_id"]
    assert answer["ok"] is False
    assert list(answer["error"]) == ["code", "detail", "violations"]
    assert answer["error"]["code"] == error


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("DropOrders", "--over", "rest"), "PlaceOrder, GetOrder"),
        (("GetOrder", "order_id=1", "--over", "corba"), "rest, jsonrpc, soap"),
        (("GetOrder", "order_id", "--over", "rest"), "NAME=VALUE"),
        (("GetOrder", "--over", "rest"), "order_id"),
        (("GetOrder", "order_id=1", "colour=red", "--over", "rest"), "colour"),
        (("ListOrders", "limit=ten", "--over", "rest"), "limit"),
        (("GetOrder", "order_id=1"), "--over"),
    ],
)
def test_what_keeps_call_from_its_answer_is_exit_code_2_and_is_told(
    live_stand: LiveStand, words: tuple[str, ...], told: str
) -> None:
    done = live_stand.command("call", *words)
    assert done.returncode == 2
    assert told in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_a_stand_that_does_not_run_is_exit_code_2(new_stand: LiveStand, protocol: str) -> None:
    code, answer = called(new_stand, "ListOrders", "--over", protocol)
    assert (code, answer["error"]["code"]) == (2, "unavailable")


# ---- status ------------------------------------------------------------------------------------

_SILENT = """
import pathlib, sys, time
from stend.runtime import process
process.write(pathlib.Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]))
print("up", flush=True)
time.sleep(600)
"""


def test_status_as_json_has_a_fixed_shape(live_stand: LiveStand) -> None:
    done = live_stand.command("status", "--json")
    status = json.loads(done.stdout)
    base = live_stand.port_base
    assert done.returncode == 0
    assert list(status) == ["ready", "port_base", "engines", "services"]
    assert (status["ready"], status["port_base"]) == (True, base)
    engines = {engine["name"]: engine for engine in status["engines"]}
    assert list(engines) == [
        *("postgresql", "mysql", "mongodb", "redis", "rabbitmq", "kafka", "nginx"),
    ]
    for engine in engines.values():
        assert isinstance(engine["pss_bytes"], int)
        assert (engine["state"], engine["reason"]) == ("ready", None)
        assert all(list(one) == ["code", "ru", "en"] for one in engine["limitations"])
        assert all(
            list(one) == ["protocol", "url", "tapped_url", "no_tap"] for one in engine["also_at"]
        )
    for changing in ("pss_bytes", "limitations", "also_at"):
        del engines["postgresql"][changing]
    assert engines["postgresql"] == {
        "name": "postgresql",
        "label": "real",
        "version": "18.6",
        "state": "ready",
        "reason": None,
        "url": f"postgresql://lavka:lavka@127.0.0.1:{base + 10}/lavka",
        "tapped_url": f"postgresql://lavka:lavka@127.0.0.1:{base + 110}/lavka",
        "no_tap": None,
    }
    labels = {name: engine["label"] for name, engine in engines.items()}
    assert labels["rabbitmq"] == "emulated"
    assert labels["kafka"] == "emulated"
    kafka = engines["kafka"]
    assert (kafka["url"], kafka["tapped_url"]) == (
        f"127.0.0.1:{base + 15}",
        f"127.0.0.1:{base + 115}",
    )
    assert labels["nginx"] == "real"
    assert engines["rabbitmq"]["also_at"] == [
        {
            "protocol": "management",
            "url": f"http://127.0.0.1:{base + 18}",
            "tapped_url": f"http://127.0.0.1:{base + 118}",
            "no_tap": None,
        }
    ]


def test_status_as_json_tells_of_every_service(live_stand: LiveStand) -> None:
    status = json.loads(live_stand.command("status", "--json").stdout)
    base = live_stand.port_base
    services = {service["name"]: service for service in status["services"]}
    assert tuple(services) == SERVICES
    for service in services.values():
        endpoints = service.pop("endpoints")
        assert all(list(one) == ["protocol", "url", "tapped_url", "no_tap"] for one in endpoints)
        assert (service["state"], service["reason"]) == ("ready", None)
    assert services["loyalty"] == {
        "name": "loyalty",
        "state": "ready",
        "reason": None,
        "uses": ["mysql"],
    }
    assert endpoints == [
        {
            "protocol": "rest",
            "url": f"http://127.0.0.1:{base}/oauth/token",
            "tapped_url": f"http://127.0.0.1:{base + 100}/oauth/token",
            "no_tap": None,
        }
    ]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "- no streams (x-queue-type=stream): the queue is refused with 540"),
        ("ru", "- нет потоков (x-queue-type=stream): очередь не создаётся, ответ 540"),
    ],
)
def test_status_tells_what_engines_do_not_do(
    live_stand: LiveStand, language: str, line: str
) -> None:
    said = live_stand.command("status", "--limits", STEND_LANG=language).stdout
    assert line in said
    told = json.loads(live_stand.command("status", "--json").stdout)
    count = sum(len(engine["limitations"]) for engine in told["engines"])
    assert said.count("\n- ") == count
    assert max(len(row) for row in said.partition("\n- ")[2].splitlines()) <= 80
    assert "\n- " not in live_stand.command("status", STEND_LANG=language).stdout


def test_status_of_no_stand_is_exit_code_2_and_says_how_to_start(new_stand: LiveStand) -> None:
    done = new_stand.command("status")
    assert done.returncode == 2
    assert "./stend up" in done.stderr
    done = new_stand.command("status", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (
        2,
        {"ready": False, "port_base": new_stand.port_base, "engines": [], "services": []},
    )


@pytest.mark.parametrize("command", [("status",), ("status", "--json"), ("kafka", "brokers")])
def test_a_stand_that_does_not_answer_is_not_told_as_none(
    new_stand: LiveStand, command: tuple[str, ...]
) -> None:
    new_stand.state.mkdir(parents=True)
    # Its process lives and speaks no HTTP.
    silent = [sys.executable, "-c", _SILENT, str(new_stand.state), str(new_stand.port_base)]
    environment = new_stand.environment()
    with subprocess.Popen(silent, stdout=subprocess.PIPE, text=True, env=environment) as stand:
        assert stand.stdout is not None
        assert stand.stdout.readline() == "up\n"
        done = new_stand.command(*command)
        stand.kill()
    assert done.returncode == 2
    assert f"The stand runs (process {stand.pid})" in done.stderr
    assert f"does not answer at 127.0.0.1:{new_stand.port_base}" in done.stderr
    assert "./stend up" not in done.stderr


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", ("работает", "эмуляция", "МБ", "ограничений: ", "status --limits")),
        ("en", ("ready", "emulated", "MB", "limits: ", "status --limits")),
    ],
)
def test_status_fits_eighty_columns_and_tells_every_address(
    live_stand: LiveStand, language: str, words: tuple[str, ...]
) -> None:
    shown = live_stand.command("status", "--lang", language).stdout
    for word in words:
        assert word in shown
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= _COLUMNS
    status = live_stand.status()
    for engine in status["engines"]:
        for one in (engine, *engine["also_at"]):
            tap = one["tapped_url"].rpartition(":")[2].partition("/")[0]
            assert re.search(f"{re.escape(one['url'])} +tap :{tap}\\b", shown)


def on_a_terminal(stand: LiveStand, *words: str, **environment: str) -> bytes:
    leader, follower = pty.openpty()
    own = stand.environment(TERM="xterm-256color", **environment)
    own.pop("NO_COLOR", None)
    child = subprocess.Popen(
        [sys.executable, "-m", "stend", *words], stdout=follower, env=own | environment
    )
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 65_536):
            shown += chunk
    except OSError:
        # Linux tells the end of a terminal as an input/output error.
        pass
    os.close(leader)
    child.wait()
    return shown


@pytest.mark.parametrize("command", ["status", "doctor"])
def test_colour_is_for_a_terminal_that_wants_it(live_stand: LiveStand, command: str) -> None:
    assert _COLOUR.search(on_a_terminal(live_stand, command))
    assert not _COLOUR.search(on_a_terminal(live_stand, command, NO_COLOR="1"))
    assert b"\x1b" not in live_stand.command(command).stdout.encode()


# ---- logs, doctor, settings --------------------------------------------------------------------


def test_logs_show_what_the_parts_wrote(live_stand: LiveStand) -> None:
    shown = live_stand.command("logs", "stand")
    assert shown.returncode == 0
    assert re.search(r"^\d{4}-.*Z info +\S+  ", shown.stdout, re.MULTILINE)
    assert "database system is ready" in live_stand.command("logs", "postgresql").stdout
    assert "Ready to accept connections" in live_stand.command("logs", "redis").stdout
    assert "AMQP on 127.0.0.1" in live_stand.command("logs", "rabbitmq").stdout
    mysql = live_stand.command("logs", "mysql").stdout
    assert "MySQL on 127.0.0.1" in mysql
    assert "database system is ready" in mysql
    assert "MongoDB on 127.0.0.1" in live_stand.command("logs", "mongodb").stdout
    assert "Kafka on 127.0.0.1" in live_stand.command("logs", "kafka").stdout
    assert live_stand.command("logs", "nginx").returncode == 0
    assert len(live_stand.command("logs").stdout) >= len(shown.stdout)


def test_logs_of_an_unknown_part_and_of_no_stand_are_exit_code_2(new_stand: LiveStand) -> None:
    done = new_stand.command("logs", "kitchen")
    assert (done.returncode, "orders, catalog" in done.stderr) == (2, True)
    done = new_stand.command("logs")
    assert (done.returncode, "no logs yet" in done.stderr) == (2, True)


def test_doctor_as_json_lists_every_look(live_stand: LiveStand) -> None:
    done = live_stand.command("doctor", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert list(found) == ["ok", "checks"]
    assert found["ok"] is True
    names = [check["name"] for check in found["checks"]]
    assert names == ["python", "folder", "ports", "engines", "disk", "memory", "locale", "docker"]
    for check in found["checks"]:
        assert list(check) == ["name", "verdict", "found", "advice"]
        assert (check["advice"] is None) == (check["verdict"] == "ok")
    assert f"{live_stand.root}, no stend.toml" == found["checks"][1]["found"]
    ports, engines = found["checks"][2]["found"], found["checks"][3]["found"]
    assert "this stand itself" in ports
    # The receivers' ports are nobody's: a learner listens there.
    for offset in set(STAND_PORTS) - set(range(5, 10)):
        assert str(live_stand.port_base + offset) in ports
    assert "rabbitmq emulated" in engines


def test_doctor_names_whoever_has_a_port_and_ends_with_1(new_stand: LiveStand) -> None:
    with socket.create_server(("127.0.0.1", new_stand.port_base + 1)):
        done = new_stand.command("doctor", "--json")
    ports = json.loads(done.stdout)["checks"][2]
    assert (done.returncode, ports["verdict"]) == (1, "failure")
    assert f"(process {os.getpid()})" in ports["found"]
    assert "--port-base" in ports["advice"]


def test_wrong_settings_are_told_all_at_once_and_end_with_2(new_stand: LiveStand) -> None:
    done = new_stand.command("status", STEND_TAP="maybe", STEND_ORDERS_POOL_SIZE="0")
    assert done.returncode == 2
    assert "STEND_TAP: 'maybe'" in done.stderr
    assert "STEND_ORDERS_POOL_SIZE: '0'" in done.stderr


def test_an_unknown_command_is_exit_code_2(new_stand: LiveStand) -> None:
    assert new_stand.command("dance").returncode == 2

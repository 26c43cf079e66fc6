"""`stend tap …` and `stend fault …` against a running stand."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stend.cli.lines import cut, printable
from stend.portal.numbers import NO_BREAK
from stend.tap.files.session import Extras, load, save
from stend.tap.recording import Place
from tests.conftest import LiveStand
from tests.tap.files.har_rules import check_har
from tests.tap.files.recordings import DOWN, UP, recording, talk
from tests.waiting import until

_COLUMNS = 80
_KAFKA = ("--on", "orders:kafka")


def asked(stand: LiveStand, *words: str) -> Any:
    done = stand.command(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def exchange(live_stand: LiveStand) -> dict[str, Any]:
    """The newest one of SQL that is complete."""
    live_stand.command("call", "ListOrders", "--over", "rest")
    found = asked(live_stand, "tap", "list", "--exchanges", "--on", "orders:postgresql")
    complete = [one for one in found["exchanges"] if one["is_complete"]]
    assert complete
    last: dict[str, Any] = complete[-1]
    return last


# ---- tap list, show ----------------------------------------------------------------------------


def test_list_shows_every_place_with_its_bytes_and_the_ring(live_stand: LiveStand) -> None:
    state = asked(live_stand, "tap", "list")
    assert list(state) == ["is_on", "ring", "taps", "places"]
    told = live_stand.command("tap", "list", COLUMNS=str(_COLUMNS)).stdout
    told = told.replace(NO_BREAK, " ")
    assert max(len(line.rstrip()) for line in told.splitlines()) <= _COLUMNS
    for tap in state["taps"]:
        assert f"{tap['source']}→{tap['target']}" in told
    assert re.search(r"^orders→postgresql +postgresql +\d+ +\d+ +[\d.]+ [kM]?B", told, re.MULTILINE)
    assert re.search(r"^Ring: .+ of 67\.1 MB in use", told, re.MULTILINE)


def test_exchanges_are_listed_by_place_protocol_and_number(live_stand: LiveStand) -> None:
    words = ("tap", "list", "--exchanges", *_KAFKA, "--limit", "3")
    # Orders ask Kafka again and again; what was passed before, somebody may have cleared just now.
    until(lambda: len(asked(live_stand, *words)["exchanges"]) == 3)
    found = asked(live_stand, *words)
    for one in found["exchanges"]:
        assert (one["source"], one["target"], one["protocol"]) == ("orders", "kafka", "kafka")
    found = asked(live_stand, "tap", "list", "--on", "*:kafka", "--protocol", "amqp")
    assert found["exchanges"] == []
    done = live_stand.command("tap", "list", "--on", "*:kafka", "--protocol", "amqp")
    assert (done.returncode, "no such exchange" in done.stdout) == (0, True)


def test_an_exchange_is_shown_as_trees_with_bytes_and_meanings(
    live_stand: LiveStand, exchange: dict[str, Any]
) -> None:
    detail = asked(live_stand, "tap", "show", exchange["id"])
    assert detail["id"] == exchange["id"]
    told = live_stand.command("tap", "show", exchange["id"]).stdout
    assert max(len(line.rstrip()) for line in told.splitlines()) <= _COLUMNS
    assert told.startswith(f"{exchange['id']}  ")
    assert told.count("\n▶ ") + told.count("\n◀ ") == len(detail["parts"])
    assert detail["meanings"][0]["source"] in " ".join(told.split())
    russian = live_stand.command("tap", "show", exchange["id"], "--lang", "ru").stdout
    assert detail["meanings"][0]["ru"][:20] in " ".join(russian.split())
    short = live_stand.command("tap", "show", exchange["id"], "--no-meanings").stdout
    assert len(short.splitlines()) < len(told.splitlines())
    dumped = live_stand.command("tap", "show", exchange["id"], "--bytes").stdout
    first = bytes.fromhex(detail["parts"][0]["hex"])[:16]
    assert f"000000  {first.hex(' ')}" in dumped


def test_what_is_not_there_is_exit_code_1_and_what_is_not_clear_2(live_stand: LiveStand) -> None:
    for words, code, told in (
        (("show", "c999999.1"), 1, "no such exchange"),
        (("show", "../../orders"), 1, "refuses"),
        (("list", "--on", "orders"), 2, "SOURCE:TARGET"),
        (("list", "--exchanges", "--limit", "0"), 2, "1 to 2000"),
        (("export", "x.docx"), 2, ".pcapng"),
        (("export", "x.docx", "--format", "doc"), 2, "pcapng, har"),
        (("export", "/no/such/folder/x.har"), 2, "No such file"),
        (("verify", "/no/such/file.zip"), 2, "No such file"),
        (("verify", "/dev/null"), 2, "not a zip"),
    ):
        done = live_stand.command("tap", *words)
        assert (done.returncode, told in done.stderr) == (code, True), (words, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        *(("tap", one) for one in ("list", "follow", "clear", "verify")),
        ("tap", "show", "c1.1"),
        ("tap", "export", "x.zip"),
        *(("fault", one) for one in ("kinds", "list")),
        ("fault", "clear", "--all"),
        ("fault", "set", "latency", "--on", "a:b"),
    ],
    ids=" ".join,
)
def test_no_stand_is_exit_code_2_and_says_how_to_start(
    new_stand: LiveStand, words: tuple[str, ...]
) -> None:
    done = new_stand.command(*words)
    assert (done.returncode, "./stend up" in done.stderr) == (2, True)


# ---- tap follow --------------------------------------------------------------------------------


@pytest.fixture
def following(live_stand: LiveStand) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "stend", "tap", "follow", *_KAFKA, "--background", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=live_stand.environment(),
    )
    yield child
    child.kill()
    child.communicate()


def test_follow_prints_what_happens_until_ctrl_c_and_ends_quietly(
    following: subprocess.Popen[str],
) -> None:
    assert following.stdout
    # A member of a group sends a heartbeat every few seconds.
    one = json.loads(following.stdout.readline())
    assert (one["target"], one["protocol"]) == ("kafka", "kafka")
    following.send_signal(signal.SIGINT)
    _, complaints = following.communicate(timeout=20)
    assert (following.returncode, complaints) == (0, "")


def test_background_is_counted_and_shown_on_request(live_stand: LiveStand) -> None:
    found = asked(live_stand, "tap", "list", "--exchanges", "--limit", "2000")
    assert found["hidden"] > 0
    assert not any(one["is_background"] for one in found["exchanges"])
    done = live_stand.command("tap", "list", "--exchanges", "--limit", "2000")
    assert re.search(r"^Background hidden: \d+\. --background shows it", done.stderr, re.MULTILINE)
    found = asked(live_stand, "tap", "list", "--background", "--limit", "2000")
    assert found["hidden"] == 0
    assert any(one["is_background"] for one in found["exchanges"])


# ---- tap export, verify ------------------------------------------------------------------------


def test_export_writes_a_file_by_its_name(live_stand: LiveStand, tmp_path: Path) -> None:
    live_stand.command("call", "ListOrders", "--over", "rest")
    for name, wanted, begins in (
        ("a.zip", "session", b"PK"),
        ("a.pcapng", "pcapng", b"\x0a\x0d\x0d\x0a"),
        ("a.har", "har", b"{"),
    ):
        path = tmp_path / name
        told = asked(live_stand, "tap", "export", str(path))
        assert told == {"path": str(path), "format": wanted, "bytes": path.stat().st_size}
        assert path.read_bytes().startswith(begins)
    saved, extras = load((tmp_path / "a.zip").read_bytes())
    assert extras.stend == "0.1.0"
    assert saved.connections
    check_har(json.loads((tmp_path / "a.har").read_text()))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.har", "a.pcapng", "a.zip"]


def test_verify_counts_what_the_running_stand_has_recorded(live_stand: LiveStand) -> None:
    # Connections of the stand itself may be older than what the ring still holds.
    for protocol in ("rest", "grpc", "amqp", "kafka"):
        live_stand.command("call", "ListOrders", "--over", protocol)
    done = live_stand.command("tap", "verify", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["is_whole"] else 1)
    rows = {row["protocol"]: row for row in report["protocols"]}
    for protocol in ("http1", "http2", "amqp", "kafka"):
        row = rows[protocol]
        assert row["errors"] == []
        assert row["named_bytes"] == row["bytes"] > 0
        assert row["differences"] == []
    told = live_stand.command("tap", "verify").stdout
    assert re.search(r"^kafka +\d+ +\d+ +\d+ +\d+ +100\.00% +(\d+)/\1$", told, re.MULTILINE)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A session of one connection of Redis that breaks off."""
    made = recording()
    parts = [(UP, b"*1\r\n$4\r\nPING\r\n"), (DOWN, b"+PONG\r\n"), (DOWN, b"$9\r\nbroken")]
    talk(made, Place("catalog", "redis", "redis"), parts)
    path = tmp_path / "kept.zip"
    path.write_bytes(save(made, Extras("0.1.0", "2026-09-21T13:46:40Z")))
    return path


def test_verify_of_a_file_needs_no_stand_and_tells_why_bytes_have_no_name(
    new_stand: LiveStand, kept: Path
) -> None:
    done = new_stand.command("tap", "verify", str(kept))
    assert done.returncode == 1
    assert max(len(line.rstrip()) for line in done.stdout.splitlines()) <= _COLUMNS
    assert "in the middle of a message" in " ".join(done.stdout.split())
    russian = new_stand.command("tap", "verify", str(kept), "--lang", "ru").stdout
    assert "посреди сообщения" in " ".join(russian.split())


def test_clear_forgets_and_connections_stay_understood(new_stand: LiveStand) -> None:
    new_stand.up("--only", "orders")
    before = asked(new_stand, "tap", "list", "--exchanges", "--on", "orders:postgresql")
    assert before["exchanges"]
    assert asked(new_stand, "tap", "clear") == {"cleared": True}
    new_stand.command("call", "ListOrders", "--over", "rest")
    found = asked(new_stand, "tap", "list", "--exchanges", "--on", "orders:postgresql")
    ids = {one["id"] for one in before["exchanges"]}
    assert found["exchanges"]
    assert all(one["role"] != "broken" for one in found["exchanges"])
    assert not ids & {one["id"] for one in found["exchanges"]}


# ---- fault -------------------------------------------------------------------------------------


@pytest.fixture
def faultless(live_stand: LiveStand) -> Iterator[LiveStand]:
    yield live_stand
    live_stand.command("fault", "clear", "--all")


def test_a_fault_is_set_seen_felt_and_cleared(faultless: LiveStand) -> None:
    words = ("latency", "latency_ms=400", "--on", "client:shop", "--seed", "7", "--for", "50")
    fault = asked(faultless, "fault", "set", *words)
    assert (fault["kind"], fault["seed"], fault["numbers"]["latency_ms"]) == ("latency", 7, 400)
    (shown,) = asked(faultless, "fault", "list")["faults"]
    assert 0 < shown["seconds_left"] <= 50
    told = faultless.command("fault", "list").stdout
    assert re.search(rf"^{fault['id']} +latency +client:shop +latency_ms=400 ", told, re.MULTILINE)
    began = time.monotonic()
    tapped = f"http://127.0.0.1:{faultless.port_base + 100}/orders"
    request = urllib.request.Request(tapped, method="OPTIONS")
    try:
        urllib.request.urlopen(request, timeout=20).close()
    except urllib.error.HTTPError as error:
        error.close()
    assert time.monotonic() - began >= 0.4
    assert asked(faultless, "fault", "clear", fault["id"]) == {"cleared": 1}
    assert asked(faultless, "fault", "list") == {"faults": []}
    assert faultless.command("fault", "list").stdout == "No fault is set.\n"


def test_refusals_of_faults_say_what_is_expected(faultless: LiveStand) -> None:
    for words, code, told in (
        (("set", "flood", "--on", "*:*"), 1, "latency, jitter"),
        (("set", "latency", "--on", "orders:oracle"), 1, "orders:postgresql"),
        (("set", "latency", "speed=1", "--on", "*:*"), 1, "latency_ms"),
        (("set", "latency", "latency_ms=-1", "--on", "*:*"), 1, "0 to"),
        (("set", "latency", "latency_ms", "--on", "*:*"), 2, "name=value"),
        (("set", "latency", "latency_ms=nan", "--on", "*:*"), 2, "name=value"),
        (("set", "latency", "--on", "*:*", "--probability", "2"), 1, "at most 1"),
        (("set", "latency"), 2, "--on"),
        (("clear",), 2, "--all"),
        (("clear", "f1", "--all"), 2, "--all"),
        (("clear", "f99999"), 1, "No such fault"),
    ):
        done = faultless.command("fault", *words)
        assert (done.returncode, told in done.stderr) == (code, True), (words, done.stderr)
        assert "Traceback" not in done.stderr
    assert asked(faultless, "fault", "list") == {"faults": []}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_kinds_tell_of_every_parameter_within_80_columns(
    live_stand: LiveStand, language: str
) -> None:
    kinds = asked(live_stand, "fault", "kinds")["kinds"]
    told = live_stand.command("fault", "kinds", "--lang", language).stdout
    assert max(len(line) for line in told.splitlines()) <= _COLUMNS
    for kind in kinds:
        assert f"{kind['name']}: {kind['title'][language]}" in told
        for one in kind["parameters"]:
            assert f"    {one['name']}={one['default']:g} (" in told


# ---- what a terminal is spared -----------------------------------------------------------------


def test_nothing_from_the_wire_moves_the_cursor() -> None:
    assert printable("a\x1b[2Jb\r\n\t\u202e") == r"a\x1b[2Jb\r\n\t\u202e"
    assert printable("заказ №1 →") == "заказ №1 →"
    assert (cut("abc", 3), cut("abcd", 3)) == ("abc", "ab…")

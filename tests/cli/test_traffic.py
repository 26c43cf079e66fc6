"""`stend traffic` on a running stand: progress, summary, JSON, Ctrl-C, refusals."""

import json
import signal
import subprocess
import sys
from typing import Any

import pytest

from stend.kit.languages import Language
from tests.conftest import LiveStand
from tests.waiting import until

_COLUMNS = 80
_WINDOWS = sys.platform == "win32"


def summary_of(stand: LiveStand, *words: str) -> dict[str, Any]:
    done = stand.command("traffic", *words, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    # What a person follows meanwhile.
    assert "Protocols: rest" in done.stderr
    return told


def test_the_summary_as_json_has_a_fixed_shape(live_stand: LiveStand) -> None:
    told = summary_of(live_stand, "--rate", "20", "--duration", "2", "--seed", "4")
    assert list(told) == [
        *("profile", "rate", "seed", "lasted_s", "arrived", "dropped", "unfinished"),
        *("generator_late_ms", "rows"),
    ]
    assert (told["profile"], told["rate"], told["seed"]) == ("day", 20, 4)
    assert told["lasted_s"] == pytest.approx(2, abs=0.5)
    rows = told["rows"]
    assert sum(row["sent"] for row in rows) + told["dropped"] == told["arrived"] > 20
    assert {row["protocol"] for row in rows} >= {"rest", "grpc"}
    assert {row["operation"] for row in rows} >= {"PlaceOrder", "GetOrder", "ListOrders"}
    for row in rows:
        assert list(row) == [
            *("protocol", "operation", "sent", "ok", "errors", "p50_ms", "p95_ms", "p99_ms"),
        ]
        answered = row["ok"] + sum(row["errors"].values())
        assert row["sent"] - told["unfinished"] <= answered <= row["sent"]
        if answered:
            assert 0 < row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"]
    assert sum(row["ok"] for row in rows) > 10
    # The same seed brings as many again.
    again = summary_of(live_stand, "--rate", "20", "--duration", "2", "--seed", "4")
    assert again["arrived"] == told["arrived"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.RU, ("отправлено", "операция", "Профиль flash-sale", "отброшено 0")),
        (Language.EN, ("sent", "operation", "Profile flash-sale", "dropped: 0")),
    ],
)
def test_a_person_reads_a_line_a_second_and_a_table(
    live_stand: LiveStand, language: Language, words: tuple[str, ...]
) -> None:
    done = live_stand.command(
        *("traffic", "--profile", "flash-sale", "--rate", "8", "--duration", "1.5"),
        *("--lang", language),
        COLUMNS=str(_COLUMNS),
    )
    assert (done.returncode, done.stderr) == (0, "")
    for word in words:
        assert word in done.stdout
    lines = done.stdout.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= _COLUMNS
    seconds = [line.split()[0] for line in lines if line.split()[1:3] == ["–", "8.0"]]
    assert seconds == ["1"]


@pytest.mark.skipif(_WINDOWS, reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_it_with_the_summary(live_stand: LiveStand) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "stend", "traffic", "--rate", "10", "--json"],
        env=live_stand.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as traffic:
        assert traffic.stderr is not None
        shown = iter(traffic.stderr.readline, "")
        until(lambda: next(shown).split()[0] == "1")
        traffic.send_signal(signal.SIGINT)
        told, complaint = traffic.communicate(timeout=30)
    assert traffic.returncode == 0, complaint
    assert "Traceback" not in complaint
    assert json.loads(told)["arrived"] > 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--rate", "0"), "--rate: 0.0. It must be above zero, and 500 at most."),
        (("--rate", "nan"), "--rate: nan."),
        (("--rate", "501"), "--rate: 501.0."),
        (("--duration", "-1"), "--duration: -1.0."),
        (("--profile", "night"), "There is no profile night. Known: day, flash-sale, steady."),
    ],
)
def test_what_makes_no_sense_is_exit_code_2(
    new_stand: LiveStand, words: tuple[str, ...], told: str
) -> None:
    done = new_stand.command("traffic", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_stand_that_does_not_run_is_exit_code_2(new_stand: LiveStand) -> None:
    done = new_stand.command("traffic", "--duration", "1")
    assert done.returncode == 2
    assert "./stend up" in done.stderr
    assert "Traceback" not in done.stderr

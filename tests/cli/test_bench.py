"""What `stend bench` prints of the figures that a bench has measured."""

from typing import Any

import pytest

from stend.cli.bench import _met, _print
from stend.cli.session import Session
from stend.kit.languages import Language

_COLUMNS = 80
WAITS = {"p50_ms": 0.501, "p95_ms": 0.76, "p99_ms": 1.341}
SYNCED, UNSYNCED = "kafka, flush.messages=1", "stend, flush.messages=max"


def rates(*brokers: str) -> dict[str, Any]:
    return {one: {"messages_per_s": 564_846, "broker_cpu_us": 1.2} for one in brokers}


def kafka_result(*brokers: str, goal_met: bool | None) -> dict[str, Any]:
    beside = len(brokers) > 1
    work = {**rates(*brokers), "goal_met": goal_met, **({"ratio": 0.918} if beside else {})}
    measured = (*brokers, SYNCED, UNSYNCED) if beside else (*brokers, UNSYNCED)
    facts = {"version": "0.1.0", "pss_bytes": 77_500_000, "idle_cpu": 0.004}
    return {
        "bench": "kafka",
        "goal_met": goal_met,
        "brokers": dict.fromkeys(brokers, facts),
        "works": {"produce, 100 bytes": work},
        "latency": {"100 bytes": {**dict.fromkeys(measured, WAITS), "goal_met": goal_met}},
    }


def printed(capsys: pytest.CaptureFixture[str], language: Language, result: dict[str, Any]) -> str:
    _print(Session(language), result)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, ("of the real one", "one by one, ms", "CPU when idle", "77.5")),
        (Language.RU, ("к настоящему", "по одному, мс", "ЦП без дела", "77,5")),
    ],
)
def test_both_brokers_stand_side_by_side(
    capsys: pytest.CaptureFixture[str], language: Language, words: tuple[str, ...]
) -> None:
    shown = printed(capsys, language, kafka_result("stend", "kafka", goal_met=True))
    for word in (*words, "564846", "92%", "0.501", "0.760", "1.341", "0.4%", SYNCED, UNSYNCED):
        assert word in shown
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= _COLUMNS
    assert "real-engines" not in shown


@pytest.mark.parametrize("language", Language)
def test_alone_it_says_what_it_could_be_compared_with(
    capsys: pytest.CaptureFixture[str], language: Language
) -> None:
    shown = printed(capsys, language, kafka_result("stend", goal_met=None))
    assert "564846" in shown
    assert "real-engines run -- ./stend bench kafka" in shown
    amqp: dict[str, Any] = {"bench": "amqp", "goal_met": None, "brokers": {"stend": {}}}
    shown = printed(capsys, language, {**amqp, "works": {"consume": rates("stend")}})
    assert "RabbitMQ" in shown
    assert "real-engines run -- ./stend bench amqp" in shown


def test_what_is_not_seen_is_no_figure(capsys: pytest.CaptureFixture[str]) -> None:
    result = kafka_result("stend", goal_met=None)
    result["brokers"]["stend"] = {"version": "4.4", "pss_bytes": None, "idle_cpu": None}
    assert "–" in printed(capsys, Language.EN, result)


@pytest.mark.parametrize(("goal_met", "met"), [(True, True), (False, False), (None, True)])
def test_a_goal_without_a_baseline_is_not_missed(goal_met: bool | None, met: bool) -> None:
    assert _met(kafka_result("stend", goal_met=goal_met)) is met


LOAD = {"requests_per_s": 2641, "p50_ms": 5.64, "p99_ms": 9.97, "server_cpu_us": 381}
RATIOS = {"ratio_to_bare": 0.84, "cpu_ratio_to_bare": 0.83, "goal_met": True}


@pytest.mark.parametrize(
    ("language", "beside"), [(Language.EN, "of the bare"), (Language.RU, "к голому")]
)
def test_each_protocol_stands_beside_its_bare_server(
    capsys: pytest.CaptureFixture[str], language: Language, beside: str
) -> None:
    row = {"stend": LOAD, "bare": {**LOAD, "requests_per_s": 3143}, **RATIOS}
    rows = {"rest": {**row, "constant": LOAD}, "kafka": {**row, "goal_met": False}}
    result = {"bench": "protocols", "protocols": rows}
    shown = printed(capsys, language, result)
    for word in ("rest", "kafka", "2641", "3143", "84%", "83%", beside):
        assert word in shown
    assert shown.count("constant") == 1
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= _COLUMNS
    assert not _met(result)


def test_the_relay_stands_beside_a_raw_producer(capsys: pytest.CaptureFixture[str]) -> None:
    sides = {
        "relay": {"rows_per_s": 9743, "cpu_us": 14.1},
        "raw": {"rows_per_s": 17998, "cpu_us": 4.1},
    }
    shown = printed(
        capsys, Language.EN, {"bench": "outbox", "goal_met": True, **sides, "ratio": 0.541}
    )
    for word in ("9743", "17998", "14.1", "confluent-kafka", "54%"):
        assert word in shown


def test_commands_and_a_first_start_stand_beside_their_budgets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands = {"python -c pass": {"s": 0.021}, "stend --help": {"s": 0.198}}
    cli = {"bench": "cli", "commands": commands, "goal_s": 0.3, "goal_met": True}
    shown = printed(capsys, Language.EN, cli)
    for word in ("stend --help", "0.198", "0.021", "0.300"):
        assert word in shown
    installers = {"uv": {"environment_s": 9.8, "ready_s": 14.3}}
    first = {"bench": "first", "installers": installers, "goal_s": 60.0, "goal_met": True}
    shown = printed(capsys, Language.RU, first)
    for word in ("окружение", "uv", "9.8", "14.3", "60"):
        assert word in shown


@pytest.mark.parametrize("language", Language)
def test_what_failed_says_why(capsys: pytest.CaptureFixture[str], language: Language) -> None:
    shown = printed(capsys, language, {"bench": "screen", "failed": "no browser here"})
    assert "screen" in shown
    assert "no browser here" in shown


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, ("first line", "verdict", "goal: p95, at most")),
        (Language.RU, ("первая строка", "вердикт", "цель: p95 не больше")),
    ],
)
def test_what_a_learner_waits_for(
    capsys: pytest.CaptureFixture[str], language: Language, words: tuple[str, ...]
) -> None:
    waits = {"count": 20, "p50_ms": 61.2, "p95_ms": 80.4, "p99_ms": 90.1, "most_ms": 91.0}
    result = {
        "bench": "check",
        "first_line": waits,
        "verdict": {**waits, "p95_ms": 1234.5},
        "goal_first_line_ms": 100.0,
        "goal_verdict_ms": 2000.0,
        "goal_met": True,
    }
    shown = printed(capsys, language, result)
    for word in (*words, "61", "80", "91", "100", "1234", "2000"):
        assert word in shown
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= _COLUMNS

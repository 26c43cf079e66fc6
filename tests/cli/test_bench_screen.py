"""What `stend bench screen` makes of the rows that a page has shown, and what it prints."""

from typing import Any

import pytest

from bench.delays import Delays, delay_ms, delays
from bench.screen import Row, result
from stend.cli.bench import _print
from stend.cli.session import Session
from stend.kit.languages import Language

_DAY_MS = 86_400_000
# Midnight of a day.
_MIDNIGHT_MS = 20_000 * _DAY_MS


@pytest.mark.parametrize(
    ("when", "at_ms", "delay"),
    [
        ("00:00:00.000", 0, 0),
        ("10:20:30.123", ((10 * 60 + 20) * 60 + 30) * 1000 + 200, 77),
        # The clock of a page tells whole milliseconds only: it may be behind by one.
        ("10:20:30.123", ((10 * 60 + 20) * 60 + 30) * 1000 + 122, -1),
        ("23:59:59.950", _DAY_MS + 50, 100),
        ("00:00:00.010", -5, -15),
    ],
)
def test_a_delay_is_told_over_midnight_too(when: str, at_ms: int, delay: int) -> None:
    assert delay_ms(when, _MIDNIGHT_MS + at_ms) == delay


def test_percentiles_are_values_that_were_measured() -> None:
    assert delays([float(number) for number in range(100, 0, -1)]) == Delays(100, 50, 95, 99, 100)
    assert delays([7]) == Delays(1, 7, 7, 7, 7)
    with pytest.raises(ValueError, match="nothing was seen"):
        delays([])


def rows(*delays_ms: int) -> list[Row]:
    base = _MIDNIGHT_MS + 3_600_000
    return [
        (f"c1.{number}", "01:00:00.000", what, base + delay, base + delay + 10)
        for number, delay in enumerate(delays_ms)
        for what in ("GET screen", f"GET /mark/{number}")
    ]


def told(**changes: Any) -> dict[str, Any]:
    load = {"per_s": [0.0] * 15 + [changes.get("rate", 500.0)] * 25}
    page = {"left_off": 9000, "checked": 2000, "never_shown": changes.get("never_shown", 0)}
    ring = {"let_go_exchanges": 12, "let_go_bytes": 34}
    return result(rows(*changes.get("delays_ms", [80] * 99 + [900])), load, page, ring)


@pytest.mark.parametrize(
    ("changes", "is_met"),
    [
        ({}, True),
        ({"delays_ms": [190]}, True),
        ({"delays_ms": [191]}, False),
        ({"rate": 474.0}, False),
        # Fewer than the list says that it left off: nothing was dropped silently.
        ({"never_shown": 9000}, True),
        ({"never_shown": 9001}, False),
    ],
)
def test_the_goal_holds_for_what_is_drawn_at_the_whole_rate(
    changes: dict[str, Any], is_met: bool
) -> None:
    assert told(**changes)["goal_met"] is is_met


def test_marked_ones_are_told_apart() -> None:
    found = told(delays_ms=[100, 150])
    assert found["drawn"]["count"] == 4
    assert found["marked"] == {
        "count": 2,
        "p50_ms": 110,
        "p95_ms": 160,
        "p99_ms": 160,
        "most_ms": 160,
    }


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, ("row drawn", "Exchanges a second: 500", "The ring let go: 12")),
        (Language.RU, ("строка нарисована", "Обменов в секунду: 500", "Кольцо забыло: 12")),
    ],
)
def test_what_was_left_off_stands_below_the_delays(
    capsys: pytest.CaptureFixture[str], language: Language, words: tuple[str, ...]
) -> None:
    _print(Session(language), told())
    shown = capsys.readouterr().out
    for word in (*words, "90", "910", "9000"):
        assert word in shown

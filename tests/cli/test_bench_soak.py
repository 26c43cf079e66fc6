"""What `stend bench soak` makes of its samples: lines, bounds, orders, and what it prints."""

import mmap
import sys
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest

from bench.books import Placed, errors, lost, placed, refusals
from bench.resources import disk_by_part, disk_bytes, part_of, pss_bytes, shared_bytes
from bench.soak import PAGES, Sample, result
from bench.trend import growth, line
from stend.cli.bench import _print, bench_command
from stend.cli.session import Session
from stend.kit.languages import Language

_STATE = Path("/stand/.stend/8000")


def test_a_straight_line_is_found_as_it_is() -> None:
    found = line([0, 10, 20, 30], [5, 7, 9, 11])
    assert (found.per_s, found.error_per_s) == pytest.approx((0.2, 0))


def test_noise_makes_the_line_uncertain_and_moves_it_little() -> None:
    random = Random(1)
    times_s = [10.0 * number for number in range(360)]
    found = line(times_s, [100 + at / 3600 + random.gauss(0, 2) for at in times_s])
    assert found.per_s * 3600 == pytest.approx(1, abs=4 * found.error_per_s * 3600)
    assert 0 < found.error_per_s * 3600 < 1


@pytest.mark.parametrize(("times_s", "values"), [([], []), ([1, 2], [1, 2]), ([3] * 5, [1] * 5)])
def test_too_few_samples_are_no_line(times_s: list[float], values: list[float]) -> None:
    with pytest.raises(ValueError, match="no line"):
        line(times_s, values)


def test_what_happens_while_it_warms_up_does_not_count() -> None:
    times_s = [10.0 * number for number in range(60)]
    sizes = [min(50.0 + 15 * number, 200.0) for number in range(60)]
    found = growth(times_s, sizes, least_bound=8)
    assert (found.first, found.last, found.per_hour) == pytest.approx((200, 200, 0))
    assert found.is_flat


@pytest.mark.parametrize(
    ("size", "per_hour", "is_flat"),
    [(10, 7.9, True), (10, 8.1, False), (400, 19.5, True), (400, 21, False), (400, -90, True)],
)
def test_what_is_large_may_grow_by_its_share(size: float, per_hour: float, is_flat: bool) -> None:
    times_s = [10.0 * number for number in range(60)]
    # As large in the middle of what counts.
    sizes = [size + per_hour * (at - 350) / 3600 for at in times_s]
    found = growth(times_s, sizes, least_bound=8)
    assert found.per_hour == pytest.approx(per_hour)
    assert found.bound_per_hour == pytest.approx(max(8, size * 0.05), rel=0.01)
    assert found.is_flat is is_flat


@pytest.mark.parametrize(
    ("command", "part"),
    [
        (["python", "-m", "stend.engines.kafka", f"{_STATE}/kafka/broker.json"], "kafka"),
        (["postgres", "-D", f"{_STATE}/mysql/storage/data", "-h", "127.0.0.1"], "mysql"),
        (["/usr/bin/postgres", "-D", "/elsewhere/data"], "postgres"),
        ([], "stand"),
    ],
)
def test_a_process_belongs_to_the_part_whose_folder_it_names(command: list[str], part: str) -> None:
    assert part_of(command, _STATE) == part


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is shared")
def test_shared_memory_is_told_as_it_is_touched() -> None:
    size = 8 * 1024 * 1024
    with mmap.mmap(-1, size) as area:
        before = shared_bytes(psutil.Process())
        area.write(b"x" * size)
        after = shared_bytes(psutil.Process())
        assert size * 0.9 < after - before < size * 1.1
        assert pss_bytes(psutil.Process()) > after


def test_the_disk_is_all_files_below(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for path in (tmp_path / "one", tmp_path / "a" / "b" / "two"):
        path.write_bytes(b"x" * 10_000)
    assert disk_bytes(tmp_path) >= 20_000
    assert disk_by_part(tmp_path) == {"a": disk_bytes(tmp_path / "a")}


_TRAFFIC: dict[str, Any] = {
    "rows": [
        {"protocol": "rest", "operation": "PlaceOrder", "sent": 7, "ok": 5, "errors": {"late": 1}},
        {"protocol": "grpc", "operation": "PlaceOrder", "sent": 2, "ok": 2, "errors": {}},
        {
            "protocol": "grpc",
            "operation": "CancelOrder",
            "sent": 4,
            "ok": 2,
            "errors": {"transition-forbidden": 2},
        },
        {
            "protocol": "rest",
            "operation": "GetOrder",
            "sent": 9,
            "ok": 6,
            "errors": {"order-not-found": 3},
        },
    ]
}


def test_orders_are_those_of_all_protocols_and_errors_are_told_apart() -> None:
    # One of them has got no answer at all.
    assert placed(_TRAFFIC) == Placed(sent=9, ok=7, unsure=2)
    assert errors(_TRAFFIC) == {"rest GetOrder: order-not-found": 3, "rest PlaceOrder: late": 1}
    # What the rules of the shop do not allow is no error.
    assert refusals(_TRAFFIC) == {"grpc CancelOrder: transition-forbidden": 2}


@pytest.mark.parametrize(("known", "missing"), [(6, 1), (7, 0), (9, 0)])
def test_an_order_is_lost_that_was_accepted_and_is_not_known(known: int, missing: int) -> None:
    assert lost(Placed(sent=9, ok=7, unsure=2), known) == missing


@pytest.mark.parametrize(
    ("part", "most_mb", "is_flat"),
    [
        ("postgresql, shared", 50, True),
        ("postgresql, shared", 51, False),
        ("postgresql", 50, False),
        ("redis", 51, True),
    ],
)
def test_what_may_grow_is_data_and_shared_memory_up_to_its_size(
    part: str, most_mb: float, is_flat: bool
) -> None:
    samples = [
        Sample(10.0 * number, {part: most_mb - 59 + number}, dict.fromkeys(PAGES, 1), 0, {})
        for number in range(60)
    ]
    traffic = {**_TRAFFIC, "lasted_s": 600, "rate": 5, "arrived": 22, "dropped": 0, "unfinished": 0}
    found = result(samples, traffic, {"ok": 7, "lost": 0, "findings": {}}, {}, [])
    assert found["flat"] is is_flat


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, ("after warm-up", "nodes of DOM, numbers", "known in the end: 86, lost: 0")),
        (Language.RU, ("после прогрева", "узлов DOM, numbers", "известно в конце: 86, потеряно")),
    ],
)
def test_each_size_stands_beside_its_bound(
    capsys: pytest.CaptureFixture[str], language: Language, words: tuple[str, ...]
) -> None:
    row = {"first": 201.34, "last": 204.4, "most": 210.0, "per_hour": 3.04}
    row |= {"error_per_hour": 0.55, "bound_per_hour": 10.2}
    told: dict[str, Any] = {
        "bench": "soak",
        "memory_mb": {"stand": {**row, "flat": True}},
        "nodes": {"numbers": {**row, "flat": True}},
        "disk_mb": row,
        "requests": {"errors": {"rest GetOrder: gone": 3}},
        "orders": {"ok": 86, "known": 86, "lost": 0, "findings": {"saga-stuck": 1}},
    }
    _print(Session(language), told)
    shown = capsys.readouterr().out
    for word in (*words, "201.3", "+3.0 ± 0.6", "10.2", "GetOrder: gone 3", "saga-stuck 1"):
        assert word in shown


def test_only_the_soak_has_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        bench_command(Session(Language.EN), ["tap"], 5, as_json=True, write=False)
    assert ended.value.code == 2
    assert "Only soak has --minutes" in capsys.readouterr().err

"""Runs the three experiments of `lab.py`, and holds what was predicted against them."""

from dataclasses import dataclass
from typing import Any

from stend.course.case import Case
from stend.course.predictions import Within, compare, predicted, run_after

from .questions import (
    APPENDED,
    DAY_LEFT,
    HOT_NODE,
    HOT_REMEDIES,
    OWN_WRITES,
    QUESTIONS,
    SAVED,
    SERVED,
    STILL_RIGHT,
    TWO_READS,
)

# Products besides the hot one are spread by a hash, not evenly.
_NEAR = Within(share=0.1)
_POINTS = Within(amount=3)
_ALL_SERVED = 0.99


@dataclass(frozen=True, slots=True)
class _Loaded:
    share: float
    still_right: frozenset[str]
    left: int


@dataclass(frozen=True, slots=True)
class _Read:
    saved: str
    two: str
    ways: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Hot:
    busiest: int
    served: float
    ways: frozenset[str]


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def appended(case: Case) -> None:
    compare(case, APPENDED, _loaded(case).share, Within(amount=1))


def still_right(case: Case) -> None:
    compare(case, STILL_RIGHT, _loaded(case).still_right)


def day_left(case: Case) -> None:
    compare(case, DAY_LEFT, _loaded(case).left, Within(amount=0.1))


def after_save(case: Case) -> None:
    compare(case, SAVED, _read(case).saved)


def two_reads(case: Case) -> None:
    compare(case, TWO_READS, _read(case).two)


def own_writes(case: Case) -> None:
    compare(case, OWN_WRITES, _read(case).ways)


def hot_node(case: Case) -> None:
    compare(case, HOT_NODE, _hot(case).busiest, _NEAR)


def served(case: Case) -> None:
    compare(case, SERVED, _hot(case).served, _POINTS)


def hot_remedies(case: Case) -> None:
    compare(case, HOT_REMEDIES, _hot(case).ways)


# ---- a batch, twice ----------------------------------------------------------------------------


def _loaded(case: Case) -> _Loaded:
    return run_after(case, QUESTIONS, _load, "loads")


def _load(_: Case) -> _Loaded:
    lab = _lab()
    warehouse = lab.Warehouse()
    warehouse.append(lab.second_of_march())
    once = warehouse.report(lab.SECOND)
    warehouse.append(lab.second_of_march())
    twice = warehouse.report(lab.SECOND)
    warehouse.close()
    careful = lab.Warehouse()
    careful.append(lab.second_of_march())
    for _ in range(2):
        careful.replace_days(lab.third_of_march())
    left = careful.report(lab.SECOND)["count"]
    careful.close()
    same = frozenset(name for name in once if once[name] == twice[name])
    return _Loaded(100 * twice["sum"] / once["sum"], same, int(left))


# ---- replicas ----------------------------------------------------------------------------------


def _read(case: Case) -> _Read:
    return run_after(case, QUESTIONS, _replicas, "replicas")


def _replicas(_: Case) -> _Read:
    lab = _lab()
    database = lab.Database()
    written = database.write(lab.WRITTEN_AT_MS, "new")
    reads = [(lab.WRITTEN_AT_MS + after, lab.LAGS_MS[which]) for after, which in lab.READS]
    seen = [database.read(now, lag) for now, lag in reads]
    ways = {
        "primary": [database.read(now) for now, _ in reads],
        "same-replica": [database.read(now, lab.LAGS_MS[0]) for now, _ in reads],
        "position": [
            database.read(now, lag if database.position(now, lag) >= written else 0)
            for now, lag in reads
        ],
        "reload": [_reloaded(database, now, lag) for now, lag in reads],
    }
    good = frozenset(name for name, values in ways.items() if set(values) == {"new"})
    return _Read(seen[0], "-".join(seen[1:]), good)


def _reloaded(database: Any, now: int, lag: int) -> str:
    """Whoever sees the old value asks once more in a tenth of a second."""
    first: str = database.read(now, lag)
    again: str = database.read(now + 100, lag)
    return first if first == "new" else again


# ---- a hot key ---------------------------------------------------------------------------------


def _hot(case: Case) -> _Hot:
    return run_after(case, QUESTIONS, _key, "hot key")


def _key(_: Case) -> _Hot:
    lab = _lab()
    keys = lab.requests()
    loads = lab.per_node(keys, lab.NODES)
    salted = [
        f"{key}#{place % lab.SALTS}" if key == "hot" else key for place, key in enumerate(keys)
    ]
    # A cache asks for a key once in its second.
    missed = list(dict.fromkeys(keys))
    ways = {
        "more-nodes": lab.served(lab.per_node(keys, 2 * lab.NODES)),
        "other-hash": lab.served(lab.per_node(keys, lab.NODES, "another")),
        "salt": lab.served(lab.per_node(salted, lab.NODES)),
        "cache": len(keys) - len(missed) + lab.served(lab.per_node(missed, lab.NODES)),
    }
    good = frozenset(name for name, done in ways.items() if done >= _ALL_SERVED * len(keys))
    return _Hot(max(loads.values()), 100 * lab.served(loads) / len(keys), good)


def _lab() -> Any:
    """The exercise's own: what a learner changes in a copy changes no experiment."""
    from .starter import lab  # noqa: PLC0415 - the libraries of the experiments

    return lab

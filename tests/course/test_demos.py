"""Live demos: their controls are refused when they are wrong, and what they show is data."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stend.course.demo_rows import (
    ChoiceRow,
    DemoRow,
    SliderRow,
    WrongControlError,
    read_demo,
)
from stend.course.demo_running import run_demo
from stend.course.demos import (
    Bar,
    Bars,
    Bytes,
    Diagram,
    Exchange,
    Note,
    Shown,
    Table,
    Values,
    shown_to_json,
)
from stend.course.errors import CourseFileError
from stend.course.model import Module
from stend.course.stand import Stand
from stend.kit.json import JsonValue
from stend.kit.languages import Text
from stend.runtime.course import seen_environment, shelf
from tests.conftest import LiveStand, stand_of_its_own

_TITLE = Text(ru="заголовок", en="title")
_DEMO = """
title = { ru = "Проба", en = "Trial" }
summary = { ru = "Проба.", en = "A trial." }
[[controls]]
id = "rtt"
label = { ru = "время", en = "time" }
kind = "slider"
least = 0
most = 1
step = 0.1
value = 0.5
unit = "s"
[[controls]]
id = "who"
label = { ru = "кто", en = "who" }
kind = "choice"
options = [
    { id = "one", label = { ru = "раз", en = "one" } },
    { id = "two", label = { ru = "два", en = "two" } },
]
value = "one"
[[controls]]
id = "loud"
label = { ru = "громко", en = "loud" }
kind = "switch"
value = false
"""
_DEMOS: list[tuple[Module, DemoRow]] = [
    (module, found) for module in shelf().modules if (found := read_demo(module.folder))
]


# ---- controls ----------------------------------------------------------------------------------


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "demo.toml").write_text(_DEMO, encoding="utf-8")
    (tmp_path / "demo.py").write_text("def show(stand, values):\n    return ()\n")
    return tmp_path


@pytest.fixture
def row(module: Path) -> DemoRow:
    found = read_demo(module)
    assert found is not None
    return found


def test_what_is_not_set_stands_as_it_is(row: DemoRow) -> None:
    assert row.set_to({}) == {"rtt": 0.5, "who": "one", "loud": False}
    assert row.set_to({"rtt": 0.7, "loud": True}) == {"rtt": 0.7, "who": "one", "loud": True}
    assert row.parsed({"rtt": "0.3", "who": "two", "loud": "on"}) == {
        "rtt": 0.3,
        "who": "two",
        "loud": True,
    }


@pytest.mark.parametrize(
    "given",
    [
        {"rtt": 0.55},
        {"rtt": 1.1},
        {"rtt": -0.1},
        {"rtt": True},
        {"rtt": "0.5"},
        {"rtt": float("nan")},
        {"who": "three"},
        {"who": 1},
        {"loud": 1},
        {"loud": "true"},
        {"pitch": 1},
    ],
)
def test_wrong_controls_are_refused(row: DemoRow, given: dict[str, JsonValue]) -> None:
    with pytest.raises(WrongControlError) as caught:
        row.set_to(given)
    assert next(iter(given)) in caught.value.text.ru


@pytest.mark.parametrize("given", [{"rtt": "x"}, {"rtt": ""}, {"loud": "maybe"}, {"pitch": "1"}])
def test_wrong_texts_are_refused(row: DemoRow, given: dict[str, str]) -> None:
    with pytest.raises(WrongControlError):
        row.parsed(given)


@pytest.mark.parametrize(
    ("find", "replace"),
    [
        ("value = 0.5", "value = 0.55"),
        ("most = 1", "most = 0"),
        ("step = 0.1", "step = 0"),
        ('value = "one"', 'value = "three"'),
        ('id = "who"', 'id = "rtt"'),
        ('kind = "switch"', 'kind = "knob"'),
        ("title =", "name ="),
    ],
)
def test_a_wrong_file_is_told(module: Path, find: str, replace: str) -> None:
    (module / "demo.toml").write_text(_DEMO.replace(find, replace, 1), encoding="utf-8")
    with pytest.raises(CourseFileError, match=r"demo\.toml"):
        read_demo(module)


def test_half_a_demo_is_told(module: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (module / "demo.py").unlink()
    with pytest.raises(CourseFileError, match=r"demo\.py"):
        read_demo(module)
    assert read_demo(tmp_path_factory.mktemp("empty")) is None


def test_values_have_types() -> None:
    values = Values({"rtt": 50, "who": "one", "loud": True})
    assert (values.number("rtt"), values.choice("who"), values.switch("loud")) == (
        50.0,
        "one",
        True,
    )
    for wrong in (lambda: values.number("loud"), lambda: values.choice("rtt")):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(KeyError, match="no control pitch"):
        values.number("pitch")


# ---- what is shown -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "one",
    [
        Table(_TITLE, (_TITLE,), [("cell",), (1.5,), (None,), (_TITLE,)]),
        Bars(_TITLE, "ms", [Bar("a", 1.0), Bar(_TITLE, 2.0, begins=1.0)]),
        Bytes(_TITLE, b"GET / HTTP/1.1\r\n\r\n", "http1"),
        Diagram(_TITLE, "sequenceDiagram\n    a->>b: x"),
        Exchange(_TITLE, "c1.1"),
        Note(_TITLE),
    ],
    ids=lambda one: type(one).__name__,
)
def test_all_kinds_are_json(one: Shown) -> None:
    told = json.loads(json.dumps(shown_to_json(one)))
    assert (told["version"], told["kind"]) == (1, type(one).__name__.lower())


def test_what_cannot_be_shown_is_told() -> None:
    for wrong in (
        Table(_TITLE, (_TITLE,), [("one", "two")]),
        Bytes(_TITLE, b"", "morse"),
        Bytes(_TITLE, bytes(20_000), "http1"),
    ):
        with pytest.raises(ValueError, match=r"."):
            shown_to_json(wrong)


# ---- running -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def live() -> Iterator[LiveStand]:
    with stand_of_its_own() as own:
        own.up(STEND_ORDERS_SAGAS="0")
        yield own


@pytest.fixture(scope="module")
def whole() -> Iterator[LiveStand]:
    """With its sagas, since some demos are about them."""
    with stand_of_its_own() as own:
        own.up()
        yield own


def _shown(module: Path, values: Mapping[str, JsonValue], live: LiveStand) -> list[dict[str, Any]]:
    return list(run_demo(module, values, live.url, seen_environment(), os.urandom(8).hex()))


@pytest.mark.slow
def test_lines_come_whatever_a_demo_prints(module: Path, live: LiveStand) -> None:
    (module / "demo.py").write_text(
        "from stend.course.demos import Note\n"
        "from stend.kit.languages import Text\n"
        "def show(stand, values):\n"
        "    print('noise')\n"
        "    yield Note(Text(ru='да', en=f'yes {values.number(\"rtt\")}'))\n",
        encoding="utf-8",
    )
    note, end = _shown(module, {"rtt": 0.5}, live)
    assert note == {"version": 1, "kind": "note", "text": {"ru": "да", "en": "yes 0.5"}}
    assert end["kind"] == "end"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import os; os._exit(3)", "code 3"),
        ("stand.order('ord_none')", "refuses"),
        ("yield 1", "AttributeError"),
    ],
)
def test_a_demo_that_fails_says_so(module: Path, live: LiveStand, body: str, told: str) -> None:
    (module / "demo.py").write_text(f"def show(stand, values):\n    {body}\n    yield\n")
    *_, last = _shown(module, {}, live)
    assert last["kind"] == "failed"
    assert told in last["text"]["en"]


@pytest.mark.slow
def test_a_demo_that_takes_too_long_leaves_no_fault(module: Path, live: LiveStand) -> None:
    (module / "demo.py").write_text(
        "import time\n"
        "def show(stand, values):\n"
        "    with stand.fault('latency', 'client:nginx', lasts_s=600):\n"
        "        time.sleep(60)\n"
        "        yield\n"
    )
    (last,) = _shown(module, {}, live)
    assert last["text"]["en"] == "The demo took over 10 s."
    with Stand(live.url) as stand:
        assert stand.http.get("/stand/faults").json() == {"faults": []}


def _settings(row: DemoRow) -> Iterator[Mapping[str, JsonValue]]:
    """As it stands at first, and with each control at its other ends."""
    yield row.set_to({})
    for one in row.controls:
        others: tuple[JsonValue, ...]
        if isinstance(one, SliderRow):
            others = (one.least, one.most)
        elif isinstance(one, ChoiceRow):
            others = tuple(option.id for option in one.options)
        else:
            others = (not one.value,)
        yield from (row.set_to({one.id: other}) for other in others if other != one.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "values"),
    [
        pytest.param(module.folder, values, id=f"{module.slug} {json.dumps(values)}")
        for module, controls in _DEMOS
        for values in _settings(controls)
    ],
)
def test_the_demos_of_the_course(
    folder: Path, values: Mapping[str, JsonValue], whole: LiveStand
) -> None:
    *shown, last = _shown(folder, values, whole)
    assert last["kind"] == "end", last
    assert shown
    with Stand(whole.url) as stand:
        assert stand.http.get("/stand/faults").json() == {"faults": []}

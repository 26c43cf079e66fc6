"""Diagrams of lessons: everything is there, nothing lies on another, the unknown is not drawn."""

import re
from itertools import combinations

import pytest
from lxml import etree

from stend.portal.drawings.drawing import drawn
from stend.portal.drawings.layers import Box, lay_out
from tests.conftest import PROJECT

SEQUENCE = """sequenceDiagram
    participant A as Анна
    participant S as "Сервис"
    A->>+S: POST <b>
    Note over A,S: одна & та же
    alt ключ новый
        S->>S: считает
        S-->>-A: 201
    else ключ знаком
        S--xA: потерялся
    end
    S-)A: webhook
"""
FLOW = """flowchart LR
    a([Клиент]) -->|HTTP| b{Шлюз?}
    subgraph g [Магазин]
        c[Заказы] --> d[(База)]
    end
    b -->|да| c
    b -.->|нет| e((Отказ))
    d --> a
"""
ENTITIES = """erDiagram
    CUSTOMER ||--o{ ORDER : "делает"
    ORDER ||--|{ LINE : has
    CUSTOMER {
        uuid id PK
        text email UK
    }
"""


def texts(svg: str) -> list[str]:
    return [str(one.text) for one in etree.fromstring(svg).iter("text")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (SEQUENCE, ["Анна", "Сервис", "POST <b>", "одна & та же", "alt ключ новый", "201"]),
        (FLOW, ["Клиент", "HTTP", "Шлюз?", "Магазин", "База", "Отказ", "нет"]),
        (ENTITIES, ["CUSTOMER", "ORDER", "LINE", "делает", "uuid", "email", "UK"]),
    ],
)
def test_everything_is_drawn_and_escaped(source: str, expected: list[str]) -> None:
    svg = drawn(source)
    assert svg is not None
    assert set(expected) <= set(texts(svg))
    assert "style=" not in svg


@pytest.mark.parametrize("source", [SEQUENCE, FLOW, ENTITIES])
def test_nothing_hangs_out_of_the_picture(source: str) -> None:
    svg = drawn(source)
    assert svg is not None
    root = etree.fromstring(svg)
    width, height = (float(root.attrib[name]) for name in ("width", "height"))
    for one in root.iter("rect"):
        x, y, wide, high = (float(one.attrib[name]) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + wide <= width + 0.5
        assert y + high <= height + 0.5
    for path in root.iter("path"):
        for x, y in re.findall(r"(?<=[ML])(-?[\d.]+) (-?[\d.]+)", str(path.attrib["d"])):
            assert 0 <= float(x) <= width + 0.5
            assert 0 <= float(y) <= height + 0.5


@pytest.mark.parametrize(
    "source",
    [
        "",
        "pie\n a: 1",
        "sequenceDiagram\n    A ~~ B",
        "sequenceDiagram\n    alt never ended\n    A->>B: x",
        "sequenceDiagram\n    A->>B: x\n    end",
        "sequenceDiagram\n    Note over Z: nobody",
        "flowchart LR\n    a -->",
        "erDiagram\n    A is B",
    ],
)
def test_what_is_not_known_is_left_to_its_source(source: str) -> None:
    assert drawn(source) is None


def test_wide_chart_is_drawn_from_above() -> None:
    names = [f"n{number}[A rather long label {number}]" for number in range(8)]
    svg = drawn("flowchart LR\n    " + " --> ".join(names))
    assert svg is not None
    assert float(etree.fromstring(svg).attrib["width"]) < 400


def lies_on(one: Box, other: Box) -> bool:
    along = abs(one.along - other.along) < (one.length + other.length) / 2
    across = abs(one.across - other.across) < (one.breadth + other.breadth) / 2
    return along and across


@pytest.mark.parametrize(
    "edges",
    [
        [("a", "b"), ("a", "c"), ("a", "d"), ("b", "e"), ("c", "e"), ("d", "e")],
        [("a", "b"), ("b", "c"), ("c", "a"), ("a", "a"), ("a", "d"), ("d", "e")],
        [("a", "e"), ("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("b", "e")],
        [("b", "a"), ("c", "a"), ("d", "a"), ("e", "a"), ("a", "e")],
        [],
    ],
)
def test_no_node_lies_on_another_and_arrows_go_along(edges: list[tuple[str, str]]) -> None:
    sizes = {name: (40.0 + 10 * number, 30.0) for number, name in enumerate("abcde")}
    found = lay_out(sizes, edges, [30.0] * len(edges), {"b": "g", "c": "g"})
    assert set(found.boxes) == set(sizes)
    assert not [pair for pair in combinations(found.boxes.values(), 2) if lies_on(*pair)]
    assert len(found.ways) == len(edges)
    for (start, end), way in zip(edges, found.ways, strict=True):
        if start != end:
            assert abs(way[0][0] - found.boxes[start].along) == found.boxes[start].length / 2
            assert abs(way[-1][0] - found.boxes[end].along) == found.boxes[end].length / 2


def test_long_cycle_and_many_nodes_end() -> None:
    edges = "\n".join(f"    n{number} --> n{(number * 7 + 3) % 60}" for number in range(60))
    assert drawn(f"flowchart TD\n{edges}") is not None


def test_every_diagram_of_the_course_is_drawn() -> None:
    fence = re.compile(r"^```mermaid\n(.*?)^```", re.MULTILINE | re.DOTALL)
    pages = sorted((PROJECT / "course").glob("*/**/*.md"))
    found = [(page, source) for page in pages for source in fence.findall(page.read_text("utf-8"))]
    assert found
    assert [(page.name, source) for page, source in found if drawn(source) is None] == []

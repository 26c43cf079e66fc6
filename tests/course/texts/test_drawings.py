"""Drawings are read strictly: what Mermaid would draw otherwise than meant is refused."""

import pytest

from stend.course.texts.drawings import read_drawing
from stend.course.texts.drawn import DrawingError
from stend.course.texts.entities import Attribute, Relation, read_entities
from stend.course.texts.flowcharts import Edge, read_flowchart


def test_a_flowchart() -> None:
    chart = read_flowchart("""
%% comment
flowchart LR
    client["Client (web)"] -->|"asks"| api[API]
    api --> db[(PostgreSQL)] & queue([Queue])
    api -.-> worker{Works?}
    subgraph inside [Inside]
        direction TB
        queue ==> worker
    end
    alone((Alone))
""")
    assert chart.direction == "LR"
    assert chart.nodes == {
        "client": "Client (web)",
        "api": "API",
        "db": "PostgreSQL",
        "queue": "Queue",
        "worker": "Works?",
        "alone": "Alone",
    }
    assert chart.groups == {"inside": "Inside"}
    assert chart.edges == [
        Edge("client", "api", "-->", "asks"),
        Edge("api", "db", "-->", ""),
        Edge("api", "queue", "-->", ""),
        Edge("api", "worker", "-.->", ""),
        Edge("queue", "worker", "==>", ""),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a[f(x)]", "`]` after the label"),
        ("a[(x]", "after the label"),
        ("a[/orders]", "with brackets or slashes in it, in quotes"),
        ("a[orders/]", "`]` after the label"),
        ("a -->|f(x)| b", "an arrow|the id of a node"),
        ("a---order", "an arrow"),
        ("a --- ", "an arrow"),
        ("a -- text --> b", "an arrow"),
        ("a --> (b)", "the id of a node"),
        ("a --> end", "no word of Mermaid"),
        ("заказ --> b", "the id of a node"),
        ("a[Label", "`]` after the label"),
        ("a[One] --> a[Two]", "one label for a"),
        ("style a fill:#f00", "no word of Mermaid"),
        ("classDef x fill:#f00", "no word of Mermaid"),
        ("a --> b;", "an arrow"),
        ("end", "no word of Mermaid"),
        ("direction LR", "no word of Mermaid"),
        ("subgraph one", "an `end` for this subgraph"),
    ],
)
def test_what_no_flowchart_has(line: str, told: str) -> None:
    with pytest.raises(DrawingError, match=told) as raised:
        read_flowchart(f"flowchart TD\n{line}\n")
    assert str(raised.value).startswith("line 2 of the drawing: expected ")


def test_an_entity_diagram() -> None:
    diagram = read_entities("""erDiagram
    CUSTOMER ||--o{ ORDER : "размещает"
    ORDER }|..|| STOCK : reserves
    ORDER {
        uuid order_id PK
        uuid customer_id FK, UK "кто"
        numeric(10,2) total
    }
    NOTE
""")
    assert diagram.relations == [
        Relation("CUSTOMER", "||--o{", "ORDER", "размещает"),
        Relation("ORDER", "}|..||", "STOCK", "reserves"),
    ]
    assert list(diagram.entities) == ["CUSTOMER", "ORDER", "STOCK", "NOTE"]
    assert diagram.entities["ORDER"][1] == Attribute("uuid", "customer_id", ("FK", "UK"), "кто")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("A ||--o{ B", "line 2 .* a relation such as"),
        ("A ||-o{ B : x", "a relation such as"),
        ("A ||--o{ B : два слова", "a relation such as"),
        ("A {\nint\n}", "line 3 .* an attribute such as"),
        ("A {\nint id KEY\n}", "an attribute such as"),
        ("A {\nint id", "line 2 .* a `}` for A"),
        ("A {\nint id\n}\nA {\nint id\n}", "line 5 .* the attributes of A in one place"),
    ],
)
def test_what_no_entity_diagram_has(lines: str, told: str) -> None:
    with pytest.raises(DrawingError, match=told):
        read_entities(f"erDiagram\n{lines}\n")


@pytest.mark.parametrize("source", ["", "pie\n", "flowchart\n", "flowchart XY\n", "flowchartLR\n"])
def test_another_kind_of_drawing(source: str) -> None:
    with pytest.raises(DrawingError):
        read_drawing(source)


def test_each_kind_has_its_reader() -> None:
    read_drawing("graph TD\n a --> b\n")
    read_drawing("erDiagram\n A\n")

"""C4 diagrams as facts, and facts of documents."""

import contextlib
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.course.case import Case, FailedError
from stend.course.diagrams.c4 import c4_document, read_c4
from stend.course.diagrams.model import DiagramError
from stend.course.diagrams.naming import Names
from stend.course.documents import (
    ABSENT,
    PRESENT,
    Containing,
    Fact,
    c4_of,
    check_facts,
    sequence_of,
    value_at,
)

_C4 = """\
%% who uses whom
C4Container
    title Lavka
    Person(customer, "Покупатель", "buys, and waits")
    System_Boundary(lavka, "Lavka") {
        Container(o, "Заказы", "Python, FastAPI", "orders")
        ContainerDb(db, "База", $tags="v1", "PostgreSQL")
        ContainerQueue(bus, "RabbitMQ", "AMQP")
    }
    System_Ext(bank, "Банк")
    Rel(customer, o, "places orders", "REST")
    Rel(o, db, "writes")
    Rel_R(o, bank, "authorises", "SOAP 1.1")
    Rel_Back(o, bus, "replies", "AMQP")
    UpdateRelStyle(customer, o, $offsetY="-40")
    UpdateLayoutConfig($c4ShapeInRow="3", $c4BoundaryInRow="1")
"""
_NAMES = Names({"orders": ["Заказы"], "payments": ["Банк"], "client": ["Покупатель"]})


def _case(folder: Path, text: str = _C4) -> Case:
    (folder / "c4.mmd").write_text(text, encoding="utf-8")
    return Case(folder, Random(1), {})


def test_a_diagram_tells_facts() -> None:
    document = c4_document(read_c4(_C4), _NAMES)
    assert document["level"] == "C4Container"
    assert document["elements"]["orders"] == {
        "kind": "container",
        "form": "",
        "technology": "Python, FastAPI",
        "external": False,
        "boundary": "Lavka",
    }
    assert document["elements"]["payments"]["external"] is True
    assert document["elements"]["База"]["form"] == "db"
    assert document["uses"] == {
        "client>orders": {"label": "places orders", "technology": "REST"},
        "orders>База": {"label": "writes", "technology": ""},
        "orders>payments": {"label": "authorises", "technology": "SOAP 1.1"},
        "RabbitMQ>orders": {"label": "replies", "technology": "AMQP"},
    }


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "nobody"),
        ("graph TD", 1, "not understood"),
        ("C4Context", 1, "nobody"),
        ('C4Context\nPerson(a, "A"', 2, "not understood"),
        ('C4Context\nPerson(a, "A)', 2, "not understood"),
        ('C4Context\nPerson(a, "A")\nPerson(a, "B")', 3, "taken"),
        ('C4Context\nPerson(a, "A")\nRel(a, b, "x")', 3, "declared nowhere"),
        ('C4Context\nPerson(a, "A")\nRel(a, a)', 3, "not understood"),
        ('C4Context\nPerson(a, "A")\nDeployment_Node(b, "B")', 3, "not understood"),
        ('C4Context\nBoundary(b, "B") {\nPerson(a, "A")', 2, "not closed"),
        ('C4Context\nPerson(a, "A")\n}', 3, "not understood"),
        ('C4Context\nPerson(a, "A") {\n}', 2, "not understood"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, line: int, told: str) -> None:
    with pytest.raises(DiagramError, match=told) as refused:
        read_c4(text)
    assert refused.value.line == line


@given(
    st.lists(st.sampled_from(_C4.replace("(", " ( ").replace(",", " , ").split(" ")), max_size=40)
)
def test_only_the_declared_error_escapes(pieces: list[str]) -> None:
    with contextlib.suppress(DiagramError):
        c4_document(read_c4("C4Context\n" + " ".join(pieces)), _NAMES)


_DOCUMENT: dict[str, Any] = {
    "protocol": " soap ",
    "retry": {"times": 3, "jitter": True},
    "owners": ["orders", "payments"],
    "a/b": {"~": 0},
    "empty": "",
}


@pytest.mark.parametrize(
    ("pointer", "accepted", "holds"),
    [
        ("/protocol", ["SOAP"], True),
        ("/protocol", ["REST", "soap"], True),
        ("/protocol", ["REST"], False),
        ("/protocol", [PRESENT], True),
        ("/protocol", [Containing("oa")], True),
        ("/empty", [PRESENT], False),
        ("/nothing", [PRESENT], False),
        ("/nothing", [ABSENT], True),
        ("/nothing", [ABSENT, "x"], True),
        ("/protocol", [ABSENT], False),
        ("/retry/times", [3], True),
        ("/retry/times", ["3"], False),
        ("/retry/jitter", [1], False),
        ("/retry/jitter", [True], True),
        ("/owners/1", ["Payments"], True),
        ("/owners/2", [ABSENT], True),
        ("/owners", [Containing("orders")], True),
        ("/owners", [["orders", "payments"]], True),
        ("/a~1b/~0", [0], True),
        ("", [_DOCUMENT], True),
    ],
)
def test_a_fact_holds_or_fails(
    tmp_path: Path, pointer: str, accepted: list[object], holds: bool
) -> None:
    fact = Fact(pointer, accepted, "не так", "not so")
    case = Case(tmp_path, Random(1), {})
    if holds:
        check_facts(case, _DOCUMENT, [fact])
        return
    with pytest.raises(FailedError, match="not so") as failed:
        check_facts(case, _DOCUMENT, [fact], "passport.yaml")
    assert failed.value.where == f"passport.yaml#{pointer}"
    # What would be right is not shown.
    assert failed.value.expected is None


def test_nothing_is_at_a_pointer_into_a_text() -> None:
    assert value_at(_DOCUMENT, "/protocol/x") is ABSENT


def test_a_check_reads_a_diagram_once_and_fails_in_words(tmp_path: Path) -> None:
    case = _case(tmp_path)
    assert c4_of(case, "c4.mmd") is c4_of(case, "c4.mmd")
    with pytest.raises(FailedError) as failed:
        c4_of(_case(tmp_path, "C4Context\nfoo"), "c4.mmd")
    assert failed.value.where == "c4.mmd:2"


def test_a_check_takes_the_one_diagram_that_is_there(tmp_path: Path) -> None:
    case = Case(tmp_path, Random(1), {})
    with pytest.raises(FailedError, match="0 files"):
        sequence_of(case, "a.mmd", "a.puml")
    (tmp_path / "a.mmd").write_text("", encoding="utf-8")
    (tmp_path / "a.puml").write_text("@startuml\nA -> B : x\n@enduml\n", encoding="utf-8")
    file, diagram = sequence_of(case, "a.mmd", "a.puml")
    assert (file, len(diagram.messages)) == ("a.puml", 1)

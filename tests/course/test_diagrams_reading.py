"""Sequence diagrams of Mermaid and PlantUML: what is understood, and what is refused and why."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.course.diagrams.building import MOST_LINES
from stend.course.diagrams.model import Arrow, Block, BlockKind, DiagramError, Message
from stend.course.diagrams.reading import read_sequence
from stend.course.diagrams.scenarios import scenarios

_MERMAID = """\
---
title: An order
---
%%{init: {"theme": "dark"}}%%
sequenceDiagram
    autonumber
    actor C as Покупатель
    participant order-service as Заказы
    box Aqua Inside
        participant Bank
    end
    C->>+order-service: POST /orders; order-service-)Bus: OrderPlaced
    Note over C,Bank: anything: here
    order-service-->>-C: 201#59; ok<br/>yes
    alt accepted
        order-service->>Bank: Authorise
        activate Bank
        Bank-->>order-service: 200
        deactivate Bank
    else refused
        Bank--xorder-service: no
        break over
            order-service->>order-service: cancel
        end
    end
    par a
        order-service-)A: x
    and b
        order-service-)B: y
    end
    critical lock
        order-service->B: take
    option busy
        B-->order-service: later
    end
    loop 3 times
        opt perhaps
            order-service-xB: lost
        end
    end
    rect rgb(1, 2, 3)
    B--)A: stream
    end
"""

_PLANTUML = """\
@startuml order
' a comment
/' a long
comment '/
title An order
skinparam monochrome true
skinparam sequence {
  ArrowColor red
}
autonumber 10
actor "Покупатель" as C #red
participant orders as "Заказы и оплата" order 10
box "Inside" #LightBlue
database Bank <<old>>
end box
C -> orders ++ : POST /orders
note left: one line
note over C, orders
  C -> orders : this is no message
end note
orders ->> Bus : OrderPlaced
return 201
== Payment ==
alt accepted
  orders -[#blue]> Bank : Authorise
  activate Bank
  Bank --> orders : 200
  deactivate Bank
else refused
  orders <--x Bank : no
end
@enduml
"""


def test_mermaid_is_understood() -> None:
    diagram = read_sequence(_MERMAID)
    assert diagram.title == "An order"
    assert [(one.id, one.name) for one in diagram.participants][:3] == [
        ("C", "Покупатель"),
        ("order-service", "Заказы"),
        ("Bank", "Bank"),
    ]
    told = [(one.source, one.target, one.label, one.arrow, one.is_lost) for one in diagram.messages]
    assert told[:4] == [
        ("C", "order-service", "POST /orders", Arrow.SYNC, False),
        ("order-service", "Bus", "OrderPlaced", Arrow.ASYNC, False),
        ("order-service", "C", "201; ok yes", Arrow.REPLY, False),
        ("order-service", "Bank", "Authorise", Arrow.SYNC, False),
    ]
    assert ("Bank", "order-service", "no", Arrow.REPLY, True) in told
    # Nobody waits for it, so it is no reply.
    assert told[-1] == ("B", "A", "stream", Arrow.ASYNC, False)
    assert [one.line for one in diagram.messages][:4] == [12, 12, 14, 16]
    kinds = [one.kind for one in diagram.items if isinstance(one, Block)]
    assert kinds == [
        BlockKind.ALT,
        BlockKind.PAR,
        BlockKind.CRITICAL,
        BlockKind.LOOP,
        BlockKind.GROUP,
    ]
    # Accepted, refused, and refused with the break; both branches of critical; opt or not.
    assert len(scenarios(diagram)) == 3 * 2 * 2


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_plantuml_is_understood(ending: str) -> None:
    text = _PLANTUML.replace("orders <--x Bank", "Bank -->x orders").replace("\n", ending)
    diagram = read_sequence(text)
    assert diagram.title == "An order"
    assert [(one.id, one.name, one.role) for one in diagram.participants] == [
        ("C", "Покупатель", "actor"),
        ("orders", "Заказы и оплата", "participant"),
        ("Bank", "Bank", "database"),
        ("Bus", "Bus", ""),
    ]
    told = [(one.source, one.target, one.label, one.arrow, one.is_lost) for one in diagram.messages]
    assert told == [
        ("C", "orders", "POST /orders", Arrow.SYNC, False),
        ("orders", "Bus", "OrderPlaced", Arrow.ASYNC, False),
        ("orders", "C", "201", Arrow.REPLY, False),
        ("orders", "Bank", "Authorise", Arrow.SYNC, False),
        ("Bank", "orders", "200", Arrow.REPLY, False),
        ("Bank", "orders", "no", Arrow.REPLY, True),
    ]


@pytest.mark.parametrize(
    ("mermaid", "plantuml", "source", "target", "arrow"),
    [
        ("A->>B: x", "A -> B : x", "A", "B", Arrow.SYNC),
        ("A->B: x", "B <- A: x", "A", "B", Arrow.SYNC),
        ("A-)B: x", "A ->> B : x", "A", "B", Arrow.ASYNC),
        ("A -) B : x", "B <<- A : x", "A", "B", Arrow.ASYNC),
        ("A-->>B: x", "A --> B : x", "A", "B", Arrow.REPLY),
        ("A-->B:x", "B<--A:x", "A", "B", Arrow.REPLY),
        ("A--)B: x", "A -->> B : x", "A", "B", Arrow.ASYNC),
        ("A ->> B: x", '"A" -> "B" : x', "A", "B", Arrow.SYNC),
    ],
)
def test_arrows_mean_the_same(
    mermaid: str, plantuml: str, source: str, target: str, arrow: Arrow
) -> None:
    for text in (f"sequenceDiagram\n{mermaid}", f"@startuml\n{plantuml}\n@enduml"):
        (message,) = read_sequence(text).messages
        assert message == Message(source, target, "x", arrow, 2)


def test_a_dashed_open_arrow_answers_who_waits() -> None:
    for text in (
        "sequenceDiagram\nA->>B: x\nB--)A: y\nB--)A: z",
        "@startuml\nA -> B : x\nB -->> A : y\nB -->> A : z\n@enduml",
    ):
        arrows = [one.arrow for one in read_sequence(text).messages]
        assert arrows == [Arrow.SYNC, Arrow.REPLY, Arrow.ASYNC]


@pytest.mark.parametrize(
    ("body", "line", "told"),
    [
        ("", 1, "no messages"),
        ("A->>B", 2, "no text"),
        ("A<<->>B: x", 2, "draw two"),
        ("A->>B: x\nA=>B: y", 3, "not understood"),
        ("A->>B: x\nfoo", 3, "not understood"),
        ("A->>B: x\nend", 3, "not open"),
        ("A->>B: x\nelse", 3, "inside its block"),
        ("par\nA->>B: x\nelse y\nend", 4, "inside its block"),
        ("alt\nA->>B: x", 2, "not closed"),
        ("participant A\nactor A\nA->>B: x", 3, "declared in line 2"),
        ("A->>B: x\ndeactivate B", 3, "not active"),
        ("A->>-B: x", 2, "not active"),
        ("activate C\nA->>B: x", 2, "no participant C"),
        ("box\nA->>B: x\nend", 3, "not understood"),
        ("A->>B: x\nbox\nparticipant C", 3, "not closed"),
        ("A->>B: x\nlink A: Wiki @ https://x", 3, "not understood"),
        ("A->>B: " + "x" * 1000, 2, "characters"),
        ("A->>B: x\n" + "alt\n" * 21, 23, "inside each other"),
        ("A->>B: x\n" * (MOST_LINES + 1), MOST_LINES + 1, "lines"),
    ],
)
def test_mermaid_that_is_not_understood_is_refused(body: str, line: int, told: str) -> None:
    with pytest.raises(DiagramError, match=told) as refused:
        read_sequence(f"sequenceDiagram\n{body}")
    assert refused.value.line == line
    assert f"Строка {line}: " in refused.value.text.ru
    assert "Ожидалось" in refused.value.text.ru


@pytest.mark.parametrize("text", ["", "\n\n", "graph TD\nA-->B", "hello", "sequenceDiagram2"])
def test_a_text_that_is_no_sequence_diagram_is_refused(text: str) -> None:
    with pytest.raises(DiagramError, match="sequenceDiagram"):
        read_sequence(text)


@pytest.mark.parametrize(
    ("body", "line", "told"),
    [
        ("", 3, "no messages"),
        ("A -> B : x\n!include other.puml", 3, "preprocessor"),
        ("A -> B : x\nref over A : more", 3, "hides messages"),
        ("[-> A : x", 2, "two named ends"),
        ("A ->] : x", 2, "two named ends"),
        ("A <-> B : x", 2, "draw two"),
        ("A -> B : x\n& B -> C : y", 3, "two named ends"),
        ("A -> B : x\nreturn y", 3, "active"),
        ("A -> B : x\nend", 3, "not open"),
        ("loop\nA -> B : x", 2, "not closed"),
        ("A -> B : x\nnote over A\ntext", 3, "end of what begins here"),
        ("A -> B : x\n/' open", 3, "end of what begins here"),
        ("A -> B : x\nloop 3\nelse\nend", 4, "inside its block"),
        ("A -> B : x\nA => B : y", 3, "not understood"),
    ],
)
def test_plantuml_that_is_not_understood_is_refused(body: str, line: int, told: str) -> None:
    with pytest.raises(DiagramError, match=told) as refused:
        read_sequence(f"@startuml\n{body}\n@enduml")
    assert refused.value.line == line


def test_plantuml_has_to_end() -> None:
    with pytest.raises(DiagramError, match="@enduml"):
        read_sequence("@startuml\nA -> B : x")
    with pytest.raises(DiagramError, match="nothing after"):
        read_sequence("@startuml\nA -> B : x\n@enduml\nB -> A : y")


def test_too_many_branches_are_refused() -> None:
    block = "alt\nA->>B: x\nelse\nA->>B: y\nend\n"
    with pytest.raises(DiagramError, match="combinations"):
        scenarios(read_sequence("sequenceDiagram\n" + block * 12))


_PIECES = (
    "A B -> ->> --> -->> -) --x : ; # #59; % %% \" ' ( ) [ ] { } | & alt else end opt par and loop "
    "note over left of participant as actor activate deactivate return ++ -- box title == @enduml "
    "sequenceDiagram @startuml \n \n \n é"
)


@given(
    st.lists(st.sampled_from(_PIECES.split(" ")), max_size=40),
    st.sampled_from(["sequenceDiagram\n", "@startuml\n", ""]),
)
def test_whatever_is_written_only_the_declared_error_escapes(
    pieces: list[str], header: str
) -> None:
    with contextlib.suppress(DiagramError):
        scenarios(read_sequence(header + " ".join(pieces)))


@given(st.text(max_size=200), st.sampled_from(["sequenceDiagram\n", "@startuml\n", ""]))
def test_any_text_is_read_or_refused(text: str, header: str) -> None:
    with contextlib.suppress(DiagramError):
        assert read_sequence(header + text).messages

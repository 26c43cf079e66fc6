"""Drawings in a mermaid fence, each read by the reader of its kind."""

from stend.course.diagrams.mermaid import read_mermaid
from stend.course.diagrams.model import DiagramError
from stend.course.texts.drawn import DrawingError, statements
from stend.course.texts.entities import read_entities
from stend.course.texts.flowcharts import read_flowchart


def read_drawing(source: str) -> None:
    """
    Raises:
        ValueError: the kind of drawing is not known, or a line is not understood.
    """
    first = next((text for _, text in statements(source)), "")
    match first.split()[:1]:
        case ["sequenceDiagram"]:
            _read_sequence(source)
        case ["flowchart" | "graph"]:
            read_flowchart(source)
        case ["erDiagram"]:
            read_entities(source)
        case _:
            raise DrawingError(1, "sequenceDiagram, flowchart or erDiagram", first)


def _read_sequence(source: str) -> None:
    try:
        read_mermaid(source)
    except DiagramError as error:
        raise ValueError(str(error)) from None

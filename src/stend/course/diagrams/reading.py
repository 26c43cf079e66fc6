"""Reads a sequence diagram in the language that its first line tells."""

from stend.course.diagrams.mermaid import read_mermaid
from stend.course.diagrams.model import Diagram
from stend.course.diagrams.plantuml import HEADER as PLANTUML
from stend.course.diagrams.plantuml import read_plantuml


def read_sequence(text: str) -> Diagram:
    """
    Args:
        text: of Mermaid (`sequenceDiagram`) or PlantUML (`@startuml`).

    Raises:
        DiagramError: a line is not understood.
    """
    for line in text.splitlines():
        told = line.strip()
        if told.startswith((PLANTUML, "'", "/'")):
            return read_plantuml(text)
        if told:
            break
    return read_mermaid(text)

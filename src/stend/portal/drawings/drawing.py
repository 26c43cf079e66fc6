"""The drawing of a mermaid fence, of whichever kind."""

from stend.course.texts.drawn import DrawingError, statements
from stend.portal.drawings.entities import draw_entities
from stend.portal.drawings.flow import draw_flowchart
from stend.portal.drawings.sequence import draw_sequence
from stend.portal.drawings.sequence_source import NotDrawnError


def drawn(source: str) -> str | None:
    """As SVG; None where something in it is not known here, so that its source is shown."""
    first = next((text for _, text in statements(source)), "").split()[:1]
    try:
        match first:
            case ["sequenceDiagram"]:
                return draw_sequence(source)
            case ["flowchart" | "graph"]:
                return draw_flowchart(source)
            case ["erDiagram"]:
                return draw_entities(source)
            case _:
                return None
    except (DrawingError, NotDrawnError):
        return None

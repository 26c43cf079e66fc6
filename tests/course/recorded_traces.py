"""Traces of PlaceOrder that a stand has recorded, as plain arrows."""

import json
from pathlib import Path
from typing import Any

from stend.course.diagrams.model import Arrow
from stend.course.diagrams.observed import Observed, Trace
from stend.kit.languages import Text

_FOLDER = Path(__file__).parent / "traces"
_ARROWS = {"call": Arrow.SYNC, "return": Arrow.REPLY, "message": Arrow.ASYNC, "stream": None}


def recorded(name: str, title: Text) -> Trace:
    """
    Args:
        name: of a file in `traces/`: `placed`, or `declined` for a payment that the bank refuses.
    """
    rows = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Trace(title, tuple(_observed(one) for one in rows))


def _observed(row: dict[str, Any]) -> Observed:
    return Observed(
        number=row["number"],
        source=row["source"],
        target=row["target"],
        label=row["label"],
        arrow=_ARROWS[row["kind"]],
        wire=row["protocol"] or "",
        of=row["of"] or 0,
        error=row["error"] or "",
        after=frozenset(row["after"]),
    )

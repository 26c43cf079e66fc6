"""The answers that httpYac has written as JSON, beside what a tour tells of them."""

import json
import re
from collections.abc import Mapping

from holding import Check, Json, at
from tours import Step, Tour

_KEPT = re.compile(r"\{\{(\w+\.\w+)\}\}")


def complaints(tour: Tour, sent: list[Json]) -> list[str]:
    """One line for each thing that is not as told.

    Args:
        sent: the requests of its file, from the output of `httpyac send --all --json`.
    """
    names = [at(one, "$.name") for one in sent]
    expected = [step.name for step in tour.steps]
    if names != expected:
        return [f"sent {names}, expected {expected}"]
    found: list[str] = []
    kept: dict[str, Json] = {}
    for step, one in zip(tour.steps, sent, strict=True):
        answer = at(one, "$.response")
        found += [f"{step.name}: {line}" for line in _of_one(step, answer, kept)]
        for name, source in step.keep.items():
            kept[f"{step.name}.{name}"] = value = _taken(answer, source)
            if value in (None, ""):
                found.append(f"{step.name}: there is no {source} to keep")
    return found


def _of_one(step: Step, answer: Json, kept: Mapping[str, Json]) -> list[str]:
    status = at(answer, "$.statusCode")
    body = at(answer, "$.body")
    if status != step.status:
        return [f"answered {status}, expected {step.status}: {str(body)[:400]}"]
    found = []
    for check in step.holds:
        expected = _KEPT.sub(lambda one: str(kept[one[1]]), check.value)
        seen = _subject(answer, check)
        if not check.holds(seen, expected):
            found.append(f"{check} does not hold, there is {str(seen)[:200]!r}")
    return found


def _subject(answer: Json, check: Check) -> Json:
    if check.subject == "text":
        return at(answer, "$.body")
    return _taken(answer, check.subject)


def _taken(answer: Json, source: str) -> Json:
    side = answer
    if source.startswith("sent "):
        side, source = at(answer, "$.request"), source[5:]
    if source.startswith("header "):
        headers = at(side, "$.headers")
        return headers.get(source[7:].lower()) if isinstance(headers, dict) else None
    body = str(at(side, "$.body"))
    if source.startswith("element "):
        found = re.search(rf"<(?:\w+:)?{source[8:]}(?: [^>]*)?>([^<]*)<", body)
        return found[1] if found else None
    try:
        return at(json.loads(body), source)
    except ValueError:
        return None

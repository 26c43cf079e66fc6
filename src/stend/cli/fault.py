"""`stend fault kinds`, `set`, `list`, `clear`."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from stend.cli.fault_texts import FaultText as T
from stend.cli.session import Session
from stend.cli.stand_api import api_of, asking, edge_of, fail
from stend.kit.json import JsonObject, JsonValue

_COLUMNS = 80
_PATH = "/stand/faults"


@dataclass(frozen=True, slots=True)
class Asked:
    """A fault as the command line asks for it.

    Attributes:
        on: SOURCE:TARGET.
        numbers: NAME=VALUE each.
    """

    kind: str
    on: str
    numbers: list[str]
    probability: float
    seed: int | None
    duration_s: float


def kinds_command(session: Session, port_base: int | None, as_json: bool) -> None:
    api = api_of(session, port_base)
    with asking(session):
        found: Mapping[str, Any] = api.get(f"{_PATH}/kinds")
    if as_json:
        session.print_json(found)
        return
    for kind in found["kinds"]:
        _print_kind(session, kind)


def set_command(session: Session, asked: Asked, port_base: int | None, as_json: bool) -> None:
    """Exit code 1: the stand refuses it, and says why."""
    source, target = edge_of(session, asked.on)
    body: JsonObject = {
        "kind": asked.kind,
        "source": source,
        "target": target,
        "numbers": _numbers(session, asked.numbers),
        "probability": asked.probability,
        "seed": asked.seed,
        "duration_s": asked.duration_s,
    }
    api = api_of(session, port_base)
    with asking(session):
        fault: Mapping[str, Any] = api.post(_PATH, body)
    if as_json:
        session.print_json(fault)
        return
    named = {name: fault[name] for name in ("id", "kind", "source", "target", "seed")}
    _say(session, T.WAS_SET, **named, seconds=asked.duration_s)


def list_command(session: Session, port_base: int | None, as_json: bool) -> None:
    api = api_of(session, port_base)
    with asking(session):
        found: Mapping[str, Any] = api.get(_PATH)
    if as_json:
        session.print_json(found)
    elif found["faults"]:
        _print_faults(session, found["faults"])
    else:
        _say(session, T.NONE)


def clear_command(
    session: Session, ids: list[str], all_of_them: bool, port_base: int | None, as_json: bool
) -> None:
    """Exit code 1: one of them is not set, or not any more."""
    from urllib.parse import quote

    if bool(ids) == all_of_them:
        fail(session, T.WHICH)
    api = api_of(session, port_base)
    with asking(session):
        if all_of_them:
            count: JsonValue = api.delete(_PATH)["cleared"]
        else:
            for one in ids:
                api.delete(f"{_PATH}/{quote(one, safe='')}")
            count = len(ids)
    if as_json:
        session.print_json({"cleared": count})
    else:
        _say(session, T.CLEARED, count=count)


def _numbers(session: Session, given: list[str]) -> JsonObject:
    found: JsonObject = {}
    for one in given:
        name, equals, value = one.partition("=")
        try:
            number = float(value)
        except ValueError:
            fail(session, T.BAD_NUMBER, value=one)
        # JSON has no word for what is no number and for what has no end.
        if not (name and equals) or number != number or abs(number) == float("inf"):
            fail(session, T.BAD_NUMBER, value=one)
        found[name] = number
    return found


def _print_kind(session: Session, kind: Mapping[str, Any]) -> None:
    language = session.language
    where = ", ".join(kind["protocols"]) or T.EVERYWHERE(language)
    per_message = f"; {T.PER_MESSAGE(language)}" if kind["per_message"] else ""
    title, text = kind["title"][language.value], kind["text"][language.value]
    _wrapped(f"{kind['name']}: {title} ({where}{per_message})", "", "    ")
    _wrapped(text, "    ", "    ")
    for one in kind["parameters"]:
        bounds = {name: f"{one[name]:g}" for name in ("default", "least", "most")}
        told = T.BOUNDS(language, name=one["name"], text=one["text"][language.value], **bounds)
        _wrapped(told, "    ", "      ")


def _print_faults(session: Session, faults: list[Mapping[str, Any]]) -> None:
    from rich.table import Table

    from stend.cli.screen import console
    from stend.portal.numbers import duration

    table = Table(box=None, pad_edge=False)
    heads = (T.HEAD_KIND, T.HEAD_PLACE, T.HEAD_NUMBERS, T.HEAD_PROBABILITY, T.HEAD_SEED)
    for head in ("id", *(one(session.language) for one in heads)):
        table.add_column(head)
    for one in (T.HEAD_LEFT, T.HEAD_STRUCK):
        table.add_column(one(session.language), justify="right")
    for fault in faults:
        table.add_row(
            fault["id"],
            fault["kind"],
            f"{fault['source']}:{fault['target']}",
            " ".join(f"{name}={value:g}" for name, value in fault["numbers"].items()),
            f"{fault['probability']:g}",
            str(fault["seed"]),
            duration(fault["seconds_left"] * 1000, session.language),
            str(fault["struck"]),
        )
    console().print(table)


def _wrapped(text: str, first: str, rest: str) -> None:
    for line in wrap(text, _COLUMNS, initial_indent=first, subsequent_indent=rest):
        print(line)  # noqa: T201 - the output of a command


def _say(session: Session, text: T, **values: object) -> None:
    print(text(session.language, **values))  # noqa: T201 - the output of a command

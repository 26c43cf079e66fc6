"""The tours as they stand in clients/tours: what is sent, what is told of it, what has to hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from holding import Check, ExpressionError

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "clients" / "tours"
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
# `{{name.kept}}` is something that an earlier step has kept; `{{base}}` a variable of the stand.
REFERENCE = re.compile(r"\{\{(\w+)\.(\w+)\}\}")
_VARIABLE = re.compile(r"\{\{(\$?\w+)\}\}")
_DYNAMIC = "$guid"
_STEP_KEYS = {
    "name",
    "ru",
    "en",
    "told",
    "send",
    "headers",
    "body",
    "form",
    "graphql",
    "variables",
    "basic",
    "pause_s",
    "status",
    "holds",
    "keep",
    "not_bruno",
}


class TourError(Exception):
    """A tour breaks a rule; the text names the file, the step and the rule."""


@dataclass(frozen=True, slots=True)
class Both:
    """A text in both languages."""

    ru: str
    en: str


@dataclass(frozen=True, slots=True)
class Variable:
    """An address of the stand, as the default block of ports has it."""

    name: str
    value: str
    about: Both


@dataclass(frozen=True, slots=True)
class Step:
    """One request.

    Attributes:
        keep: what is taken from the exchange for later steps, and where it stands: `$.member` or
            `header NAME` of the answer, `element NAME` of its XML; after `sent`, of the request.
        pause_s: seconds that a program waits before it sends this; a person is slower anyway.
        not_bruno: why Bruno cannot send it; empty where it can.
    """

    name: str
    title: Both
    told: Both
    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    form: Mapping[str, str]
    graphql: str
    variables: str
    basic: str
    pause_s: int
    status: int
    holds: tuple[Check, ...]
    keep: Mapping[str, str]
    not_bruno: str


@dataclass(frozen=True, slots=True)
class Tour:
    """One file of the tours."""

    name: str
    title: Both
    about: Both
    steps: tuple[Step, ...]
    variables: tuple[Variable, ...] = field(default=())

    def step(self, name: str) -> Step:
        return next(one for one in self.steps if one.name == name)


def read_all() -> list[Tour]:
    """All tours, in the order of the story.

    Raises:
        TourError: one breaks a rule.
    """
    index = _read(FOLDER / "index.yaml")
    known = {
        name: Variable(name, str(given["value"]), _both(given, name))
        for name, given in index["variables"].items()
    }
    files = {path.stem for path in FOLDER.glob("*.yaml")} - {"index"}
    order = [str(name) for name in index["order"]]
    if files != set(order):
        raise TourError(f"index.yaml orders {order}, and there are {sorted(files)}")
    return [_tour(name, known) for name in order]


def _tour(name: str, known: Mapping[str, Variable]) -> Tour:
    given = _read(FOLDER / f"{name}.yaml")
    steps = tuple(step_of(one, f"{name}.yaml") for one in _list(given["steps"]))
    used = _used(steps)
    unknown = used - known.keys() - {_DYNAMIC}
    if unknown:
        raise TourError(f"{name}.yaml uses {sorted(unknown)}, which index.yaml does not have")
    variables = tuple(one for one in known.values() if one.name in used)
    tour = Tour(name, _both(given["title"], name), _both(given["about"], name), steps, variables)
    _check_references(tour)
    return tour


def step_of(given: object, where: str) -> Step:
    """
    Args:
        given: as it was read.
        where: the file, for complaints.

    Raises:
        TourError: it breaks a rule.
    """
    if not isinstance(given, dict):
        raise TourError(f"{where} has a step that is no mapping: {given!r}")
    name = str(given.get("name"))
    if unknown := given.keys() - _STEP_KEYS:
        raise TourError(f"{where}: {name} has {sorted(unknown)}, which no step has")
    method, _, url = str(given["send"]).partition(" ")
    if method not in METHODS:
        raise TourError(f"{where}: {name} sends {method}, expected one of {METHODS}")
    status = given["status"]
    if not isinstance(status, int):
        raise TourError(f"{where}: {name} has the status {status!r}, expected a number")
    try:
        holds = tuple(Check.parse(str(one)) for one in _list(given.get("holds")))
    except ExpressionError as error:
        raise TourError(f"{where}: {name}: {error}") from error
    pause = given.get("pause_s", 0)
    _check_lines(given, f"{where}: {name}")
    return Step(
        name=name,
        title=_both(given, f"{where}: {name}"),
        told=_both(given["told"], f"{where}: {name}"),
        method=method,
        url=url,
        headers=_texts(given.get("headers")),
        body=str(given.get("body", "")).strip(),
        form=_texts(given.get("form")),
        graphql=str(given.get("graphql", "")).strip(),
        variables=str(given.get("variables", "")).strip(),
        basic=str(given.get("basic", "")),
        pause_s=pause if isinstance(pause, int) else 0,
        status=status,
        holds=holds,
        keep=_texts(given.get("keep")),
        not_bruno=str(given.get("not_bruno", "")),
    )


def _check_lines(given: dict[str, object], where: str) -> None:
    """What a person sees as one body has to be one to REST Client, too."""
    for part in ("body", "graphql", "variables"):
        lines = str(given.get(part, "")).strip().splitlines()
        if any(line.lstrip().startswith(("#", "//")) for line in lines):
            raise TourError(f"{where}: a line of {part} begins as a comment of .http files does")
        if part != "body" and any(not line.strip() for line in lines):
            raise TourError(f"{where}: {part} has an empty line, at which it would end")


def _check_references(tour: Tour) -> None:
    kept: dict[str, set[str]] = {}
    names: set[str] = set()
    for step in tour.steps:
        for source, name in REFERENCE.findall(_text_of(step)):
            if name not in kept.get(source, ()):
                raise TourError(f"{tour.name}.yaml: {step.name} uses {source}.{name} before it is")
        if step.name in kept or names & step.keep.keys():
            raise TourError(f"{tour.name}.yaml: {step.name} has a name that was there before")
        kept[step.name] = set(step.keep)
        names |= step.keep.keys()


def _used(steps: tuple[Step, ...]) -> set[str]:
    return {name for step in steps for name in _VARIABLE.findall(_text_of(step))}


def _text_of(step: Step) -> str:
    """Everything in which variables may stand."""
    sent = (step.url, step.body, step.graphql, step.variables, step.basic)
    pairs = (*step.headers.values(), *step.form.values())
    return "\n".join((*sent, *pairs, *(check.value for check in step.holds)))


def _read(path: Path) -> dict[str, dict[str, dict[str, object]]]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise TourError(f"{path.name} is no mapping")
    return found


def _both(given: object, where: str) -> Both:
    if not isinstance(given, dict) or not given.get("ru") or not given.get("en"):
        raise TourError(f"{where} has no text in both languages, ru and en")
    return Both(str(given["ru"]).strip(), str(given["en"]).strip())


def _texts(given: object) -> dict[str, str]:
    return (
        {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    )


def _list(given: object) -> list[object]:
    return given if isinstance(given, list) else []

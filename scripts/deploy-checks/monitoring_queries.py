"""Every query of a dashboard and every expression of a rule, as Prometheus will be asked for it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from tools import ROOT, CheckError

RULES = ROOT / "deploy" / "prometheus" / "rules"
DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"
# Grafana makes it four times as long as Prometheus scrapes ("timeInterval" of the data source).
_VARIABLES = {"$__rate_interval": "20s"}
_COMPARISON = re.compile(r"(.+?)\s*(?:==|!=|>=|<=|>|<)\s*[\d.]+\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Query:
    """
    Attributes:
        where: the file, and the panel or rule in it.
    """

    where: str
    expression: str


def all_queries() -> Mapping[str, Sequence[str]]:
    """By expression, where it stands: those of a dashboard are the same in both languages.

    Raises:
        CheckError: a variable of Grafana, or an alert's expression, that nobody here understands.
    """
    places: dict[str, list[str]] = {}
    for query in (*of_dashboards(), *of_rules()):
        places.setdefault(query.expression, []).append(query.where)
    return places


def of_dashboards() -> Iterator[Query]:
    for path in sorted(DASHBOARDS.glob("*/*.json")):
        dashboard = json.loads(path.read_text("utf-8"))
        for panel in dashboard["panels"]:
            for target in panel.get("targets", ()):
                where = f"{path.relative_to(ROOT)}: {panel['title']}"
                yield Query(where, _filled(where, target["expr"]))


def of_rules() -> Iterator[Query]:
    for path in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
            for rule in group["rules"]:
                yield from _of_rule(f"{path.relative_to(ROOT)}", rule)


def _of_rule(path: str, rule: Mapping[str, Any]) -> Iterator[Query]:
    if "record" in rule:
        yield Query(f"{path}: {rule['record']}", rule["expr"])
        return
    where = f"{path}: {rule['alert']}"
    # An alert is quiet while all is well: what it compares has to be there all the same.
    for side in rule["expr"].split(" and "):
        compared = _COMPARISON.fullmatch(side)
        if compared is None:
            raise CheckError(f"{where} is not made of VECTOR > NUMBER, joined by and: {side}")
        yield Query(where, compared[1])


def _filled(where: str, expression: str) -> str:
    for name, value in _VARIABLES.items():
        expression = expression.replace(name, value)
    if "$" in expression:
        raise CheckError(f"{where} has a variable that this check does not know: {expression}")
    return expression

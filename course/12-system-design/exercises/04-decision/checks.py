"""Reads the decision, the map of containers and the latency budget, and holds them together."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stend.course.amounts import NoAmountError, Unit, amount_of
from stend.course.case import Case
from stend.course.documents import c4_of
from stend.course.formats.contract import UnreadableError
from stend.course.formats.source import Source, read_source

_ADR, _MAP, _BUDGET = "adr.md", "containers.mmd", "latency.yaml"
_PROMISED_S, _LEAST_SPARE, _BANK_S = 0.5, 0.1, 0.2
_NETWORK, _ROWS = "network", {"promised", "parts", "spare"}
_LEAST_NUMBERS, _LEAST_WORDS, _LEAST_PARTS = 2, 4, 4
# The figures of the task, as they are written there.
_TOLD_FIGURES = (700, 3.5, 1.3, 99.9, 200, 500)

# ---- the decision ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the record, and what is under it up to the next one of its level."""

    title: str
    text: str
    line: int
    below: "tuple[Section, ...]" = ()


_PARTS: Mapping[str, tuple[str, ...]] = {
    "context": ("положение дел", "контекст", "context"),
    "options": ("варианты", "рассмотренные варианты", "options", "considered options"),
    "decision": ("решение", "decision", "decision outcome"),
    "consequences": ("следствия", "последствия", "consequences"),
}
_PRICE = re.compile(r"^[\s*_>-]*(?:цена|price)[\s*_]*:[\s*_]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
_NUMBER = re.compile(r"\d+(?:\s\d{3})*(?:[.,]\d+)?")


def adr(case: Case) -> None:
    parts = _record(case)
    options = parts["options"].below
    if len(options) < 2:
        case.fail(
            f"Вариантов в записи — {len(options)}: выбирать не из чего. Каждый вариант — свой "
            "заголовок ###.",
            f"The record has {len(options)} options: there is nothing to choose from. Each option "
            "is a heading ### of its own.",
            expected="≥ 2",
            got=[one.title for one in options],
            where=f"{_ADR}:{parts['options'].line}",
        )
    for one in options:
        if not _PRICE.search(one.text):
            case.fail(
                f"У варианта «{one.title}» нет цены: строки «Цена: …».",
                f"The option “{one.title}” has no price: a line “Price: …”.",
                where=f"{_ADR}:{one.line}",
            )
    decided = parts["decision"]
    if not any(_bare(one.title) in _bare(decided.text) for one in options):
        case.fail(
            "Решение не называет ни одного из вариантов: непонятно, что выбрали.",
            "The decision names none of the options: nobody can tell what was chosen.",
            expected=[one.title for one in options],
            got=decided.text,
            where=f"{_ADR}:{decided.line}",
        )
    for ru, en, words in (
        ("хороших", "good", ("хорош", "good")),
        ("плохих", "bad", ("плох", "bad")),
    ):
        below = parts["consequences"].below
        if not any(_bare(one.title).startswith(words) and _says(one.text) for one in below):
            case.fail(
                f"В записи нет {ru} следствий: раздела ### под «Следствия». Без них это реклама.",
                f"The record has no {en} consequences: a section ### under “Consequences”. Without "
                "them it is an advertisement.",
                where=f"{_ADR}:{parts['consequences'].line}",
            )


def grounds(case: Case) -> None:
    parts = _record(case)
    told = " ".join(
        [parts["context"].text, parts["decision"].text, *(o.text for o in parts["options"].below)]
    )
    named = [
        figure
        for figure in _TOLD_FIGURES
        if any(math.isclose(figure, one, rel_tol=0.001) for one in _numbers(told))
    ]
    if len(named) < _LEAST_NUMBERS:
        case.fail(
            f"Решение не опирается на числа задания: в записи их {len(named)}, а нужно хотя бы "
            f"{_LEAST_NUMBERS}.",
            f"The decision does not rest on the figures of the task: it has {len(named)} of them, "
            f"and at least {_LEAST_NUMBERS} are wanted.",
            expected=_TOLD_FIGURES,
            got=named,
            where=_ADR,
        )


def _numbers(text: str) -> list[float]:
    found = _NUMBER.findall(text)
    return [float(re.sub(r"\s", "", one).replace(",", ".")) for one in found]


def _record(case: Case) -> Mapping[str, Section]:
    found: dict[str, Section] = {}
    sections = _sections(case.read(_ADR), 2)
    for name, titles in _PARTS.items():
        one = next((each for each in sections if _bare(each.title) in titles), None)
        if one is None or not (_says(one.text) or one.below):
            case.fail(
                f"В записи решения нет раздела «## {titles[0].capitalize()}», или он пуст.",
                f"The record has no section “## {titles[-1].capitalize()}”, or it is empty.",
                expected=" / ".join(titles),
                got=[each.title for each in sections],
                where=_ADR,
            )
        found[name] = one
    return found


def _sections(text: str, level: int, first_line: int = 1) -> tuple[Section, ...]:
    mark = "#" * level + " "
    found: list[tuple[str, int, list[str]]] = []
    for line, told in enumerate(text.splitlines(), first_line):
        if told.startswith(mark):
            found.append((told.removeprefix(mark).strip(), line, []))
        elif found:
            found[-1][2].append(told)
    return tuple(
        Section(title, "\n".join(lines), line, _sections("\n".join(lines), level + 1, line + 1))
        for title, line, lines in found
    )


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[*_`«»\"“”]", "", text).casefold().split())


def _says(text: str) -> bool:
    return len(re.findall(r"\w+", text)) >= _LEAST_WORDS


# ---- the map -----------------------------------------------------------------------------------


def containers(case: Case) -> None:
    drawn = c4_of(case, _MAP)
    if drawn.level != "C4Container":
        case.fail(
            "Нужна диаграмма контейнеров.",
            "A diagram of containers is wanted.",
            expected="C4Container",
            got=drawn.level,
            where=f"{_MAP}:1",
        )
    by_alias = {one.alias: one for one in drawn.elements}
    used = [(by_alias[one.source], by_alias[one.target]) for one in drawn.relations]
    facts = (
        (
            any(a.kind == "person" and b.kind == "container" for a, b in used),
            "Никто из людей ничем внутри не пользуется.",
            "No person uses anything inside.",
            "Person → Container",
        ),
        (
            any(a.kind == "container" and b.form == "db" for a, b in used),
            "Нет базы, в которую пишет какой-нибудь контейнер.",
            "There is no database that a container uses.",
            "Container → ContainerDb",
        ),
        (
            any(a.kind == "container" and b.is_external for a, b in used),
            "Банка, чужой системы, на схеме нет, или никто его не зовёт.",
            "The bank, a system of somebody else, is not there, or nobody calls it.",
            "Container → System_Ext",
        ),
        (
            all(one.boundary for one in drawn.elements if one.kind == "container"),
            "Контейнер стоит вне границы системы: непонятно, чей он.",
            "A container is outside of the system's boundary: nobody can tell whose it is.",
            "System_Boundary { … }",
        ),
    )
    for is_so, ru, en, expected in facts:
        if not is_so:
            case.fail(ru, en, expected=expected, where=_MAP)
    for a, b in used:
        if a.kind == "person" and b.form:
            case.fail(
                f"{a.name} ходит прямо в {b.name}: данные своего магазина никому так не открывают.",
                f"{a.name} uses {b.name} directly: nobody opens his shop's data like that.",
                where=f"{_MAP}:{b.line}",
            )


def arrows(case: Case) -> None:
    drawn = c4_of(case, _MAP)
    for one in drawn.elements:
        if one.kind == "container" and not one.technology:
            case.fail(
                f"У контейнера {one.name} не сказано, на чём он сделан.",
                f"It is not said what the container {one.name} is made with.",
                expected=f'Container({one.alias}, "{one.name}", "Python, FastAPI", …)',
                where=f"{_MAP}:{one.line}",
            )
        if not any(one.alias in (each.source, each.target) for each in drawn.relations):
            case.fail(
                f"{one.name} ни с чем не связан: зачем он на схеме?",
                f"{one.name} is connected to nothing: why is it on the map?",
                where=f"{_MAP}:{one.line}",
            )
    for each in drawn.relations:
        if not (each.label and each.technology):
            case.fail(
                f"У стрелки {each.source} → {each.target} нет смысла или протокола.",
                f"The arrow {each.source} → {each.target} lacks its meaning or its protocol.",
                expected=f'Rel({each.source}, {each.target}, "…", "HTTPS, JSON")',
                where=f"{_MAP}:{each.line}",
            )


# ---- the budget ---------------------------------------------------------------------------------


def latency(case: Case) -> None:
    parts, promised, spare = _budget(case)
    if not math.isclose(promised, _PROMISED_S):
        case.fail(
            f"promised: по заданию {_PROMISED_S * 1000:g} мс, а в бюджете {promised * 1000:g} мс.",
            f"promised: the task says {_PROMISED_S * 1000:g} ms, the budget {promised * 1000:g}.",
            expected=f"promised: {_PROMISED_S * 1000:g} ms",
            where=_source(case).where("/promised"),
        )
    left = promised - sum(parts.values())
    where = _source(case).where("/spare")
    if abs(left - spare) > 1e-3:
        case.fail(
            f"Части бюджета и остаток не дают {promised * 1000:g} мс.",
            f"The parts of the budget and what is spare do not make {promised * 1000:g} ms.",
            expected=f"spare: {left * 1000:g} ms",
            got=f"spare: {spare * 1000:g} ms",
            where=where,
        )
    if spare < promised * _LEAST_SPARE - 1e-9:
        case.fail(
            "Бюджет роздан почти весь, а забытое найдётся всегда: оставьте десятую часть.",
            "Almost all of the budget is spent, and something is always forgotten: leave a tenth.",
            expected=f"spare ≥ {promised * _LEAST_SPARE * 1000:g} ms",
            got=f"{spare * 1000:g} ms",
            where=where,
        )


def same_parts(case: Case) -> None:
    known = {one.alias: one for one in c4_of(case, _MAP).elements if one.kind != "person"}
    parts = _budget(case)[0]
    for name, seconds in parts.items():
        where = _source(case).where(f"/parts/{name}")
        if name not in known and name != _NETWORK:
            case.fail(
                f"В бюджете есть {name}, а на схеме такого нет: они о разных системах.",
                f"The budget has {name}, and the map has not: they are about different systems.",
                expected=[*known, _NETWORK],
                got=name,
                where=where,
            )
        if name in known and known[name].is_external and seconds < _BANK_S - 1e-9:
            case.fail(
                f"Банку отведено {seconds * 1000:g} мс, а отвечает он за {_BANK_S * 1000:g}: "
                "чужую систему бюджетом не ускорить. Или не заставляйте покупателя её ждать.",
                f"The bank is given {seconds * 1000:g} ms, and it takes {_BANK_S * 1000:g}: a "
                "budget makes nobody else faster. Or do not let the customer wait for it.",
                expected=f"≥ {_BANK_S * 1000:g} ms",
                got=f"{seconds * 1000:g} ms",
                where=where,
            )
    if not any(one in known and known[one].form == "db" for one in parts):
        case.fail(
            "В бюджете нет ни одной базы со схемы: заказ принимают, не записав его?",
            "The budget has no database of the map: is an order accepted without being written?",
            expected=[one.alias for one in known.values() if one.form == "db"],
            got=list(parts),
            where=_source(case).where("/parts"),
        )


def _source(case: Case) -> Source:
    def reading() -> Source:
        try:
            return read_source(case.read(_BUDGET), _BUDGET)
        except UnreadableError as no:
            told = no.problem.sentence
            case.fail(told.ru, told.en, where=no.problem.where)

    return case.once("budget", reading)


def _budget(case: Case) -> tuple[Mapping[str, float], float, float]:
    """The parts, what is promised, what is spare; in seconds."""
    tree = _source(case).tree
    told = tree if isinstance(tree, dict) else {}
    parts = told.get("parts")
    if set(told) != _ROWS or not isinstance(parts, dict) or len(parts) < _LEAST_PARTS:
        case.fail(
            f"В бюджете нужны promised, parts (не меньше {_LEAST_PARTS}) и spare.",
            f"The budget needs promised, parts ({_LEAST_PARTS} or more) and spare.",
            expected="promised: 500 ms\nparts: { network: 80 ms, … }\nspare: …",
            got=sorted(told),
            where=_BUDGET,
        )
    seconds = {name: _amount(case, f"/parts/{name}", one) for name, one in parts.items()}
    promised, spare = (_amount(case, f"/{name}", told[name]) for name in ("promised", "spare"))
    return seconds, promised, spare


def _amount(case: Case, pointer: str, given: Any) -> float:
    name, where = pointer.rpartition("/")[2], _source(case).where(pointer)
    written = "" if given is None or isinstance(given, bool | list | dict) else str(given)
    try:
        seconds = amount_of(written, Unit.SECONDS)
    except NoAmountError as no:
        case.fail(f"{name}: {no.text.ru}", f"{name}: {no.text.en}", got=given, where=where)
    if seconds <= 0:
        case.fail(
            f"{name}: на всё уходит время, а здесь {written}.",
            f"{name}: everything takes time, and here it is {written}.",
            where=where,
        )
    return seconds

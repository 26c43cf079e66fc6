"""The part of `docs/engines.md` and `docs/engines.ru.md` that `./stend parity` has measured.

Made by `scripts/docs`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stend.kit.languages import Language, Text
from stend.portal.wires import ENGINES

PARITY_TITLE = Text(ru="Рядом с настоящими серверами", en="Beside the real servers")
PARITY_INTRO = Text(
    en="""\
The same checks run against the engine of the stand and against the real server; `./stend parity`
compares them. The latest: {made}, {machine}.

| | Here | Real | Checks | Equal | Refused here | Differ |
|---|---|---|---|---|---|---|""",
    ru="""\
Одни и те же проверки прогоняются на движке стенда и на настоящем сервере; сравнивает их
`./stend parity`. Последний прогон: {made}, {machine}.

| | Здесь | Настоящий | Проверок | Равно | Отказ здесь | Иначе |
|---|---|---|---|---|---|---|""",
)
SHOP_TITLE = Text(ru="Магазин на настоящих серверах", en="The shop on the real servers")
SHOP_INTRO = Text(
    en="""\
The tests of the shop itself run on both, too. On the real servers it has a database of PostgreSQL
and of MySQL, a database of Redis, a virtual host of RabbitMQ and all of Kafka to itself. MongoDB it
runs itself there, too: FerretDB takes the comment of a command only as a text, and the catalogue
carries the trace in a document; nor does it have `$push` in `$group`, with which the storefront
takes the first goods of each shelf. With MongoDB the catalogue works.

| What is tested | Tests | Pass here | Pass on real ones | Of it |
|---|---|---|---|---|""",
    ru="""\
Тесты самого магазина тоже идут и на тех, и на других. На настоящих серверах у него своя база
PostgreSQL и своя MySQL, своя база Redis, свой виртуальный узел RabbitMQ и вся Kafka. MongoDB и там
своя, из стенда: FerretDB принимает комментарий к команде только текстом, а каталог передаёт в нём
документ с трассой; и в `$group` у него нет `$push`, которым витрина берёт первые товары каждой
полки. С MongoDB каталог работает.

| Что проверяется | Тестов | Прошло здесь | На настоящих | В том числе |
|---|---|---|---|---|""",
)
FIGURES = {
    "lives": Text(ru="жизней {}", en="{} lives"),
    "at_effects": Text(ru="оборвано на commit или публикации {}", en="{} ended at an effect"),
    "orders": Text(ru="принято заказов {}", en="{} orders accepted"),
}
DIFFERENCES_HEAD = Text(
    ru="\n| Движок | Что проверяется | Исход | Почему |\n|---|---|---|---|",
    en="\n| Engine | What is checked | Outcome | Why |\n|---|---|---|---|",
)
OUTCOMES = {
    "refused": Text(ru="здесь отказ", en="refused here"),
    "differs": Text(ru="настоящий отвечает иначе", en="the real one answers otherwise"),
    "fail": Text(ru="не проходит", en="fails"),
}


def parity(measured: Mapping[str, Any], language: Language) -> Iterator[str]:
    """What `./stend parity` has found: counts, then each difference with its reason."""
    yield f"## {PARITY_TITLE[language]}\n"
    yield PARITY_INTRO[language].format(made=measured["made"], machine=measured["machine"])
    roles = [role for role in measured["roles"] if role["checks"]]
    for role in roles:
        found = [_outcome(check) for check in role["checks"]]
        counts = (found.count(one) for one in ("equal", "refused", "differs"))
        cells = (role["embedded"] or "–", role["real"] or "–", len(found), *counts)
        row = " | ".join(str(one) for one in (_named(role), *cells))
        yield f"| {row} |"
    differing = [
        (role, check) for role in roles for check in role["checks"] if _outcome(check) != "equal"
    ]
    if differing:
        yield DIFFERENCES_HEAD[language]
    yield from _differences(differing, language)
    yield from _shop(measured["shop"], language)


def _shop(rows: Iterable[Mapping[str, Any]], language: Language) -> Iterator[str]:
    yield f"\n### {SHOP_TITLE[language]}\n"
    yield SHOP_INTRO[language]
    for row in rows:
        here, real = row["embedded"], row["real"]
        told = [
            text[language].format(real["figures"][name])
            for name, text in FIGURES.items()
            if name in real["figures"]
        ]
        counts = (real["tests"], here["passed"], real["passed"])
        cells = (cell(row["title"][language]), *counts, ", ".join(told) or "–")
        yield f"| {' | '.join(str(one) for one in cells)} |"


def _differences(
    differing: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], language: Language
) -> Iterator[str]:
    for role, check in differing:
        what = cell(plain(check["title"][language]))
        reason = cell(plain(check["reason"][language])) if check["reason"] else "–"
        outcome = OUTCOMES[_outcome(check)][language]
        yield f"| {_named(role)} | {what} | {outcome} | {reason} |"


def _named(role: Mapping[str, Any]) -> str:
    name: str = role["role"]
    return ENGINES[name].name if name in ENGINES else name


def _outcome(check: Mapping[str, Any]) -> str:
    """`equal`, or the first thing that is not: a failure weighs more than a difference."""
    sides = {check["embedded"], check["real"]}
    return next((one for one in ("fail", "refused", "differs") if one in sides), "equal")


def plain(text: str) -> str:
    """A text with characters that Markdown would take for its own: `JSON.*`, `__keyspace@`."""
    return re.sub(r"([*<]|__)", r"\\\1", text)


def cell(text: str) -> str:
    """A text for a column of a table."""
    return text.replace("|", "\\|").replace("\n", " ")

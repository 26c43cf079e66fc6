"""Fills a key-value store and a star as the learner says, and asks them what the shop asks."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from stend.course.case import Case
from stend.course.formats.contract import UnreadableError
from stend.course.formats.source import Source as Document
from stend.course.formats.source import read_source

from .emulator import Copy, Cost, Item, NoFieldError, Step, Store, fields_of, filled
from .patterns import FIELDS, PATTERNS, Items
from .questions import QUESTIONS, drawn
from .star import ATTRIBUTES, COLUMNS, MEASURES, PARENTS, Fact, Question, Star, answered

_KEYS, _STAR = "keys.yaml", "star.yaml"
_MOST_READS = 2
# Of what is written for one copy on one day.
_HOT_SHARE = 0.25
_ASKED = 6
_SHOWN = 4
_FIELDS_OF_STEP = frozenset({"partition", "sort", "order", "limit"})
_DIRECTIONS = ("oldest first", "newest first")


def keys_readable(case: Case) -> None:
    _copies(case)
    _reads(case)


def no_scan(case: Case) -> None:
    keys = _keys(case)
    for name, steps in _reads(case).items():
        for place, step in enumerate(steps):
            if not [*fields_of(step.partition)]:
                case.fail(
                    f"{name}: чтение не говорит, где искать: раздел «{step.partition}» один на "
                    "всех. Это просмотр всего, что есть.",
                    f"{name}: the read does not say which partition to look in: {step.partition!r} "
                    "is the same for all. That is a scan of everything.",
                    expected="partition: …{…}",
                    got=step.partition,
                    where=keys.where(f"/reads/{name}/{place}"),
                )


def answers(case: Case) -> None:
    items, store = _filled(case)
    for name, pattern in PATTERNS.items():
        for given in _parameters(case, items, name):
            got, cost = _asked(case, store, name, given)
            wanted = pattern.truth(items, given)
            if cost.reads <= _MOST_READS and got != wanted:
                _wrong_answer(case, name, given, wanted, got)


def few_reads(case: Case) -> None:
    items, store = _filled(case)
    for name, pattern in PATTERNS.items():
        for given in _parameters(case, items, name):
            got, cost = _asked(case, store, name, given)
            if cost.reads > _MOST_READS:
                case.fail(
                    f"{name} ({pattern.ru}) стоит {cost.reads} чтений, а можно не больше двух: "
                    "второй шаг делается для каждой строки первого.",
                    f"{name} ({pattern.en}) takes {cost.reads} reads, and two at most are allowed: "
                    "the second step is done for every item of the first.",
                    expected=f"<= {_MOST_READS}",
                    got=f"{cost.reads}: {dict(given)}",
                    where=_keys(case).where(f"/reads/{name}"),
                )
            _check_items(case, name, len(got), cost)


def no_hot_key(case: Case) -> None:
    items, _ = _filled(case)
    for place, copy in enumerate(_copies(case)):
        for day, share, partition in _busiest(copy, items.of(copy.entity)):
            if share > _HOT_SHARE:
                case.fail(
                    f"Горячий ключ: за {day} {share:.0%} всего, что пишется в эту копию, попадает "
                    f"в один раздел, {partition}. Он на одном узле, и остальные узлы не помогут.",
                    f"A hot key: on {day} {share:.0%} of what is written for this copy goes to one "
                    f"partition, {partition}. It is on one node, and the others are of no help.",
                    expected=f"<= {_HOT_SHARE:.0%}",
                    got=f"{copy.entity} -> {copy.partition}",
                    where=_keys(case).where(f"/copies/{place}"),
                )


def star_readable(case: Case) -> None:
    _star(case)


def grain(case: Case) -> None:
    _all_answered(case, lambda one: one.per is None and not _about_customer(one))


def history(case: Case) -> None:
    _all_answered(case, _about_customer)


def questions(case: Case) -> None:
    _all_answered(case, lambda _: True)


def _about_customer(question: Question) -> bool:
    return any(one.startswith("customer.") for one in question.by)


def _all_answered(case: Case, is_mine: Callable[[Question], bool]) -> None:
    star = _star(case)
    source = case.once("source", lambda: drawn(case.dice))
    for number, question in enumerate(QUESTIONS, 1):
        if not is_mine(question):
            continue
        got = answered(source, star, question)
        if got is None:
            case.fail(
                f"Вопрос {number}, «{question.ru}»: ответить нечем. Нет факта, где есть и мера, и "
                "измерения вопроса.",
                f"Question {number}, {question.en!r}: nothing answers it. There is no fact with "
                "both the measure and the dimensions of the question.",
                expected={"measure": question.measure, "per": question.per, "by": question.by},
                where=_STAR,
            )
        wanted = question.truth(source)
        differing = [one for one in wanted if got.get(one) != wanted[one]] or [
            one for one in got if one not in wanted
        ]
        if differing:
            too_much = all(got.get(one, 0) >= value for one, value in wanted.items())
            ru = " Больше правды: похоже, одно и то же складывается по нескольку раз."
            en = " It is more than the truth: the same seems to be added several times."
            case.fail(
                f"Вопрос {number}, «{question.ru}»: звезда отвечает не то, что источник."
                + (ru if too_much else ""),
                f"Question {number}, {question.en!r}: the star does not answer what the source "
                "says." + (en if too_much else ""),
                expected=_shown(wanted, differing),
                got=_shown(got, differing),
                where=_STAR,
            )


def _shown(values: Mapping[Any, float], keys: Sequence[Any]) -> str:
    told = [f"{' '.join(one) or 'all'}: {values.get(one, '–')}" for one in sorted(keys)[:_SHOWN]]
    return "\n".join(told)


# ---- keys --------------------------------------------------------------------------------------


def _filled(case: Case) -> tuple[Items, Store]:
    def filling() -> tuple[Items, Store]:
        items, store = Items(case), Store()
        for copy in _copies(case):
            for item in items.of(copy.entity):
                store.put(copy, item)
        return items, store

    return case.once("store", filling)


def _parameters(case: Case, items: Items, name: str) -> list[Item]:
    """Of some items that are there; of the busiest customer always."""

    def choosing() -> list[Item]:
        pattern = PATTERNS[name]
        given = [
            one
            for one in ("order", "customer", "event", "review")
            if set(pattern.given) <= set(FIELDS[one])
        ]
        entity = pattern.of if pattern.of in given else given[0]
        chosen = case.dice.choices(items.of(entity), k=_ASKED)
        if name == "last-orders":
            chosen.append({"customer_id": items.customer[0]["customer_id"]})
        if name == "history":
            chosen.append(next(one for one in items.event if one["seq"] > 10))
        return [{field: one[field] for field in pattern.given} for one in chosen]

    return case.once(f"asked {name}", choosing)


def _asked(case: Case, store: Store, name: str, given: Item) -> tuple[list[Item], Cost]:
    try:
        return store.answer(_reads(case)[name], given)
    except NoFieldError as error:
        case.fail(
            f"{name}: чтению нужно поле {error.name}, а у того, кто спрашивает, его нет.",
            f"{name}: a read needs the field {error.name}, which whoever asks does not have.",
            expected=list(given),
            got=error.name,
            where=_keys(case).where(f"/reads/{name}"),
        )


def _wrong_answer(
    case: Case, name: str, given: Item, wanted: Sequence[Item], got: Sequence[Item]
) -> None:
    pattern = PATTERNS[name]
    ru, en = "ответ не тот", "the answer is wrong"
    if sorted(map(str, got)) == sorted(map(str, wanted)):
        ru, en = "строки те, порядок не тот", "the items are right, their order is not"
    elif len(got) < len(wanted):
        ru = "не всё нашлось: или копии с таким ключом нет, или две строки легли на один ключ"
        en = "not all is found: there is no copy with such a key, or two items share a key"
    elif len(got) > len(wanted):
        ru, en = "прочитано и лишнее", "there is more than what was asked for"
    case.fail(
        f"{name} ({pattern.ru}): {ru}.",
        f"{name} ({pattern.en}): {en}.",
        expected=f"{dict(given)} -> {len(wanted)}:\n" + _told(wanted),
        got=f"{len(got)}:\n" + _told(got),
        where=_keys(case).where(f"/reads/{name}"),
    )


def _told(items: Sequence[Item]) -> str:
    return "\n".join(" ".join(map(str, one.values())) for one in items[:_SHOWN])


def _check_items(case: Case, name: str, wanted: int, cost: Cost) -> None:
    # A step on the way may read one for every item of the answer.
    if cost.items > 2 * wanted + 1:
        case.fail(
            f"{name} читает {cost.items} строк ради {wanted}.",
            f"{name} reads {cost.items} items for the sake of {wanted}.",
            expected=f"<= {2 * wanted + 1}",
            got=cost.items,
            where=_keys(case).where(f"/reads/{name}"),
        )


def _busiest(copy: Copy, items: Sequence[Item]) -> Iterator[tuple[str, float, str]]:
    by_day: dict[str, Counter[str]] = {}
    for item in items:
        day = item.get("day", "2026-03-01")
        by_day.setdefault(day, Counter())[filled(copy.partition, item)] += 1
    for day, partitions in sorted(by_day.items()):
        ((partition, count),) = partitions.most_common(1)
        yield day, count / partitions.total(), partition


def _copies(case: Case) -> list[Copy]:
    def reading() -> list[Copy]:
        keys = _keys(case)
        rows = _list(case, keys, "/copies", _part(case, keys, "copies"))
        return [_copy(case, keys, f"/copies/{place}", row) for place, row in enumerate(rows)]

    return case.once("copies", reading)


def _copy(case: Case, keys: Document, pointer: str, row: Any) -> Copy:
    told = row if isinstance(row, dict) else {}
    if set(told) != {"entity", "partition", "sort"} or told["entity"] not in FIELDS:
        case.fail(
            "Копия — это entity, partition и sort; entity — одна из четырёх.",
            "A copy is entity, partition and sort; the entity is one of the four.",
            expected={"entity": " | ".join(FIELDS), "partition": "…", "sort": "…"},
            got=row,
            where=keys.where(pointer),
        )
    for part in ("partition", "sort"):
        for name in fields_of(str(told[part])):
            if name not in FIELDS[told["entity"]]:
                case.fail(
                    f"У {told['entity']} нет поля {name}.",
                    f"{told['entity']} has no field {name}.",
                    expected=", ".join(FIELDS[told["entity"]]),
                    got=told[part],
                    where=keys.where(f"{pointer}/{part}"),
                )
    return Copy(told["entity"], str(told["partition"]), str(told["sort"]))


def _reads(case: Case) -> Mapping[str, list[Step]]:
    def reading() -> Mapping[str, list[Step]]:
        keys = _keys(case)
        given = _part(case, keys, "reads")
        if not isinstance(given, dict) or set(given) != set(PATTERNS):
            case.fail(
                "В reads должны быть все восемь вопросов, и ничего больше.",
                "reads has to have all of the eight questions, and nothing else.",
                expected=", ".join(PATTERNS),
                got=", ".join(given) if isinstance(given, dict) else given,
                where=keys.where("/reads"),
            )
        return {
            name: [
                _step(case, keys, f"/reads/{name}/{place}", row)
                for place, row in enumerate(_list(case, keys, f"/reads/{name}", rows))
            ]
            for name, rows in given.items()
        }

    return case.once("reads", reading)


def _step(case: Case, keys: Document, pointer: str, row: Any) -> Step:
    told = row if isinstance(row, dict) else {}
    order, limit = told.get("order", _DIRECTIONS[0]), told.get("limit", 10**6)
    is_step = "partition" in told and set(told) <= _FIELDS_OF_STEP
    if not is_step or order not in _DIRECTIONS or type(limit) is not int or limit < 1:
        case.fail(
            "Чтение — это partition и, если нужно, sort (начало), order и limit.",
            "A read is partition and, where needed, sort (a beginning), order and limit.",
            expected={"partition": "…", "sort": "…", "order": " | ".join(_DIRECTIONS), "limit": 10},
            got=row,
            where=keys.where(pointer),
        )
    return Step(str(told["partition"]), str(told.get("sort", "")), order == _DIRECTIONS[1], limit)


# ---- star --------------------------------------------------------------------------------------


def _star(case: Case) -> Star:
    def reading() -> Star:
        document = _document(case, _STAR)
        given = _part(case, document, "facts")
        facts = given if isinstance(given, dict) else {}
        return Star(
            [_fact(case, document, name, row) for name, row in facts.items()],
            frozenset(_history(case, document)),
        )

    return case.once("star", reading)


def _fact(case: Case, document: Document, name: str, row: Any) -> Fact:
    pointer = f"/facts/{name}"
    told = row if isinstance(row, dict) else {}
    if set(told) != {"grain", "measures", "dimensions"} or told["grain"] not in COLUMNS:
        case.fail(
            f"Факт {name}: нужны grain, measures и dimensions; grain — таблица, строка которой и "
            "есть строка факта.",
            f"The fact {name} needs grain, measures and dimensions; grain is the table whose row "
            "is a row of the fact.",
            expected=f"grain: {' | '.join(COLUMNS)}",
            got=row,
            where=document.where(pointer),
        )
    for part, known in (("measures", MEASURES), ("dimensions", tuple(ATTRIBUTES))):
        values = told[part] if isinstance(told[part], dict) else {}
        for key, path in values.items():
            _check_path(case, document, f"{pointer}/{part}/{key}", told["grain"], str(path))
            if key not in known:
                case.fail(
                    f"{name}: {key} в {part} никто не спрашивает.",
                    f"{name}: nobody asks for {key} of {part}.",
                    expected=", ".join(known),
                    got=key,
                    where=document.where(f"{pointer}/{part}/{key}"),
                )
    measures, dimensions = (
        {key: str(path) for key, path in (told[part] or {}).items()}
        for part in ("measures", "dimensions")
    )
    return Fact(name, told["grain"], measures, dimensions)


def _check_path(case: Case, document: Document, pointer: str, grain: str, path: str) -> None:
    table, _, column = path.partition(".")
    reachable = (grain, *PARENTS[grain])
    if path == "1" or (table in reachable and column in COLUMNS[table]):
        return
    ru, en = "такого столбца нет", "there is no such column"
    if table in COLUMNS and column in COLUMNS[table]:
        ru = f"у одной строки {grain} строк {table} бывает несколько, и какую взять, не сказать"
        en = f"one row of {grain} has several of {table}, and which to take cannot be told"
    case.fail(
        f"{path}: {ru}.",
        f"{path}: {en}.",
        expected={one: list(COLUMNS[one]) for one in reachable},
        got=path,
        where=document.where(pointer),
    )


def _history(case: Case, document: Document) -> Iterator[str]:
    given = _part(case, document, "customer")
    told = given if isinstance(given, dict) else {}
    if set(told) != set(ATTRIBUTES["customer"]) or any(
        one not in ("scd1", "scd2") for one in told.values()
    ):
        case.fail(
            "В customer у city и level должно стоять scd1 или scd2.",
            "In customer, city and level have to be scd1 or scd2.",
            expected={"city": "scd1 | scd2", "level": "scd1 | scd2"},
            got=given,
            where=document.where("/customer"),
        )
    return (name for name, kind in told.items() if kind == "scd2")


# ---- documents ---------------------------------------------------------------------------------


def _keys(case: Case) -> Document:
    return _document(case, _KEYS)


def _document(case: Case, file: str) -> Document:
    try:
        return case.once(file, lambda: read_source(case.read(file), file))
    except UnreadableError as no:
        case.fail(no.problem.text.ru, no.problem.text.en, where=no.problem.where)


def _part(case: Case, document: Document, name: str) -> Any:
    tree = document.tree
    if not isinstance(tree, dict) or not tree.get(name):
        case.fail(
            f"В {document.file} нет раздела {name}, или он пуст.",
            f"{document.file} has no section {name}, or it is empty.",
            expected=f"{name}:",
            where=document.file,
        )
    return tree[name]


def _list(case: Case, document: Document, pointer: str, given: Any) -> list[Any]:
    if not isinstance(given, list) or not given:
        case.fail(
            f"{pointer} — список, и не пустой.",
            f"{pointer} is a list, and not an empty one.",
            expected="- …",
            got=given,
            where=document.where(pointer),
        )
    return given

"""Builds the learner's schema on the stand's PostgreSQL, tells it truths and lies, and asks it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from stend.course.case import Case
from stend.course.formats.contract import UnreadableError
from stend.course.formats.source import Source as Document
from stend.course.formats.source import read_source

from .database import Database, opened, parameters_of, statements_of, template_of
from .forms import ALSO, TRUE, Dependency, Names, closure, read, violation
from .questions import QUESTIONS
from .world import FIELDS, WORDS, Samples, World, drawn

_SCHEMA, _MODEL = "schema.sql", "model.yaml"
_SHOWN = 4
_REGRETTED = {
    "real": ("дробное число неточно", "a floating number is not exact"),
    "double precision": ("дробное число неточно", "a floating number is not exact"),
    "timestamp without time zone": (
        "это не момент, а надпись",
        "no moment, but what a clock shows",
    ),
    "ARRAY": ("это список в ячейке, не 1НФ", "a list in a cell, not 1NF"),
    "json": ("это список в ячейке, не 1НФ", "a list in a cell, not 1NF"),
    "jsonb": ("это список в ячейке, не 1НФ", "a list in a cell, not 1NF"),
}
_COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
    ORDER BY table_name, ordinal_position"""
_KEYS = """
    SELECT c.relname, array_agg(a.attname::text)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey::smallint[])
    WHERE i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
        AND c.relnamespace = current_schema()::regnamespace
    GROUP BY c.relname, i.indexrelid"""


def readable(case: Case) -> None:
    _dependencies(case)
    _recipe(case)
    _database(case)


def types(case: Case) -> None:
    for table, column, kind in _database(case).rows(_COLUMNS):
        if kind in _REGRETTED:
            ru, en = _REGRETTED[kind]
            case.fail(
                f"{table}.{column} типа {kind}: {ru}.",
                f"{table}.{column} is a {kind}: {en}.",
                got=f"{column} {kind}",
                where=_SCHEMA,
            )


def dependencies(case: Case) -> None:
    declared = _dependencies(case)
    for one in TRUE:
        if missing := one.right - closure(one.left, declared):
            case.fail(
                f"Из брифа следует ещё одна зависимость: {', '.join(sorted(one.left))} определяет "
                f"{', '.join(sorted(missing))}.",
                f"One more dependency follows from the brief: {', '.join(sorted(one.left))} "
                f"determines {', '.join(sorted(missing))}.",
                expected=str(Dependency(one.left, missing)),
                where=_MODEL,
            )
    for one in declared:
        strange = (closure(one.left, declared) & WORDS) - closure(one.left, (*TRUE, *ALSO))
        if one.left <= WORDS and strange:
            case.fail(
                f"Такого бриф не обещает: {', '.join(sorted(one.left))} не определяет "
                f"{', '.join(sorted(strange))}.",
                f"The brief does not promise this: {', '.join(sorted(one.left))} does not "
                f"determine {', '.join(sorted(strange))}.",
                got=str(one),
                where=_MODEL,
            )


def normal_form(case: Case) -> None:
    declared = _dependencies(case)
    known = WORDS.union(*(one.left | one.right for one in declared))
    for table, columns in _tables(case).items():
        if strange := sorted(columns - known):
            case.fail(
                f"{table}.{strange[0]} — не слово брифа, и в dependencies его нет: что он "
                "определяет и что определяет его?",
                f"{table}.{strange[0]} is no word of the brief, and not in dependencies: what "
                "does it determine, and what determines it?",
                got=strange,
                where=_MODEL,
            )
        bad = violation(columns, _keys(case).get(table, []), declared)
        if bad:
            case.fail(
                f"Таблица {table} не в НФБК: {bad}, а {', '.join(sorted(bad.left))} в ней не ключ. "
                "Один и тот же факт записан в стольких строках, сколько раз он встретился.",
                f"The table {table} is not in BCNF: {bad}, and {', '.join(sorted(bad.left))} is no "
                "key of it. One fact is written in as many rows as it occurs in.",
                expected=f"PRIMARY KEY / UNIQUE ({', '.join(sorted(bad.left))})",
                got=str(bad),
                where=_SCHEMA,
            )


def legal(case: Case) -> None:
    database, recipe, samples = _filled(case), _recipe(case), _samples(case)
    for facts in samples.truths():
        kind = facts[0][0]
        mine = [*samples.before(kind), *facts[:-1]]
        try:
            refused = database.tried(recipe, mine, facts[-1])
        except (psycopg.Error, LookupError) as no:
            refused = _told(no)
        if refused:
            case.fail(
                f"Это правда, и бриф её допускает, а схема не приняла ({facts[-1][0]}).",
                f"This is true and allowed by the brief, and the schema refused it "
                f"({facts[-1][0]}).",
                expected=[{fact: values} for fact, values in facts],
                got=refused,
                where=_SCHEMA,
            )


def values(case: Case) -> None:
    _lies(case, "values")


def references(case: Case) -> None:
    _lies(case, "references")


def repeats(case: Case) -> None:
    _lies(case, "repeats")


def questions(case: Case) -> None:
    database = _filled(case)
    world = _world(case)
    for name, question in QUESTIONS.items():
        try:
            asked = f"SELECT {', '.join(question.columns)} FROM {name}"  # noqa: S608 - names of ours
            got = database.rows(asked)
        except psycopg.Error as no:
            case.fail(
                f"Вопрос {name}: его представление не ответило.",
                f"The question {name}: its view has not answered.",
                expected=f"{name} ({', '.join(question.columns)})",
                got=_told(no),
                where=_SCHEMA,
            )
        found, wanted = _counted(got), _counted(question.truth(world))
        if found != wanted:
            missing, extra = wanted - found, found - wanted
            case.fail(
                f"Вопрос {name}: ответ не тот. Не хватает строк: {missing.total()}, лишних: "
                f"{extra.total()}.",
                f"The question {name}: the answer is wrong. Rows missing: {missing.total()}, too "
                f"many: {extra.total()}.",
                expected=_some(question.columns, missing),
                got=_some(question.columns, extra),
                where=_SCHEMA,
            )


def _lies(case: Case, about: str) -> None:
    database, recipe = _filled(case), _recipe(case)
    for lie in (one for one in _samples(case).lies() if one.about == about):
        try:
            refused = database.tried(recipe, lie.before, (lie.kind, lie.values))
        except (psycopg.Error, LookupError) as no:
            case.fail(
                f"Проверить «{lie.ru}» не вышло: команды фактов не сработали.",
                f"{lie.en!r} could not be tried: the commands of the facts have failed.",
                got=_told(no),
                where=_MODEL,
            )
        if not refused:
            case.fail(
                f"Схема записала неправду: {lie.ru}.",
                f"The schema has written an untruth: {lie.en}.",
                expected="ERROR",
                got={lie.kind: lie.values},
                where=_SCHEMA,
            )


# ---- what was written --------------------------------------------------------------------------


def _document(case: Case) -> Document:
    def reading() -> Document:
        try:
            return read_source(case.read(_MODEL), _MODEL)
        except UnreadableError as no:
            case.fail(no.problem.text.ru, no.problem.text.en, where=no.problem.where)

    return case.once("model", reading)


def _part(case: Case, name: str, kind: type) -> Any:
    tree = _document(case).tree
    found = tree.get(name) if isinstance(tree, dict) else None
    if not isinstance(found, kind) or not found:
        case.fail(
            f"В {_MODEL} нет раздела {name}.",
            f"{_MODEL} has no part {name}.",
            expected=f"{name}:",
            where=_MODEL,
        )
    return found


def _dependencies(case: Case) -> list[Dependency]:
    def reading() -> list[Dependency]:
        found = []
        for place, text in enumerate(_part(case, "dependencies", list)):
            one = read(text) if isinstance(text, str) else None
            if one is None:
                case.fail(
                    "Зависимость не понята.",
                    "A dependency is not understood.",
                    expected="a, b -> c, d",
                    got=text,
                    where=_document(case).where(f"/dependencies/{place}"),
                )
            found.append(one)
        return found

    return case.once("dependencies", reading)


def _recipe(case: Case) -> Mapping[str, Sequence[str]]:
    def reading() -> Mapping[str, Sequence[str]]:
        facts = _part(case, "facts", dict)
        return {kind: _commands(case, kind, facts.get(kind)) for kind in FIELDS}

    return case.once("recipe", reading)


def _commands(case: Case, kind: str, told: object) -> Sequence[str]:
    where = _document(case).where(f"/facts/{kind}")
    text = ";".join(map(str, told)) if isinstance(told, list) else str(told or "")
    found = statements_of(case, text, where, _session(case).elsewhere, is_schema=False)
    if not found:
        case.fail(
            f"Не сказано, как записать факт {kind}.",
            f"It is not said how to write down the fact {kind}.",
            expected=f"{kind}: INSERT INTO … ({', '.join(':' + one for one in FIELDS[kind])})",
            where=where,
        )
    used = set().union(*map(parameters_of, found))
    if used != set(FIELDS[kind]):
        case.fail(
            f"Факт {kind}: команде нужны все его поля, и только они.",
            f"The fact {kind}: its command needs all of its fields, and no others.",
            expected=sorted(FIELDS[kind]),
            got=sorted(used),
            where=where,
        )
    return [template_of(one) for one in found]


# ---- the database ------------------------------------------------------------------------------


def _session(case: Case) -> Database:
    return case.once("session", lambda: case.opened(opened(case)))


def _database(case: Case) -> Database:
    def building() -> Database:
        database, text = _session(case), case.read(_SCHEMA)
        commands = statements_of(case, text, _SCHEMA, database.elsewhere, is_schema=True)
        for one in commands:
            try:
                database.run(one)
            except psycopg.Error as no:
                case.fail(
                    "PostgreSQL не выполнил команду схемы.",
                    "PostgreSQL has not run a command of the schema.",
                    expected=one[:300],
                    got=_told(no),
                    where=_SCHEMA,
                )
        return database

    return case.once("database", building)


def _world(case: Case) -> World:
    return case.once("world", lambda: drawn(case.dice))


def _samples(case: Case) -> Samples:
    return case.once("samples", lambda: Samples(_world(case), case.word(8), case.dice))


def _filled(case: Case) -> Database:
    def filling() -> Database:
        database, recipe = _database(case), _recipe(case)
        for fact in _world(case).all():
            try:
                database.tell(recipe, [fact])
            except (psycopg.Error, LookupError) as no:
                case.fail(
                    f"Обычный факт {fact[0]} не записался.",
                    f"An ordinary fact {fact[0]} could not be written down.",
                    expected={fact[0]: fact[1]},
                    got=_told(no),
                    where=_document(case).where(f"/facts/{fact[0]}"),
                )
        return database

    return case.once("filled", filling)


def _tables(case: Case) -> Mapping[str, Names]:
    found: dict[str, set[str]] = {}
    for table, column, _ in _database(case).rows(_COLUMNS):
        found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def _keys(case: Case) -> Mapping[str, list[Names]]:
    found: dict[str, list[Names]] = {}
    for table, columns in _database(case).rows(_KEYS):
        found.setdefault(table, []).append(frozenset(columns))
    return found


def _told(error: Exception) -> str:
    if isinstance(error, psycopg.Error):
        return error.diag.message_primary or str(error)
    return "no row was written"


def _counted(rows: Sequence[Sequence[Any]]) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(_plain(one) for one in row) for row in rows)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    return round(float(value), 6)


def _some(columns: Sequence[str], rows: Counter[tuple[Any, ...]]) -> str:
    told = [" | ".join(map(str, one)) for one in [*rows][:_SHOWN]]
    return "\n".join([" | ".join(columns), *told])

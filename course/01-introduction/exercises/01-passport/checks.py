"""Reads the passport that the learner has filled in, and holds it against the minutes."""

from pathlib import Path
from typing import Any

from stend.course.case import Case
from stend.course.documents import Fact, check_facts, value_at
from stend.course.formats import json_schema
from stend.course.formats.contract import UnreadableError
from stend.course.formats.json_schema import VALUE, JsonSchema
from stend.course.formats.source import Source, read_source

_FILE = "passport.yaml"
_SCHEMA = "passport.schema.json"
_ID = "receipt_id"
_FUNCTIONAL = {"R1", "R3"}
_ALL = {f"R{number}" for number in range(1, 9)}
_NEEDED = {_ID: False, "kind": False, "lines": False, "total": False, "contact": True}
# 99 % of the receipts need no more; from the second on each is fined.
_USUAL_S, _FINED_S = 60, 600
_REQUIREMENTS = {
    "R1": ("R1 говорит, что сделать", "R1 says what to do"),
    "R2": ("R2 — про время", "R2 is about time"),
    "R3": ("R3 говорит, что передать", "R3 says what to pass on"),
    "R4": ("R4 — про объём", "R4 is about volume"),
    "R5": ("R5 — про потери и повторы", "R5 is about losses and repetitions"),
    "R6": ("R6 — про порядок", "R6 is about order"),
    "R7": ("R7 — про безопасность данных", "R7 is about the security of data"),
    "R8": ("R8 — про сверку", "R8 is about reconciliation"),
}


def form(case: Case) -> None:
    verdict = _schema().judge(VALUE, _passport(case))
    if verdict.reason is not None:
        source = _source(case)
        case.fail(
            f"Паспорт не по схеме, {verdict.pointer or '/'}: {verdict.reason.ru}",
            f"The passport is not by its schema, {verdict.pointer or '/'}: {verdict.reason.en}",
            expected=_SCHEMA,
            got=value_at(source.tree, verdict.pointer or ""),
            where=source.where(verdict.pointer or ""),
        )


def requirements(case: Case) -> None:
    told = _passport(case)["requirements"]
    functional, quality = set(told["functional"]), set(told["non_functional"])
    for name in sorted(_ALL):
        is_functional = name in _FUNCTIONAL
        if (name in functional, name in quality) == (is_functional, not is_functional):
            continue
        ru, en = _REQUIREMENTS[name]
        kind_ru = "функциональное" if is_functional else "нефункциональное"
        kind_en = "functional" if is_functional else "non-functional"
        case.fail(
            f"{ru}: требование {kind_ru}, и стоит только там.",
            f"{en}: the requirement is {kind_en}, and stands there alone.",
            got=told,
            where=_source(case).where("/requirements"),
        )


def sides(case: Case) -> None:
    _check(
        case,
        Fact(
            "/source",
            ["orders"],
            "Чеки отправляют заказы: они и есть источник.",
            "Orders send the receipts: they are the source.",
        ),
        Fact(
            "/target",
            ["operator"],
            "Чек регистрирует оператор.",
            "The operator registers the receipt.",
        ),
        Fact(
            "/initiator",
            ["orders"],
            "Обмен начинает тот, кому это позволено: безопасность чужих соединений внутрь не "
            "пускает.",
            "Who is let begin the exchange begins it: security lets no connection in from outside.",
        ),
        Fact(
            "/owner/source",
            ["team orders"],
            "За отправку отвечает команда, которая отправляет.",
            "Who sends answers for the sending.",
        ),
        Fact(
            "/owner/target",
            ["operator support"],
            "На стороне оператора отвечает его поддержка: её и назвали на встрече.",
            "On the operator's side support is responsible: so it was said.",
        ),
    )


def style(case: Case) -> None:
    _check(
        case,
        Fact(
            "/style",
            ["messages"],
            "Чека никто не ждёт, вход для вызова ночью закрыт, а минуты не хватит для файла: "
            "остаётся один стиль.",
            "Nobody waits for a receipt, the entrance for calls is closed at night, and a minute "
            "is too short for files: one style is left.",
        ),
        Fact(
            "/protocol",
            ["AMQP 0-9-1"],
            "Всегда принимает только очередь оператора, и говорит она по AMQP 0-9-1.",
            "Only the operator's queue always takes, and it speaks AMQP 0-9-1.",
        ),
    )


def data(case: Case) -> None:
    given: dict[str, bool] = {one["field"]: one["personal"] for one in _passport(case)["data"]}
    where = _source(case).where("/data")
    if extra := sorted(given.keys() - _NEEDED.keys()):
        case.fail(
            f"Оператору уходит лишнее: {', '.join(extra)}. Закон этого не требует (R7).",
            f"The operator gets too much: {', '.join(extra)}. The law does not demand it (R7).",
            got=extra,
            where=where,
        )
    if missing := sorted(_NEEDED.keys() - given.keys()):
        case.fail(
            f"Чеку не хватает: {', '.join(missing)}.",
            f"The receipt lacks: {', '.join(missing)}.",
            got=sorted(given),
            where=where,
        )
    for name, personal in _NEEDED.items():
        if given[name] is not personal:
            case.fail(
                f"{name}: личное ли это? Личное — то, по чему узнают человека.",
                f"{name}: is it personal? Personal is what a person is known by.",
                got={"field": name, "personal": given[name]},
                where=where,
            )


def numbers(case: Case) -> None:
    _check(
        case,
        Fact(
            "/volume/usual_per_minute",
            [10],
            "14 400 чеков в сутки — это другое число в минуту.",
            "14,400 receipts a day are another number a minute.",
        ),
        Fact(
            "/volume/peak_per_minute",
            [60],
            "В пятницу вечером — вшестеро чаще обычного, тоже в минуту.",
            "On Friday evening it is six times the usual, also a minute.",
        ),
        Fact(
            "/time/share_percent",
            [99],
            "Время обещано не всем чекам, а доле: R2.",
            "The time is promised to a share of the receipts: R2.",
        ),
        Fact(
            "/time/within_s",
            [_USUAL_S],
            "Обещанное время — минута; граница штрафа записана отдельно.",
            "What is promised is a minute; the bound of the fine is written down apart.",
        ),
        Fact(
            "/time/at_latest_s",
            [_FINED_S],
            "Штраф начинается после 10 минут.",
            "The fine begins after 10 minutes.",
        ),
    )


def bad_day(case: Case) -> None:
    _check(
        case,
        Fact(
            "/delivery",
            ["at-least-once"],
            "at-most-once — это «лучше потерять, чем повторить», а чек терять нельзя (R5).",
            'at-most-once is "rather lost than repeated", and no receipt may be lost (R5).',
        ),
        Fact(
            "/on_silence",
            ["repeat-with-the-same-id"],
            "Подтверждения нет: чек мог и дойти. Спросить нельзя, сдаться нельзя, а с новым id "
            "чеков станет два.",
            "There is no confirmation: the receipt may have arrived. It cannot be asked for, "
            "giving up is forbidden, and a new id makes two receipts.",
        ),
        Fact(
            "/duplicates/known_by",
            [_ID],
            "Повтор узнают по тому полю, которое одно на чек и одинаково в обеих попытках.",
            "A repetition is known by the field that is one per receipt and equal in both tries.",
        ),
        Fact(
            "/order",
            ["per-order"],
            "Порядок нужен ровно там, где его просит R6: возврат после продажи того же заказа.",
            "Order is needed just where R6 asks for it: a refund after the sale of the same order.",
        ),
    )
    alarm = _passport(case)["alarm_after_s"]
    where = _source(case).where("/alarm_after_s")
    if alarm <= _USUAL_S:
        case.fail(
            f"Тревога через {alarm} с: обычный чек ещё в пути, и дежурный привыкнет не "
            "просыпаться.",
            f"An alarm after {alarm} s: a usual receipt is still under way, and whoever is on "
            "duty learns to sleep on.",
            got=alarm,
            where=where,
        )
    if alarm >= _FINED_S:
        case.fail(
            f"Тревога через {alarm} с: штраф уже начислен.",
            f"An alarm after {alarm} s: the fine is there already.",
            got=alarm,
            where=where,
        )


def reconciliation(case: Case) -> None:
    _check(
        case,
        Fact(
            "/reconciliation/every",
            ["day"],
            "R8 просит знать каждое утро.",
            "R8 asks to know every morning.",
        ),
        Fact(
            "/reconciliation/against",
            ["registry"],
            "Сверяются с тем, что знает другая сторона: своя таблица согласится с собой всегда.",
            "Reconcile with what the other side knows: a table of one's own always agrees with "
            "itself.",
        ),
        Fact(
            "/reconciliation/who",
            ["team accounting"],
            "Сверять взялась бухгалтерия.",
            "Accounting has taken it upon itself.",
        ),
    )


def _schema() -> JsonSchema:
    """Of this folder: the learner's copy is for reading."""
    text = (Path(__file__).parent / "starter" / _SCHEMA).read_text(encoding="utf-8")
    return json_schema.read(text, _SCHEMA)


def _source(case: Case) -> Source:
    return case.once("passport", lambda: _read(case))


def _read(case: Case) -> Source:
    try:
        return read_source(case.read(_FILE), _FILE)
    except UnreadableError as error:
        told = error.problem
        case.fail(told.sentence.ru, told.sentence.en, where=told.where)


def _passport(case: Case) -> Any:
    return _source(case).tree


def _check(case: Case, *facts: Fact) -> None:
    """The first fact that the passport does not say is told with its line."""
    source = _source(case)
    for one in facts:
        check_facts(case, source.tree, [one], source.where(one.pointer))

"""Computes every figure anew from the learner's own assumptions."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from stend.course.amounts import NoAmountError, Unit, amount_of, shown
from stend.course.case import Case
from stend.course.formats.contract import UnreadableError
from stend.course.formats.source import Source, read_source
from stend.kit.languages import Text

_SHEET = "sizing.yaml"
_DAY_S, _YEAR_S = 86400.0, 365 * 86400.0
_TOLERANCE, _POINTS, _SAME_MISTAKE = 0.05, 0.01, 0.02
_SOURCES = ("given", "measured", "guess")


@dataclass(frozen=True, slots=True)
class Asked:
    """An assumption of the sheet.

    Attributes:
        given: by the task, in the unit; None where the learner says it.
        is_whole: a number of things.
    """

    unit: Unit
    least: float
    most: float
    given: float | None = None
    is_whole: bool = False


_ASSUMPTIONS: Mapping[str, Asked] = {
    "daily_users": Asked(Unit.COUNT, 1, 1e9, given=1e6),
    "actions_per_user": Asked(Unit.COUNT, 2, 500),
    "orders_share": Asked(Unit.PERCENT, 0, 100, given=10),
    "peak_factor": Asked(Unit.COUNT, 1.2, 20),
    "response_size": Asked(Unit.BYTES, 100, 5e6),
    "order_size": Asked(Unit.BYTES, 100, 1e6),
    "copies": Asked(Unit.COUNT, 2, 9, is_whole=True),
    "kept": Asked(Unit.SECONDS, 0, 100 * _YEAR_S, given=3 * _YEAR_S),
    "service_time": Asked(Unit.SECONDS, 1e-4, 1),
    "time_in_system": Asked(Unit.SECONDS, 1e-3, 5),
    "most_utilisation": Asked(Unit.PERCENT, 20, 85),
    "balancer_availability": Asked(Unit.PERCENT, 90, 99.9999),
    "database_availability": Asked(Unit.PERCENT, 90, 99.9999),
    "databases": Asked(Unit.COUNT, 1, 9, is_whole=True),
    "slo": Asked(Unit.PERCENT, 0, 100, given=99.9),
    "slo_window": Asked(Unit.SECONDS, 0, _YEAR_S, given=28 * _DAY_S),
}
_FIGURES: Mapping[str, Unit] = {
    "mean_rate": Unit.PER_SECOND,
    "peak_rate": Unit.PER_SECOND,
    "orders_peak_rate": Unit.PER_SECOND,
    "traffic": Unit.BITS_PER_SECOND,
    "stored_per_day": Unit.BYTES,
    "stored_total": Unit.BYTES,
    "in_flight": Unit.COUNT,
    "servers": Unit.COUNT,
    "error_budget_time": Unit.SECONDS,
    "error_budget_requests": Unit.COUNT,
    "availability": Unit.PERCENT,
}


@dataclass(frozen=True, slots=True)
class Slip:
    """A number that a known mistake leads to."""

    value: float
    told: Text


# ---- the sheet ---------------------------------------------------------------------------------


def readable(case: Case) -> None:
    _assumed(case)
    _figured(case)


def assumptions(case: Case) -> None:
    sheet, values = _sheet(case), _assumed(case)
    for name, asked in _ASSUMPTIONS.items():
        pointer = f"/assumptions/{name}"
        if asked.given is not None and not math.isclose(values[name], asked.given):
            _fail_given(case, name, asked.unit, asked.given, values[name], sheet.where(pointer))
        _check_sense(case, name, asked, values[name], sheet.where(pointer))
        _check_source(case, name, asked, sheet)
    if values["time_in_system"] < values["service_time"]:
        case.fail(
            "Время в системе меньше времени работы: в него входит и работа, и ожидание.",
            "The time in the system is less than the service time: it has service and waiting "
            "in it.",
            where=sheet.where("/assumptions/time_in_system"),
        )


def rates(case: Case) -> None:
    at = _assumed(case)
    actions = at["daily_users"] * at["actions_per_user"]
    mean = actions / _DAY_S
    orders = at["daily_users"] * at["orders_share"] / 100 / _DAY_S
    per_hours = Slip(
        actions / 3600,
        Text(ru="Похоже, сутки стали часом.", en="It looks as if a day became an hour."),
    )
    _compare(case, "mean_rate", mean, per_hours)
    _compare(case, "peak_rate", mean * at["peak_factor"], _mean_not_peak(mean))
    _compare(case, "orders_peak_rate", orders * at["peak_factor"], _mean_not_peak(orders))


def traffic(case: Case) -> None:
    at = _assumed(case)
    wanted = _peak(at) * at["response_size"] * 8
    bits = Text(
        ru="Похоже, смешались биты и байты: в байте 8 бит.",
        en="It looks as if bits and bytes were mixed: a byte has 8 bits.",
    )
    slips = (Slip(wanted / 8, bits), Slip(wanted * 8, bits))
    _compare(case, "traffic", wanted, *slips, _mean_not_peak(wanted / at["peak_factor"]))


def storage(case: Case) -> None:
    at = _assumed(case)
    day = at["daily_users"] * at["orders_share"] / 100 * at["order_size"]
    everybody = Slip(
        at["daily_users"] * at["order_size"],
        Text(ru="Заказывает не каждый: забыта доля.", en="Not everybody orders: a share is lost."),
    )
    _compare(case, "stored_per_day", day, everybody)
    total = day * at["kept"] / _DAY_S * at["copies"]
    copies = Text(ru="Похоже, забыты копии.", en="It looks as if the copies were forgotten.")
    year = Text(ru="Похоже, это за год, а хранят три.", en="This looks like one year, not three.")
    _compare(
        case,
        "stored_total",
        total,
        Slip(total / at["copies"], copies),
        Slip(total * _YEAR_S / at["kept"], year),
    )


def load(case: Case) -> None:
    at = _assumed(case)
    inside = _peak(at) * at["time_in_system"]
    _compare(
        case,
        "in_flight",
        inside,
        Slip(
            _peak(at) * at["service_time"],
            Text(
                ru="W — время внутри вместе с ожиданием, а взято время работы.",
                en="W is the time inside, waiting included; the service time was taken.",
            ),
        ),
        _mean_not_peak(inside / at["peak_factor"]),
    )
    busy = _peak(at) * at["service_time"]
    wanted = math.ceil(round(busy / (at["most_utilisation"] / 100), 6))
    got = _figured(case)["servers"]
    if got != wanted:
        full = math.ceil(round(busy, 6))
        why = Text(ru="Каждый загружен λS / c.", en="Each of them is busy λS / c of its time.")
        if got == full:
            why = Text(
                ru="Столько нужно при загрузке 100 %, а при ней очередь растёт без конца.",
                en="So many are needed at 100 % utilisation, and there the queue grows for ever.",
            )
        elif got == wanted - 1:
            why = Text(
                ru="Округлять надо вверх: полсервера не бывает.",
                en="Round up: there is no half a server.",
            )
        _fail_figure(case, "servers", wanted, got, why)


def error_budget(case: Case) -> None:
    at = _assumed(case)
    lost = 1 - at["slo"] / 100
    month = Slip(
        30 * _DAY_S * lost,
        Text(ru="Окно — 28 суток, а не 30.", en="The window has 28 days, not 30."),
    )
    _compare(case, "error_budget_time", at["slo_window"] * lost, month, tolerance=0.03)
    mean = at["daily_users"] * at["actions_per_user"] / _DAY_S
    requests = mean * at["slo_window"] * lost
    peak = Slip(
        requests * at["peak_factor"],
        Text(
            ru="Пик бывает не все сутки: запросы за окно считают по среднему.",
            en="The peak does not last all day: the requests of a window follow from the mean.",
        ),
    )
    _compare(case, "error_budget_requests", requests, peak, tolerance=0.03)


def promise(case: Case) -> None:
    at = _assumed(case)
    balancer, one = at["balancer_availability"] / 100, at["database_availability"] / 100
    number = int(at["databases"])
    wanted = 100 * balancer * (1 - (1 - one) ** number)
    got = _figured(case)["availability"]
    if abs(got - wanted) > _POINTS:
        why = Text(
            ru="Балансировщик нужен всегда, а базы хватает любой: 1 - (1 - a)ⁿ.",
            en="The balancer is always needed; of the databases any one is enough: 1 - (1 - a)ⁿ.",
        )
        if abs(got - 100 * balancer * one**number) <= _POINTS:
            why = Text(
                ru="Так было бы, если бы нужны были все базы сразу.",
                en="So it would be if all the databases were needed at once.",
            )
        _fail_figure(case, "availability", wanted, got, why)
    if wanted < at["slo"]:
        case.fail(
            f"Обещано {at['slo']:g} %, а части дают {wanted:.3f} %: обещание нельзя выполнить. "
            "Возьмите части надёжнее или больше копий и запишите, чем за это заплатили.",
            f"{at['slo']:g} % is promised, and the parts give {wanted:.3f} %: the promise cannot "
            "be kept. Take better parts or more copies, and write down what they cost.",
            expected=f"≥ {at['slo']:g} %",
            got=f"{wanted:.4f} %",
            where=_sheet(case).where("/assumptions/databases"),
        )


# ---- reading the sheet ---------------------------------------------------------------------------


def _sheet(case: Case) -> Source:
    def reading() -> Source:
        try:
            return read_source(case.read(_SHEET), _SHEET)
        except UnreadableError as no:
            told = no.problem.sentence
            case.fail(told.ru, told.en, where=no.problem.where)

    return case.once("sheet", reading)


def _assumed(case: Case) -> Mapping[str, float]:
    rows = _rows(case, "assumptions", _ASSUMPTIONS)
    values = {name: row.get("value") if isinstance(row, dict) else row for name, row in rows}
    return {
        name: _amount(case, f"/assumptions/{name}/value", values[name], asked.unit)
        for name, asked in _ASSUMPTIONS.items()
    }


def _figured(case: Case) -> Mapping[str, float]:
    values = dict(_rows(case, "figures", _FIGURES))
    return {
        name: _amount(case, f"/figures/{name}", values[name], unit)
        for name, unit in _FIGURES.items()
    }


def _rows(case: Case, block: str, names: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    tree = _sheet(case).tree
    rows = tree.get(block) if isinstance(tree, dict) else None
    if not isinstance(rows, dict):
        case.fail(
            f"В {_SHEET} нет раздела {block}.",
            f"{_SHEET} has no section {block}.",
            expected=f"{block}:",
            where=_SHEET,
        )
    for wrong, ru, en in (
        ([one for one in names if one not in rows], "нет строки", "has no row"),
        ([one for one in rows if one not in names], "есть незнакомая строка", "has a row unknown:"),
    ):
        if wrong:
            case.fail(
                f"В {block} {ru} {wrong[0]}.",
                f"{block} {en} {wrong[0]}.",
                expected=", ".join(names),
                got=wrong[0],
                where=_sheet(case).where(f"/{block}/{wrong[0]}"),
            )
    yield from rows.items()


def _amount(case: Case, pointer: str, given: Any, unit: Unit) -> float:
    name = pointer.removesuffix("/value").rpartition("/")[2]
    where = _sheet(case).where(pointer)
    written = "" if given is None or isinstance(given, bool | list | dict) else str(given)
    try:
        return amount_of(written, unit)
    except NoAmountError as no:
        case.fail(f"{name}: {no.text.ru}", f"{name}: {no.text.en}", got=given, where=where)


def _check_sense(case: Case, name: str, asked: Asked, value: float, where: str) -> None:
    if not asked.least <= value <= asked.most or (asked.is_whole and value % 1):
        low, high = shown(asked.least, asked.unit), shown(asked.most, asked.unit)
        case.fail(
            f"{name}: так быть не может. Ждали число от {low.ru} до {high.ru}"
            + (", целое." if asked.is_whole else "."),
            f"{name}: this cannot be. A number from {low.en} to {high.en} is wanted"
            + (", a whole one." if asked.is_whole else "."),
            got=shown(value, asked.unit).en,
            where=where,
        )


def _check_source(case: Case, name: str, asked: Asked, sheet: Source) -> None:
    row = sheet.tree["assumptions"][name]
    told = row if isinstance(row, dict) else {}
    wanted = ("given",) if asked.given is not None else _SOURCES[1:]
    if told.get("source") not in wanted:
        case.fail(
            f"{name}: не сказано, откуда число: {' или '.join(wanted)}.",
            f"{name}: it is not said where the number comes from: {' or '.join(wanted)}.",
            expected=f"source: {' / '.join(wanted)}",
            got=told.get("source"),
            where=sheet.where(f"/assumptions/{name}/source"),
        )
    if asked.given is None and not str(told.get("why") or "").strip():
        case.fail(
            f"{name}: почему столько? Чем измерено или из чего придумано, пишут в why.",
            f"{name}: why so much? What it was measured by or made up from goes into why.",
            where=sheet.where(f"/assumptions/{name}"),
        )


def _fail_given(
    case: Case, name: str, unit: Unit, given: float, value: float, where: str
) -> NoReturn:
    wanted, got = shown(given, unit), shown(value, unit)
    case.fail(
        f"{name}: по заданию {wanted.ru}, а в расчёте {got.ru}.",
        f"{name}: the task says {wanted.en}, and the sheet {got.en}.",
        expected=wanted.en,
        got=got.en,
        where=where,
    )


def _peak(at: Mapping[str, float]) -> float:
    return at["daily_users"] * at["actions_per_user"] / _DAY_S * at["peak_factor"]


def _mean_not_peak(value: float) -> Slip:
    told = Text(ru="Это среднее, а нужен пик.", en="This is the mean; the peak is wanted.")
    return Slip(value, told)


def _compare(
    case: Case, name: str, wanted: float, *slips: Slip, tolerance: float = _TOLERANCE
) -> None:
    got = _figured(case)[name]
    if math.isclose(got, wanted, rel_tol=tolerance):
        return
    fitting = (one for one in slips if math.isclose(got, one.value, rel_tol=_SAME_MISTAKE))
    why = next(fitting, None)
    _fail_figure(case, name, wanted, got, why.told if why else Text(ru="", en=""))


def _fail_figure(case: Case, name: str, wanted: float, got: float, why: Text) -> NoReturn:
    right, told = shown(wanted, _FIGURES[name]), shown(got, _FIGURES[name])
    case.fail(
        f"{name}: из предположений следует {right.ru}, а записано {told.ru}. {why.ru}".strip(),
        f"{name}: your assumptions give {right.en}, and you wrote {told.en}. {why.en}".strip(),
        expected=right.en,
        got=told.en,
        where=_sheet(case).where(f"/figures/{name}"),
    )

"""Executes the learner's table on orders, and compares the documents with what they have to be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from stend.course.case import Case
from stend.course.documents import ABSENT, mapping_of, value_at
from stend.course.tables.mapping import Mapped

_FILES = ("mapping.csv", "mapping.xlsx")
_MOSCOW = timezone(timedelta(hours=3))
_STATES = {
    "placed": "NEW",
    "reserved": "NEW",
    "paid": "PAID",
    "picking": "SHIPPING",
    "on_the_way": "SHIPPING",
    "delivered": "DONE",
    "cancelled": "VOID",
    "failed": "VOID",
}
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_STREETS = ("Лесная улица", "улица Ленина", "Невский проспект", "Садовая улица")
_CITIES = ("Москва", "Санкт-Петербург", "Казань")
_ORDERS = 40
Order = dict[str, Any]


def readable(case: Case) -> None:
    mapping_of(case, *_FILES)


def header(case: Case) -> None:
    order = _order(case)
    _compare(case, order, ["/Number", "/Counterparty/Code", "/Currency", "/Address"])


def lines(case: Case) -> None:
    order = _order(case, lines=3)
    fields = ("LineNo", "Sku", "Quantity")
    _compare(case, order, [f"/Items/{at}/{one}" for at in range(3) for one in fields])
    _compare(case, order, ["/Items/3"])


def money(case: Case) -> None:
    for amount in (0, 5, 100, 101, case.dice.randint(10**4, 10**6), 10**11 + 7):
        order = _order(case, lines=1)
        _set_amount(order, amount)
        _compare(case, order, ["/Amount", "/Items/0/Price", "/Items/0/Sum"])


def moments(case: Case) -> None:
    for told in (
        "2026-11-29T20:59:59Z",
        "2026-11-29T21:00:00Z",
        "2026-12-31T23:30:00.755925Z",
        "2028-02-28T22:15:00Z",
        "2026-07-01T00:00:00Z",
    ):
        order = _order(case)
        order["placed_at"] = told
        order["slot"] = {"starts_at": told, "ends_at": "2028-02-29T21:05:00Z"}
        _compare(case, order, ["/Date", "/Window/From", "/Window/To"])


def states(case: Case) -> None:
    for status in _STATES:
        _compare(case, {**_order(case), "status": status}, ["/State"])
    order = {**_order(case), "status": case.word()}
    _expect_problem(case, order, "status", order["status"])


def optional(case: Case) -> None:
    for change in _incomplete():
        order = _order(case)
        change(order)
        _compare(case, order, ["/Address", "/Comment"])


def broken(case: Case) -> None:
    for pointer, value in _BROKEN:
        order = _order(case, lines=2)
        *way, last = pointer.split("/")[1:]
        place: Any = order
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if value is ABSENT:
            del place[last]
        else:
            place[last] = value
        _expect_problem(case, order, pointer, value)


def forty(case: Case) -> None:
    for _ in range(_ORDERS):
        order = {**_order(case), "status": case.dice.choice(list(_STATES))}
        if case.dice.random() < 0.5:
            case.dice.choice(_incomplete())(order)
        mapped, wanted = _mapped(case, order), _document(order)
        _expect_no_problem(case, order, mapped)
        if mapped.target != wanted:
            case.fail(
                "Документ не тот, которого ждёт бухгалтерия.",
                "The document is not what accounting expects.",
                expected=wanted,
                got=mapped.target,
            )


# ---- comparing ---------------------------------------------------------------------------------


def _compare(case: Case, order: Order, pointers: Sequence[str]) -> None:
    mapped, wanted = _mapped(case, order), _document(order)
    _expect_no_problem(case, order, mapped)
    for pointer in pointers:
        got, want = value_at(mapped.target, pointer), value_at(wanted, pointer)
        # In Python `1 == True` and `1 == 1.0`, in a document they are written otherwise.
        if type(got) is not type(want) or got != want:
            name = pointer.removeprefix("/").replace("/", ".")
            case.fail(
                f"Поле {name} не то, которого ждёт бухгалтерия.",
                f"The field {name} is not what accounting expects.",
                expected=_told(want),
                got={"field": _told(got), "order": order},
                where=f"{_file(case)}#{pointer}",
            )


def _expect_no_problem(case: Case, order: Order, mapped: Mapped) -> None:
    if mapped.problems:
        first = mapped.problems[0].told
        case.fail(
            f"Хороший заказ не отобразился. {first.ru}",
            f"A good order was not mapped. {first.en}",
            got=order,
            where=_file(case),
        )


def _expect_problem(case: Case, order: Order, pointer: str, value: object) -> None:
    mapped = _mapped(case, order)
    if mapped.problems:
        return
    name = pointer.removeprefix("/").replace("/", ".")
    told = "–" if value is ABSENT else repr(value)
    case.fail(
        f"Сломанный заказ ({name}: {told}) стал документом. Должна быть ошибка: поле обязательно.",
        f"A broken order ({name}: {told}) became a document. An error is due: it is required.",
        got=mapped.target,
        where=_file(case),
    )


def _mapped(case: Case, order: Order) -> Mapped:
    return mapping_of(case, *_FILES)[1].apply(order)


def _file(case: Case) -> str:
    return mapping_of(case, *_FILES)[0]


def _told(value: object) -> object:
    return "–" if value is ABSENT else value


# ---- orders, and what becomes of them ----------------------------------------------------------


def _document(order: Order) -> dict[str, Any]:
    address = order["address"]
    comment = (address.get("comment") or order.get("reason") or "").strip()
    parts = (address.get(one) for one in ("city", "street", "house", "flat"))
    return {
        "Number": order["order_id"].removeprefix("ord_"),
        "Date": f"{_moscow(order['placed_at']):%d.%m.%Y}",
        "State": _STATES.get(order["status"], ""),
        "Counterparty": {"Code": order["customer_id"]},
        "Amount": _roubles(order["total"]),
        "Currency": "643",
        "Address": ", ".join(one for one in parts if one),
        "Window": {
            "From": f"{_moscow(order['slot']['starts_at']):%d.%m.%Y %H:%M}",
            "To": f"{_moscow(order['slot']['ends_at']):%d.%m.%Y %H:%M}",
        },
        **({"Comment": comment} if comment else {}),
        "Items": [
            {
                "LineNo": at,
                "Sku": one["sku"],
                "Quantity": one["quantity"],
                "Price": _roubles(one["unit_price"]),
                "Sum": _roubles(one["total"]),
            }
            for at, one in enumerate(order["lines"], 1)
        ],
    }


def _moscow(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(_MOSCOW)


def _roubles(money: Mapping[str, Any]) -> str:
    roubles, kopecks = divmod(money["amount_minor"], 100)
    return f"{roubles}.{kopecks:02}"


def _order(case: Case, lines: int = 0) -> Order:
    dice = case.dice
    bought = [_line(case) for _ in range(lines or dice.randint(1, 5))]
    placed = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randint(0, 500_000))
    begins = placed + timedelta(minutes=dice.randint(30, 3000))
    total = sum(one["total"]["amount_minor"] for one in bought)
    return {
        "order_id": "ord_0" + "".join(dice.choices(_ALPHABET, k=25)),
        "customer_id": f"cus_{case.word()}",
        "status": dice.choice(("placed", "paid", "delivered")),
        "version": dice.randint(1, 9),
        "lines": bought,
        "total": _money(total),
        "address": {
            "city": dice.choice(_CITIES),
            "street": dice.choice(_STREETS),
            "house": str(dice.randint(1, 99)),
            "flat": str(dice.randint(1, 300)),
            "comment": f"код {case.word(4)}",
        },
        "slot": {"starts_at": _utc(begins), "ends_at": _utc(begins + timedelta(hours=1))},
        "placed_at": _utc(placed),
        "updated_at": _utc(placed + timedelta(seconds=dice.randint(1, 900))),
    }


def _line(case: Case) -> dict[str, Any]:
    quantity, price = case.dice.randint(1, 9), case.dice.randint(100, 99_999)
    number = case.dice.randint(100, 99_999)
    return {
        "sku": f"{case.dice.choice(('MILK', 'BRD', 'TEA'))}-{number}",
        "quantity": quantity,
        "unit_price": _money(price),
        "total": _money(price * quantity),
    }


def _money(amount: int) -> dict[str, Any]:
    return {"amount_minor": amount, "currency": "RUB"}


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _set_amount(order: Order, amount: int) -> None:
    order["total"] = _money(amount)
    order["lines"][0]["unit_price"] = order["lines"][0]["total"] = _money(amount)


def _incomplete() -> Sequence[Callable[[Order], None]]:
    """Each takes something away that an order need not have."""

    def without(*names: str) -> Callable[[Order], None]:
        def change(order: Order) -> None:
            for name in names:
                del order["address"][name]

        return change

    def commented(comment: str | None, reason: str | None = None) -> Callable[[Order], None]:
        def change(order: Order) -> None:
            order["address"]["comment"] = comment
            if reason is not None:
                order["reason"] = reason

        return change

    return [
        without("flat"),
        without("comment"),
        without("flat", "comment"),
        commented("  у шлагбаума "),
        commented(""),
        commented("   "),
        commented(None),
        commented("", "передумал"),
        commented("позвонить", "передумал"),
    ]


def _needed() -> Iterator[tuple[str, object]]:
    yield "/order_id", ABSENT
    yield "/order_id", ""
    yield "/customer_id", None
    yield "/status", ABSENT
    yield "/placed_at", ABSENT
    yield "/placed_at", "29.11.2026"
    yield "/total", {}
    yield "/total/amount_minor", None
    yield "/total/amount_minor", 239.7
    yield "/lines", ABSENT
    yield "/lines/1/sku", ABSENT
    yield "/lines/0/quantity", None
    yield "/lines/1/unit_price", ABSENT
    yield "/lines/0/total/amount_minor", "100"


_BROKEN = tuple(_needed())

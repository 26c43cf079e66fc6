"""Documents of the contract, right ones and wrong ones, with prefixes that nobody knows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stend.course.case import Case

NS = "urn:example:check:v1"
EXT = "urn:example:check:ext"
STATUSES = ("active", "liquidating", "liquidated", "bankrupt")
Rows = Sequence[tuple[str, "str | Rows"]]


@dataclass(frozen=True, slots=True)
class Sides:
    """Of one message: what has to be taken, and what has to be refused."""

    good: Sequence[str]
    bad: Sequence[str]


def document(case: Case, name: str, rows: Rows, more: str = "", namespace: str = NS) -> str:
    """
    Args:
        more: what stands after the rows, as it is.
    """
    prefix = "p" + case.word(3)
    inner = "".join(_written(prefix, *row) for row in rows)
    return f'<{prefix}:{name} xmlns:{prefix}="{namespace}">{inner}{more}</{prefix}:{name}>'


def _written(prefix: str, name: str, value: "str | Rows") -> str:
    inner = value if isinstance(value, str) else "".join(_written(prefix, *one) for one in value)
    return f"<{prefix}:{name}>{inner}</{prefix}:{name}>"


def foreign(case: Case, name: str, text: str, namespace: str | None = None) -> str:
    """An element of another namespace, as later versions add it."""
    prefix = "x" + case.word(3)
    found = namespace or f"urn:{case.word()}"
    return f'<{prefix}:{name} xmlns:{prefix}="{found}">{text}</{prefix}:{name}>'


def digits(case: Case, count: int) -> str:
    return "".join(case.dice.choices("0123456789", k=count))


def inn(case: Case) -> str:
    return digits(case, case.dice.choice((10, 12)))


def without(rows: Rows, name: str) -> Rows:
    return [row for row in rows if row[0] != name]


def swapped(rows: Rows, name: str, value: "str | Rows") -> Rows:
    """The same with another value in one row."""
    return [(one, value if one == name else there) for one, there in rows]


# ---- CheckCounterparty ---------------------------------------------------------------------------


def asked(case: Case) -> Rows:
    kpp = f"{digits(case, 4)}{case.dice.choice(('01', 'AB'))}{digits(case, 3)}"
    return [("inn", inn(case)), ("kpp", kpp), ("asOf", "2026-03-01")]


def requests(case: Case) -> Sides:
    name, whole = "CheckCounterparty", asked(case)
    good = [document(case, name, rows) for rows in (whole, whole[:1], whole[:2])]
    good.append(document(case, name, without(whole, "kpp")))
    wrong: Sequence[Rows] = (
        without(whole, "inn"),
        swapped(whole, "inn", digits(case, 11)),
        swapped(whole, "inn", f"{digits(case, 9)}x"),
        swapped(whole, "kpp", digits(case, 8)),
        swapped(whole, "kpp", f"{digits(case, 4)}ab{digits(case, 3)}"),
        swapped(whole, "kpp", ""),
        swapped(whole, "asOf", ""),
        swapped(whole, "asOf", "01.03.2026"),
        swapped(whole, "asOf", "2026-02-30"),
        list(reversed(whole)),
        [*whole, ("comment", case.word())],
        [*whole[:1], *whole],
    )
    bad = [document(case, name, rows) for rows in wrong]
    bad.append(document(case, name, whole, namespace=f"{NS[:-1]}2"))
    bad.append(f'<c:{name} xmlns:c="{NS}"><inn>{inn(case)}</inn></c:{name}>')
    bad.append(document(case, name, whole, foreign(case, "extra", "1")))
    return Sides(good, bad)


def found(case: Case) -> Rows:
    owner: Rows = [("name", case.word()), ("share", f"{case.dice.randint(1, 99)}.5")]
    debt: Rows = [("amount", f"{case.dice.randint(0, 10**9)}.07"), ("currency", "RUB")]
    return [
        ("inn", inn(case)),
        ("name", f"ООО «{case.word()}»"),
        ("status", case.dice.choice(STATUSES)),
        ("registered", "2001-07-14"),
        ("risk", f"0.{case.dice.randint(10, 99)}"),
        ("owner", owner),
        ("owner", [("name", case.word()), ("share", "0.01")]),
        ("debt", debt),
        ("checkedAt", f"2026-03-01T10:{case.dice.randint(10, 59)}:00Z"),
    ]


def responses(case: Case) -> Sides:
    name, whole = "CheckCounterpartyResponse", found(case)
    least = without(without(whole, "owner"), "debt")
    rows: list[Rows] = [whole, least, swapped(whole, "checkedAt", "2026-03-01T10:00:00.5+03:00")]
    rows += [swapped(least, "status", one) for one in STATUSES]
    rows += [swapped(least, "risk", one) for one in ("0", "1", "0.5", "1.00")]
    good = [document(case, name, one) for one in rows]
    more = foreign(case, case.dice.choice(("news", "score")), case.word())
    good.append(document(case, name, whole, more + foreign(case, "other", "<b>1</b>")))
    return Sides(good, [document(case, name, one) for one in _bad_findings(case, whole, least)])


def _bad_findings(case: Case, whole: Rows, least: Rows) -> Sequence[Rows]:
    bad: list[Rows] = [without(least, name) for name, _ in least]
    wrong: Mapping[str, Sequence[str]] = {
        "name": ("",),
        "status": (case.word(), "", "Active"),
        "registered": ("", "14.07.2001"),
        "risk": ("1.01", "-0.01", "0.355", "5E-1", "NaN", "0,5", ""),
        "checkedAt": ("2026-03-01", "10:00:00", ""),
    }
    bad += [swapped(least, name, one) for name, values in wrong.items() for one in values]
    for share in ("0", "100.01", "50.001", "half"):
        bad.append(swapped(whole, "owner", [("name", case.word()), ("share", share)]))
    for amount, currency in (("-1", "RUB"), ("1.005", "RUB"), ("1E3", "RUB"), ("1", "rub")):
        bad.append(swapped(whole, "debt", [("amount", amount), ("currency", currency)]))
    bad.append(swapped(whole, "debt", [("amount", "1.00")]))
    bad.append([*least, ("comment", case.word())])
    return bad


# ---- CheckMany -----------------------------------------------------------------------------------


def many(case: Case, count: int) -> str:
    return document(case, "CheckMany", [("inn", inn(case)) for _ in range(count)])


def many_results(case: Case) -> Sides:
    name = "CheckManyResponse"
    row: Rows = [("inn", inn(case)), ("status", "active")]
    good = [document(case, name, [("result", row)] * count) for count in (0, 1, 3)]
    good.append(document(case, name, [("result", row)], foreign(case, "total", "1")))
    bad = [document(case, name, [("result", one)]) for one in (row[:1], row[1:], [])]
    return Sides(good, bad)

"""[to write: what the learner's code is asked, in one sentence]"""

from stend.course.case import Case


def small(case: Case) -> None:
    got = case.module("main").call("total", [])
    if got != 0:
        case.fail(
            "[написать: что вышло и что обещано] Сумма пустого заказа не равна нулю.",
            "[to write: what happened, what was promised] An empty order does not total zero.",
            expected=0,
            got=got,
        )


def sum(case: Case) -> None:  # noqa: A001 - named by its id
    # Nothing can be hard-coded: whatever is sent is drawn from the dice of the case.
    lines = [
        {"price": case.dice.randint(2, 900), "quantity": case.dice.randint(2, 9)} for _ in range(5)
    ]
    wanted = 0
    for line in lines:
        wanted += line["price"] * line["quantity"]
    got = case.module("main").call("total", lines)
    if got != wanted:
        case.fail(
            "[написать: что вышло и что обещано] Сумма заказа неверна.",
            "[to write: what happened, what was promised] The total of an order is wrong.",
            expected=wanted,
            got=got,
            where="main.py",
        )

"""The marketplace of the brief: kinds of facts, a random world, facts that fit and that lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stend.course.case import Dice

Values = Mapping[str, Any]
Told = tuple[str, Values]

FIELDS: Mapping[str, tuple[str, ...]] = {
    "city": ("city", "region"),
    "warehouse": ("warehouse", "city"),
    "product": ("sku", "title", "category"),
    "seller": ("tax_id", "seller_name"),
    "price": ("sku", "tax_id", "since", "until", "list_price"),
    "stock": ("warehouse", "sku", "tax_id", "in_stock"),
    "customer": ("email", "customer_name"),
    "address": ("email", "address", "is_default"),
    "order": ("order_no", "email", "status", "placed_at"),
    "line": ("order_no", "sku", "tax_id", "ordered", "paid_price"),
    "review": ("order_no", "sku", "tax_id", "stars"),
}
WORDS = frozenset(word for fields in FIELDS.values() for word in fields)
STATUSES = ("placed", "paid", "shipped", "delivered", "cancelled")
BEGAN, CHANGED, FAR = "2020-01-01T00:00:00Z", "2023-01-01T00:00:00Z", "2199-01-01T00:00:00Z"


@dataclass
class World:
    """Facts by kind, in an order in which they can be written down."""

    facts: dict[str, list[Values]] = field(default_factory=lambda: {one: [] for one in FIELDS})

    def tell(self, kind: str, *values: Any) -> None:
        self.facts[kind].append(dict(zip(FIELDS[kind], values, strict=True)))

    def __getitem__(self, kind: str) -> list[Values]:
        return self.facts[kind]

    def all(self) -> list[Told]:
        return [(kind, one) for kind, ones in self.facts.items() for one in ones]


def drawn(dice: Dice) -> World:
    world = World()
    numbers = [f"{dice.randint(100, 999)}{place}" for place in range(10)]
    dice.shuffle(numbers)
    for city, region in (("Tver", "west"), ("Klin", "west"), ("Omsk", "east"), ("Sochi", "south")):
        world.tell("city", city, region)
        world.tell("warehouse", f"W-{city}", city)
    skus = [f"LV-{one}" for one in numbers[:6]]
    for place, sku in enumerate(skus):
        world.tell("product", sku, f"Thing {place}", ("food", "tools", "toys")[place % 3])
    sellers = [f"770{one}{place:03}" for place, one in enumerate(numbers[6:])]
    for tax_id in sellers:
        world.tell("seller", tax_id, f"Seller {tax_id[-1]}")
    offers = [(sku, seller) for sku in skus for seller in sellers if dice.randint(0, 3)]
    offers.extend((sku, sellers[0]) for sku in skus if (sku, sellers[0]) not in offers)
    _offered(world, dice, offers, skus)
    _ordered(world, dice, offers)
    return world


def _offered(
    world: World, dice: Dice, offers: Sequence[tuple[str, str]], skus: Sequence[str]
) -> None:
    for place, (sku, seller) in enumerate(offers):
        then, now = dice.randint(2_000, 2_999), dice.randint(3_000, 9_999)
        world.tell("price", sku, seller, BEGAN, CHANGED, then)
        if place % 3:
            world.tell("price", sku, seller, CHANGED, None, now)
        else:
            world.tell("price", sku, seller, CHANGED, FAR, now)
            world.tell("price", sku, seller, FAR, None, 1_000)
        # The last two are out of stock: one has rows of nought, the other none.
        if sku != skus[-1]:
            for one in world["warehouse"][: dice.randint(1, 4)]:
                left = 0 if sku == skus[-2] else dice.randint(1, 50)
                world.tell("stock", one["warehouse"], sku, seller, left)


def _ordered(world: World, dice: Dice, offers: Sequence[tuple[str, str]]) -> None:
    for place in range(5):
        email = f"c{place}{dice.randint(10, 99)}@example.com"
        world.tell("customer", email, f"Customer {place}")
        world.tell("address", email, "Mira 1", place > 0)
        world.tell("address", email, "Lenina 2", False)
    emails = [one["email"] for one in world["customer"]]
    for place in range(14):
        number, status = 100_000 + 97 * place + dice.randint(1, 90), STATUSES[place % 5]
        when = f"202{1 + place % 4}-05-0{1 + place % 9}T10:00:00Z"
        world.tell("order", number, emails[dice.randint(0, 3)], status, when)
        # The first of all is an order without lines.
        chosen = {dice.choice(offers) for _ in range(3)} if place else set()
        for at, (sku, seller) in enumerate(sorted(chosen)):
            paid = dice.randint(1_500, 9_999)
            world.tell("line", number, sku, seller, dice.randint(1, 9), paid)
            if status == "delivered" and at == 0:
                world.tell("review", number, sku, seller, dice.randint(1, 5))


@dataclass(frozen=True, slots=True)
class Lie:
    """
    Attributes:
        about: the check that it belongs to.
        before: true facts that it contradicts.
    """

    about: str
    ru: str
    en: str
    kind: str
    values: Values
    before: Sequence[Told] = ()


class Samples:
    """Facts about things that are in no world yet, varied one field at a time."""

    def __init__(self, world: World, word: str, dice: Dice) -> None:
        self._number = 200_000 + dice.randint(1, 9_000)
        self._word = word
        line = world["line"][0]
        self.base: dict[str, dict[str, Any]] = {
            "city": {"city": f"City {word}", "region": "north"},
            "warehouse": {"warehouse": f"W-{word}", "city": "Tver"},
            "product": {"sku": "ZZ-777", "title": "Lamp", "category": "home"},
            "seller": {"tax_id": "5501234567", "seller_name": "New"},
            "price": {"sku": "ZZ-777", "tax_id": "5501234567", "since": "2024-01-01T00:00:00Z"}
            | {"until": "2024-06-01T00:00:00Z", "list_price": 500},
            "stock": {"warehouse": "W-Tver", "sku": "ZZ-777", "tax_id": "5501234567"}
            | {"in_stock": 7},
            "customer": {"email": f"{word}@example.com", "customer_name": "Ann"},
            "address": {"email": f"{word}@example.com", "address": "Sadovaya 3"}
            | {"is_default": True},
            "order": {"order_no": self._number, "email": f"{word}@example.com"}
            | {"status": "paid", "placed_at": "2024-03-01T12:00:00+03:00"},
            "line": {"order_no": self._number, "sku": "ZZ-777", "tax_id": "5501234567"}
            | {"ordered": 2, "paid_price": 450},
            "review": {"order_no": self._number, "sku": "ZZ-777", "tax_id": "5501234567"}
            | {"stars": 4},
        }
        self.other_sku, self.other_seller = line["sku"], line["tax_id"]

    def of(self, kind: str, **changed: Any) -> Told:
        return kind, {**self.base[kind], **changed}

    def before(self, kind: str) -> list[Told]:
        """All that has to be there for the sample of a kind."""
        kinds = list(FIELDS)
        return [self.of(one) for one in kinds[: kinds.index(kind)]]

    def truths(self) -> list[Sequence[Told]]:
        """Twenty-five and more facts at the edges of what is promised; the last one is tried."""
        of, base = self.of, self.base
        june, jan = "2024-06-01T00:00:00Z", "2024-01-01T00:00:00Z"
        email, number = base["customer"]["email"], base["order"]["order_no"]
        next_email = f"next+{email}"
        return [
            (of("city", region="west"),),
            (of("warehouse"),),
            (of("product", sku="AB-12345"),),
            (of("product", sku="ABCD-001"),),
            (of("product", title="Чай «Ё» & O'Neil; 100 %"),),
            (of("product"), of("product", sku="ZZ-778")),
            (of("seller", tax_id="0012345678"),),
            (of("seller", tax_id="771234567890"),),
            (of("seller"), of("seller", tax_id="5501234568")),
            (of("price", list_price=1),),
            (of("price", list_price=5_000_000_000),),
            (of("price", until=None),),
            (of("price"), of("price", since=june, until=None, list_price=600)),
            (of("price"), of("price", since="2023-01-01T00:00:00Z", until=jan)),
            (of("price"), of("price", tax_id=self.other_seller)),
            (of("stock", in_stock=0),),
            (of("stock"), of("stock", warehouse="W-Omsk")),
            (of("customer", email=next_email), of("address", email=next_email)),
            (of("address"), of("address", address="B 1", is_default=False)),
            (
                of("address", address="A 1", is_default=False),
                of("address", address="B 1", is_default=False),
            ),
            (of("order"), of("order", order_no=number + 1)),
            (of("order", status="cancelled"),),
            (of("line", ordered=1, paid_price=0),),
            (of("line", ordered=99),),
            (of("line"), of("line", tax_id=self.other_seller)),
            (of("line"), of("review", stars=1)),
            (of("line"), of("review", stars=5)),
        ]

    def lies(self) -> list[Lie]:
        return [*self._values(), *self._references(), *self._repeats()]

    def _values(self) -> list[Lie]:
        wrong: list[tuple[str, str, object, str, str]] = [
            ("product", "sku", "milk-1", "артикул milk-1", "the sku milk-1"),
            ("product", "title", "", "пустое название", "an empty title"),
            ("product", "title", None, "товар без названия", "a product without a title"),
            ("seller", "tax_id", "12345", "ИНН из пяти цифр", "a tax id of five digits"),
            ("price", "list_price", 0, "цена ноль", "a price of nought"),
            ("price", "list_price", None, "цена не названа", "no price is named"),
            (
                "price",
                "until",
                self.base["price"]["since"],
                "цена ни на миг",
                "a price for no time",
            ),
            (
                "price",
                "until",
                "2023-01-01T00:00:00Z",
                "конец до начала",
                "an end before its start",
            ),
            ("stock", "in_stock", -1, "остаток −1", "a stock of -1"),
            (
                "customer",
                "email",
                "Ann@Example.com",
                "почта с большой буквы",
                "a capital in an email",
            ),
            ("order", "status", "payed", "статус payed", "the status payed"),
            ("order", "placed_at", None, "заказ без времени", "an order without a time"),
            ("line", "ordered", 0, "ноль штук", "nought pieces"),
            ("line", "paid_price", -5, "заплачено −5", "-5 paid"),
            ("review", "stars", 6, "шесть звёзд", "six stars"),
            ("review", "stars", 0, "ноль звёзд", "no stars"),
        ]
        return [
            Lie("values", ru, en, *self.of(kind, **{name: value}), self._around(kind))
            for kind, name, value, ru, en in wrong
        ]

    def _references(self) -> list[Lie]:
        wrong: list[tuple[str, str, object, str, str]] = [
            ("warehouse", "city", "Atlantis", "склад в неизвестном городе", "an unknown city"),
            ("price", "sku", "QQ-999", "цена неизвестного товара", "a price of no product"),
            ("price", "tax_id", "9999999999", "цена неизвестного продавца", "a price of no seller"),
            ("stock", "warehouse", "W-None", "неизвестный склад", "an unknown warehouse"),
            ("address", "email", "no@example.com", "адрес неизвестно чей", "nobody's address"),
            ("order", "email", "no@example.com", "заказ неизвестно чей", "nobody's order"),
            ("line", "order_no", 1, "строка неизвестного заказа", "a line of no order"),
            ("line", "sku", "QQ-999", "строка с неизвестным товаром", "a line of no product"),
            (
                "review",
                "sku",
                self.other_sku,
                "отзыв на некупленное",
                "a review of what was not bought",
            ),
        ]
        return [
            Lie("references", ru, en, *self.of(kind, **{name: value}), self._around(kind))
            for kind, name, value, ru, en in wrong
        ]

    def _repeats(self) -> list[Lie]:
        wrong: list[tuple[str, Values, str, str]] = [
            ("city", {"region": "south"}, "город в двух регионах", "a city in two regions"),
            ("product", {"title": "Other"}, "один артикул дважды", "one sku twice"),
            ("seller", {"seller_name": "Other"}, "один ИНН дважды", "one tax id twice"),
            ("customer", {"customer_name": "Bob"}, "одна почта дважды", "one email twice"),
            ("stock", {"in_stock": 8}, "два остатка в одном месте", "two stocks in one place"),
            (
                "price",
                {"since": "2024-05-31T00:00:00Z", "until": None, "list_price": 9},
                "две цены на один миг",
                "two prices at one moment",
            ),
            (
                "price",
                {"since": "2023-01-01T00:00:00Z", "until": None, "list_price": 9},
                "цена поверх другой",
                "a price that covers another",
            ),
            ("address", {"address": "B 1"}, "два основных адреса", "two default addresses"),
            ("order", {"status": "shipped"}, "один номер заказа дважды", "one order number twice"),
            ("line", {"ordered": 3}, "одна строка заказа дважды", "one line of an order twice"),
            ("review", {"stars": 2}, "два отзыва на одну покупку", "two reviews of one purchase"),
        ]
        return [
            Lie("repeats", ru, en, *self.of(kind, **changed), [*self._around(kind), self.of(kind)])
            for kind, changed, ru, en in wrong
        ]

    def _around(self, kind: str) -> list[Told]:
        """What a sample of this kind refers to, without facts of other rules."""
        needed = self.before(kind)
        return [one for one in needed if one[0] not in ("price", "stock", "address", "warehouse")]

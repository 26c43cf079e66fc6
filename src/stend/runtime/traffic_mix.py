"""What the customers who come want: operations, protocols, carts. Pure: a seed repeats it all."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

from stend.kit.chance import Chance
from stend.runtime.traffic_profile import Profile, arrivals
from stend.shop.orders.domain import Address, CartLine
from stend.shop.orders.usecases import Operation

_ItemT = TypeVar("_ItemT")

# Most look, some buy, few change their mind.
OPERATION_WEIGHTS: Mapping[Operation, float] = {
    Operation.GET_ORDER: 45,
    Operation.LIST_ORDERS: 25,
    Operation.PLACE_ORDER: 24,
    Operation.CANCEL_ORDER: 6,
}
# The shop's own application speaks REST; partners speak what they have always spoken.
_REST_WEIGHT = 4.0
_PARTNER_WEIGHT = 1.0
_CUSTOMERS = 500
# Whose card is blocked, as the bank's contract has it.
_DECLINED_SHARE = 0.02
_DECLINED = "Declined"
# Of Zipf's law, near 1 for what people buy and read.
_ZIPF_EXPONENT = 1.0
_LINES_WEIGHTS = {1: 20.0, 2: 24.0, 3: 20.0, 4: 14.0, 5: 10.0, 6: 6.0, 7: 4.0, 8: 2.0}
_PIECES_WEIGHTS = {1: 64.0, 2: 22.0, 3: 8.0, 4: 4.0, 6: 2.0}
_STREETS = (
    "Лесная улица",
    "Садовая улица",
    "улица Чехова",
    "Новослободская улица",
    "Тверская улица",
    "Долгоруковская улица",
    "улица Гиляровского",
    "Сущёвская улица",
)
_HOUSES = 60
_FLATS = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """One customer's wish.

    Attributes:
        at_s: when he comes, since the beginning.
        number: from 0, in the order of coming.
        pick: 0 to 1: which of the known orders he means.
        customer_id: whose orders are listed, who places one.
        cart, address: of PlaceOrder only.
    """

    at_s: float
    number: int
    operation: Operation
    protocol: str
    pick: float
    customer_id: str
    cart: tuple[CartLine, ...] = ()
    address: Address | None = None


class Weighted(Generic[_ItemT]):
    """Items that are drawn as often as their weights say."""

    def __init__(self, weights: Mapping[_ItemT, float]) -> None:
        self._items = tuple(weights)
        self._bounds = tuple(accumulate(weights.values()))

    def draw(self, chance: Chance) -> _ItemT:
        at = bisect_right(self._bounds, chance.random() * self._bounds[-1])
        # Rounding may make the product the last bound itself.
        return self._items[min(at, len(self._items) - 1)]


def zipf(items: Sequence[_ItemT]) -> Weighted[_ItemT]:
    """The first item is drawn most; the n-th one n times less."""
    ranks = enumerate(items, 1)
    return Weighted({item: 1 / rank**_ZIPF_EXPONENT for rank, item in ranks})


def schedule(
    profile: Profile, rate: float, protocols: Sequence[str], skus: Sequence[str], chance: Chance
) -> Iterator[Arrival]:
    """All that will be asked for, without end; the same for the same chance.

    Args:
        skus: the best-selling one first.
    """
    operations = Weighted(OPERATION_WEIGHTS)
    ways = Weighted(
        {name: _REST_WEIGHT if name == "rest" else _PARTNER_WEIGHT for name in protocols}
    )
    customers = zipf([f"cus_traffic{number:04}" for number in range(_CUSTOMERS)])
    products = zipf(skus)
    for number, at_s in enumerate(arrivals(profile, rate, chance)):
        operation, protocol = operations.draw(chance), ways.draw(chance)
        customer_id, pick = customers.draw(chance), chance.random()
        arrival = Arrival(at_s, number, operation, protocol, pick, customer_id)
        yield _with_cart(arrival, products, chance) if operation is _PLACES else arrival


_PLACES = Operation.PLACE_ORDER
_LINES = Weighted(_LINES_WEIGHTS)
_PIECES = Weighted(_PIECES_WEIGHTS)


def _with_cart(arrival: Arrival, products: Weighted[str], chance: Chance) -> Arrival:
    blocked = chance.random() < _DECLINED_SHARE
    # Drawing a product twice makes no second line of it.
    skus = dict.fromkeys(products.draw(chance) for _ in range(_LINES.draw(chance)))
    return Arrival(
        arrival.at_s,
        arrival.number,
        arrival.operation,
        arrival.protocol,
        arrival.pick,
        arrival.customer_id + (_DECLINED if blocked else ""),
        tuple(CartLine(sku, _PIECES.draw(chance)) for sku in skus),
        Address(
            city="Москва",
            street=_STREETS[int(chance.random() * len(_STREETS))],
            house=str(1 + int(chance.random() * _HOUSES)),
            flat=str(1 + int(chance.random() * _FLATS)),
        ),
    )

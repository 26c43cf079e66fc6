"""Money as an integer of minor units: binary floating point cannot hold 0.10 roubles."""

from dataclasses import dataclass
from enum import StrEnum


class Currency(StrEnum):
    """ISO 4217 codes that the shop trades in."""

    RUB = "RUB"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (kopecks for RUB) of one currency."""

    amount_minor: int
    currency: Currency = Currency.RUB

    def __add__(self, other: "Money") -> "Money":
        if other.currency is not self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}: convert first")
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount_minor * times, self.currency)

    def __str__(self) -> str:
        sign = "-" if self.amount_minor < 0 else ""
        major, minor = divmod(abs(self.amount_minor), 100)
        return f"{sign}{major}.{minor:02d} {self.currency}"

"""The accounts that every new ledger begins with. Their balances are nothing."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.shop.payments.domain import Account
from stend.shop.payments.stores.tables import accounts

_TITLES = {
    Account.CARDS: ("Карты покупателей", "Customers' cards"),
    Account.HOLDS: ("Холды по картам", "Holds on cards"),
    Account.CLEARING: ("Клиринг банка", "Clearing of the bank"),
    Account.MERCHANT: ("Расчётный счёт Лавки", "Lavka's account"),
}


async def seed_accounts(connection: AsyncConnection) -> None:
    rows = [
        {"account": account, "title_ru": ru, "title_en": en}
        for account, (ru, en) in _TITLES.items()
    ]
    await connection.execute(insert(accounts).on_conflict_do_nothing(), rows)

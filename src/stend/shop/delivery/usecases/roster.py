"""The twenty couriers of the city, each of whom belongs to a store."""

from datetime import datetime

from stend.shop.delivery.domain.city import STORES
from stend.shop.delivery.domain.delivery import Courier
from stend.shop.delivery.domain.dispatching import Change
from stend.shop.delivery.ports import DeliveryBook

_NAMES = (
    ("Алексей Морозов", "Aleksey Morozov"),
    ("Мария Соколова", "Maria Sokolova"),
    ("Тимур Ахметов", "Timur Akhmetov"),
    ("Ольга Лебедева", "Olga Lebedeva"),
    ("Иван Кузнецов", "Ivan Kuznetsov"),
    ("Айгуль Сафина", "Aigul Safina"),
    ("Дмитрий Волков", "Dmitry Volkov"),
    ("Анна Зайцева", "Anna Zaitseva"),
    ("Георгий Аветисян", "Georgy Avetisyan"),
    ("Елена Павлова", "Elena Pavlova"),
    ("Руслан Галиев", "Ruslan Galiev"),
    ("Наталья Орлова", "Natalia Orlova"),
    ("Сергей Никитин", "Sergey Nikitin"),
    ("Дарья Белова", "Daria Belova"),
    ("Максим Фёдоров", "Maxim Fyodorov"),
    ("Софья Крылова", "Sofia Krylova"),
    ("Артём Громов", "Artyom Gromov"),
    ("Юлия Виноградова", "Yulia Vinogradova"),
    ("Павел Тихонов", "Pavel Tikhonov"),
    ("Лейла Мамедова", "Leyla Mamedova"),
)


SIZE = len(_NAMES)


async def hire_missing(book: DeliveryBook, now: datetime) -> None:
    """Adds those whom the book does not have; the others stay as they are."""
    homes = list(STORES.values())
    known = {one.courier_id for one in await book.couriers()}
    for number, (name_ru, name_en) in enumerate(_NAMES, 1):
        courier_id = f"cou_{number:02d}"
        if courier_id in known:
            continue
        home = homes[number % len(homes)]
        newcomer = Courier(
            courier_id=courier_id,
            name_ru=name_ru,
            name_en=name_en,
            home=home.store_id,
            free_spot=home.spot,
            free_at=now,
            queue=(),
            session=None,
            version=1,
        )
        # Another process may have been faster with the same courier, and that is as good.
        await book.commit(Change((), (newcomer,)))

"""The tests of the shop that run on real servers, too, and how the parity table names them."""

from stend.kit.languages import Text

# Below tests/, in the order of the docs.
SHOP = {
    "shop/orders/test_scenarios.py": Text(
        ru="Каждая операция по каждому протоколу, ответы сверены поле за полем",
        en="Every operation over every protocol, the answers compared field by field",
    ),
    "shop/orders/test_scenario_errors.py": Text(
        ru="Каждый отказ по каждому протоколу: код, слова, поля",
        en="Every refusal over every protocol: code, words, fields",
    ),
    "shop/test_whole_shop.py": Text(
        ru="Заказ проходит все сервисы, за ним следят по каждому протоколу",
        en="An order passes through all services and is followed over every protocol",
    ),
    "shop/orders/reconciliation/test_live.py": Text(
        ru="Сверка: у работающего магазина чисто, подделанное найдено",
        en="Reconciliation: a shop that works is clean, what was forged is found",
    ),
    "guarantees/test_saga_crashes.py": Text(
        ru="Сервисы убиты между любыми двумя commit или публикациями: деньги, товары, баллы "
        "сходятся",
        en="Services are killed between any two commits or publishes: money, goods, points balance",
    ),
}

"""What each part of the shop is for, and how far an engine may be trusted."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "label.real": Text("реальный", "real"),
    "label.emulated": Text("эмуляция", "emulated"),
    "label.subset": Text("подмножество", "subset"),
    "label.real.hint": Text(
        "Сам движок, а не его замена.",
        "The engine itself, not a replacement.",
    ),
    "label.emulated.hint": Text(
        "Наш сервер с протоколом движка: обычный клиент работает без изменений.",
        "Our server with the engine's protocol: a stock client works unchanged.",
    ),
    "label.subset.hint": Text(
        "Часть возможностей движка; на остальное он отвечает ошибкой протокола.",
        "Some of what the engine can do; it answers the rest with the protocol's error.",
    ),
    "part.catalog": Text(
        "Товары, цены, категории и поиск.",
        "Products, prices, categories and search.",
    ),
    "part.orders": Text(
        "Заказ от корзины до доставки. Хранит ключи идемпотентности.",
        "An order from the cart to the door. Keeps the idempotency keys.",
    ),
    "part.stock": Text(
        "Остатки и резервы на складах.",
        "Quantities and reservations in the dark stores.",
    ),
    "part.payments": Text(
        "Банк: авторизация, списание и возврат, книга с двойной записью.",
        "The bank: authorise, capture and refund, a double-entry ledger.",
    ),
    "part.loyalty": Text("Баллы и уровни покупателей.", "Points and levels of customers."),
    "part.delivery": Text(
        "Курьеры, маршруты и положения на карте.",
        "Couriers, routes and live positions.",
    ),
    "part.notifications": Text(
        "Подписки, шаблоны и попытки доставки уведомлений.",
        "Subscriptions, templates and attempts to deliver notifications.",
    ),
    "part.analytics": Text(
        "События в факты и измерения, витрины данных.",
        "Events into facts and dimensions, data marts.",
    ),
    "part.identity": Text(
        "Токены OAuth 2 для клиентов и партнёров, ключи подписи и области доступа.",
        "OAuth 2 tokens for clients and partners, signing keys and scopes.",
    ),
    "part.postgresql": Text(
        "Реляционная база: заказы и их outbox, остатки, платежи, подписки на уведомления.",
        "A relational database: orders and their outbox, stock, payments, subscriptions.",
    ),
    "part.mysql": Text("Реляционная база для баллов.", "A relational database for points."),
    "part.mongodb": Text("Документы каталога.", "The documents of the catalogue."),
    "part.redis": Text(
        "Ключи и значения в памяти: кэш, геоданные, потоки.",
        "Keys and values in memory: cache, geo data, streams.",
    ),
    "part.rabbitmq": Text(
        "Брокер AMQP 0-9-1: очереди команд и ответов.",
        "An AMQP 0-9-1 broker: queues of commands and replies.",
    ),
    "part.kafka": Text(
        "Журнал событий: топики, партиции, группы консьюмеров и смещения.",
        "A log of events: topics, partitions, consumer groups and offsets.",
    ),
    "part.nginx": Text(
        "Шлюз перед сервисами: TLS, маршруты, пределы.",
        "The gateway in front of the services: TLS, routes, limits.",
    ),
}

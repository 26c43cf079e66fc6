"""Settings of the services, and of the tokens that all of them check."""

from stend.kit.languages import Text
from stend.runtime import parsers
from stend.runtime.rows.row import Row

# Everybody knows it, so it is a secret on a demo stand only.
ORDERS_DEMO_SECRET = "orders-demo-secret"  # noqa: S105 - see above

SERVICE_ROWS: tuple[Row, ...] = (
    Row(
        "orders.database_url",
        "",
        parsers.postgresql_url,
        Text(
            ru="База сервиса orders; пусто — PostgreSQL стенда.",
            en="Database of the service orders; empty means the stand's PostgreSQL.",
        ),
    ),
    Row(
        "orders.rest_url",
        "",
        parsers.http_url,
        Text(
            ru="Где клиенты ищут REST сервиса orders; пусто — HTTP-порт стенда.",
            en="Where clients look for the REST of orders; empty means the stand's HTTP port.",
        ),
    ),
    Row(
        "orders.grpc_target",
        "",
        parsers.target,
        Text(
            ru="Где клиенты ищут gRPC сервиса orders; пусто — gRPC-порт стенда.",
            en="Where clients look for the gRPC of orders; empty means the stand's gRPC port.",
        ),
    ),
    Row(
        "orders.pool_size",
        "8",
        parsers.integer(1, 50),
        Text(
            ru="Соединений с базой на чтение и столько же на запись.",
            en="Connections to the database for reads, and as many again for writes.",
        ),
    ),
    Row(
        "orders.deadline_s",
        "5",
        parsers.seconds(0.05, 60),
        Text(
            ru="Сколько секунд даётся одной операции.",
            en="Seconds that one operation may take.",
        ),
    ),
    Row(
        "orders.body_limit_bytes",
        "1048576",
        parsers.integer(1024, 64 * 1024 * 1024),
        Text(
            ru="Наибольший размер тела запроса или сообщения gRPC, байт.",
            en="Largest request body or gRPC message, bytes.",
        ),
    ),
    Row(
        "orders.heartbeat_s",
        "5",
        parsers.seconds(0.05, 60),
        Text(
            ru="Как часто в молчащий поток SSE уходит комментарий.",
            en="How often a silent SSE stream sends a comment.",
        ),
    ),
    Row(
        "orders.stream_s",
        "300",
        parsers.seconds(0.1, 86_400),
        Text(
            ru="Через сколько секунд сервер закрывает поток SSE; клиент вернётся сам.",
            en="After how many seconds the server closes an SSE stream; the client comes back.",
        ),
    ),
    Row(
        "orders.sagas",
        "16",
        parsers.integer(0, 256),
        Text(
            ru="Сколько саг идёт одновременно; 0 — заказы здесь только принимаются, саги ведёт "
            "другой процесс.",
            en="How many sagas run at once; 0: orders are only taken here, and another process "
            "runs their sagas.",
        ),
    ),
    Row(
        "orders.instance",
        "",
        parsers.instance,
        Text(
            ru="Имя этого процесса среди нескольких orders на одной базе: по нему он после "
            "перезапуска узнаёт свои саги и своё место в группе Kafka. У каждого своё; пусто — "
            "orders-ПОРТ.",
            en="Name of this process among several of orders on one database: by it the process "
            "knows its sagas and its place in the group of Kafka after a restart. No two have the "
            "same; empty means orders-PORT.",
        ),
    ),
    Row(
        "orders.patience_s",
        "60",
        parsers.seconds(0.5, 3600),
        Text(
            ru="Сколько секунд сага повторяет один шаг, прежде чем признать заказ несостоявшимся.",
            en="For how many seconds a saga tries one step before the order fails.",
        ),
    ),
    Row(
        "orders.reconcile_every_s",
        "60",
        parsers.seconds(1, 86_400),
        Text(
            ru="Сколько секунд от одной сверки денег, товара, доставок и баллов до следующей; "
            "сверка идёт там же, где саги, и занимает не больше десятой доли времени.",
            en="Seconds from one reconciliation of money, goods, deliveries and points to the "
            "next; it runs where the sagas do, and takes a tenth of the time at most.",
        ),
    ),
    Row(
        "orders.client_secret",
        ORDERS_DEMO_SECRET,
        parsers.text,
        Text(
            ru="Секрет, с которым orders получает токены для вызова других сервисов. При "
            "auth.required нужен свой.",
            en="The secret with which orders gets the tokens for its calls of other services. "
            "auth.required needs one of your own.",
        ),
        is_secret=True,
    ),
    Row(
        "payments.url",
        "",
        parsers.http_url,
        Text(
            ru="Адрес банка (SOAP); пусто — HTTP-порт стенда.",
            en="Address of the bank (SOAP); empty means the stand's HTTP port.",
        ),
    ),
    Row(
        "loyalty.url",
        "",
        parsers.http_url,
        Text(
            ru="Адрес сервиса loyalty (JSON-RPC); пусто — HTTP-порт стенда.",
            en="Address of the service loyalty (JSON-RPC); empty means the stand's HTTP port.",
        ),
    ),
    Row(
        "delivery.grpc_target",
        "",
        parsers.target,
        Text(
            ru="Адрес сервиса delivery (gRPC); пусто — порт блока +2.",
            en="Address of the service delivery (gRPC); empty means port +2 of the block.",
        ),
    ),
    Row(
        "delivery.time_scale",
        "80",
        parsers.number(1, 10_000),
        Text(
            ru="Сколько секунд города проходит за одну секунду: при 80 заказ у двери через пять "
            "секунд после назначения курьера.",
            en="Seconds of the city in one second: with 80 an order is at the door five seconds "
            "after its courier was assigned.",
        ),
    ),
    Row(
        "auth.required",
        "false",
        parsers.switch,
        Text(
            ru="Отказывать вызовам без токена или ключа, а известных всем секретов и ключа для "
            "примера не признавать; false — вызов без токена делает покупатель для примера. "
            "Предъявленный токен проверяется всегда.",
            en="Refuse calls without a token or key, and know none of the demo secrets and the "
            "demo key; false: a call without one is made by the demo customer. A token that is "
            "presented is always checked.",
        ),
    ),
    Row(
        "auth.client_secrets",
        "",
        parsers.secrets("courier", "operator", "partner", "readonly", "traffic"),
        Text(
            ru="Секреты клиентов, name:secret через запятую. При auth.required других клиентов "
            "нет, кроме orders: его секрет — orders.client_secret.",
            en="Secrets of clients, name:secret separated by commas. With auth.required there are "
            "no other clients but orders, whose secret is orders.client_secret.",
        ),
        is_secret=True,
    ),
    Row(
        "auth.partner_keys",
        "",
        parsers.secrets(),
        Text(
            ru="Ключи API партнёров, name:secret через запятую; в запросе — ApiKey name.secret.",
            en="API keys of partners, name:secret separated by commas; a request says "
            "ApiKey name.secret.",
        ),
        is_secret=True,
    ),
    Row(
        "auth.url",
        "",
        parsers.http_url,
        Text(
            ru="Адрес, по которому выдаются токены и лежат ключи для их проверки; пусто — "
            "HTTP-порт стенда.",
            en="Where tokens are issued, and the keys to check them are; empty means the stand's "
            "HTTP port.",
        ),
    ),
    Row(
        "notifications.url",
        "",
        parsers.http_url,
        Text(
            ru="Адрес сервиса notifications (REST); пусто — HTTP-порт стенда.",
            en="Address of the service notifications (REST); empty means the stand's HTTP port.",
        ),
    ),
)

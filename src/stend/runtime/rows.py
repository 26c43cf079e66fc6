"""Every setting is one row: name, type, default, help. The rows make the tree and the docs."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stend.kit.languages import Text
from stend.runtime import parsers

SERVICES = (
    "orders",
    "catalog",
    "stock",
    "payments",
    "loyalty",
    "delivery",
    "notifications",
    "analytics",
    # Infrastructure beside the eight: it issues the tokens that all of them check.
    "identity",
)

# Everybody knows it, so it is a secret on a demo stand only.
ORDERS_DEMO_SECRET = "orders-demo-secret"  # noqa: S105 - see above


class EngineMode(StrEnum):
    EMBEDDED = "embedded"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Row:
    """One setting.

    Attributes:
        name: `section.key`, as in stend.toml; the environment has it as STEND_SECTION_KEY.
        default: as text, as a person would write it.
        parse: from text or a TOML value; raises ExpectedError with what was expected.
        is_secret: a wrong value is not shown to whoever is told of it.
    """

    name: str
    default: str
    parse: Callable[[Any], Any]
    help: Text
    is_secret: bool = False

    @property
    def variable(self) -> str:
        # The stand's own settings need no section: STEND_PORT_BASE reads better.
        path = self.name.removeprefix("stand.")
        return "STEND_" + path.replace(".", "_").upper()


ROWS: tuple[Row, ...] = (
    Row(
        "stand.host",
        "127.0.0.1",
        parsers.text,
        Text(
            ru="Адрес, на котором слушают все части стенда.",
            en="The address that every part of the stand listens on.",
        ),
    ),
    Row(
        "stand.port_base",
        "8000",
        parsers.integer(1024, 64_900),
        Text(
            ru="Первый порт блока: HTTP — он сам, gRPC — +1, движки — от +10 до +443; отвод "
            "каждого из них ещё на 100 выше.",
            en="First port of the block: HTTP is it, gRPC +1, engines from +10 to +443; the tap "
            "of each another 100 higher.",
        ),
    ),
    Row(
        "stand.state_dir",
        ".stend",
        parsers.path,
        Text(
            ru="Папка состояния: данные движков, журналы, файл процесса.",
            en="Folder of the state: engines' data, logs, the process file.",
        ),
    ),
    Row(
        "stand.engines",
        "embedded",
        parsers.one_of(EngineMode),
        Text(
            ru="embedded — движки стенда, кроме тех, чей адрес задан: это ваши серверы. external — "
            "все движки ваши, и адрес каждого должен быть задан.",
            en="embedded: engines of the stand, except for those whose address is set, which are "
            "yours. external: all of them are yours, and every address must be set.",
        ),
    ),
    Row(
        "stand.only",
        "",
        parsers.names_among(SERVICES),
        Text(
            ru="Какие сервисы запускать, через запятую; пусто — все.",
            en="Which services to start, separated by commas; empty means all.",
        ),
    ),
    Row(
        "stand.tap",
        "true",
        parsers.switch,
        Text(
            ru="Открыть отвод: второй порт у каждого адреса, больше на 100.",
            en="Open the tap: a second port at every address, higher by 100.",
        ),
    ),
    Row(
        "stand.allowed_hosts",
        "127.0.0.1,localhost,[::1]",
        parsers.names,
        Text(
            ru="Имена в заголовке Host, на которые отвечает HTTP-порт (защита от DNS rebinding); "
            "stand.host среди них всегда.",
            en="Names in the Host header that the HTTP port answers to (against DNS rebinding); "
            "stand.host is always among them.",
        ),
    ),
    Row(
        "postgresql.url",
        "",
        parsers.postgresql_url,
        Text(
            ru="Адрес вашего PostgreSQL; пусто — PostgreSQL стенда.",
            en="Address of a PostgreSQL of yours; empty means the stand's.",
        ),
    ),
    Row(
        "mysql.url",
        "",
        parsers.mysql_url,
        Text(
            ru="Адрес вашего MySQL или MariaDB; пусто — MySQL стенда.",
            en="Address of a MySQL or MariaDB of yours; empty means the stand's MySQL.",
        ),
    ),
    Row(
        "mongodb.url",
        "",
        parsers.mongodb_url,
        Text(
            ru="Адрес вашей MongoDB; пусто — MongoDB стенда. Отвода у неё нет: клиент уходит по "
            "адресам, которые называет набор реплик.",
            en="Address of a MongoDB of yours; empty means the stand's. It has no tap: clients go "
            "on at the addresses that the replica set tells.",
        ),
    ),
    Row(
        "mongodb.advertised_host",
        "",
        parsers.host,
        Text(
            ru="Имя, под которым клиенты находят MongoDB стенда (hosts в ответе hello); пусто — "
            "stand.host, а если там 0.0.0.0 — 127.0.0.1.",
            en="Name by which clients find the stand's MongoDB (hosts in the answer to hello); "
            "empty means stand.host, and 127.0.0.1 where that is 0.0.0.0.",
        ),
    ),
    Row(
        "mongodb.memory_limit_mb",
        "512",
        parsers.integer(16, 16_384),
        Text(
            ru="Сколько мегабайт документов и индексов держит MongoDB стенда; дальше запись "
            "отвергается с ошибкой.",
            en="Megabytes of documents and indexes that the stand's MongoDB holds; beyond them "
            "writes are refused with an error.",
        ),
    ),
    Row(
        "redis.url",
        "",
        parsers.redis_url,
        Text(
            ru="Адрес вашего Redis; пусто — Redis стенда.",
            en="Address of a Redis of yours; empty means the stand's.",
        ),
    ),
    Row(
        "amqp.url",
        "",
        parsers.amqp_url,
        Text(
            ru="Адрес вашего RabbitMQ; пусто — брокер стенда.",
            en="Address of a RabbitMQ of yours; empty means the stand's broker.",
        ),
    ),
    Row(
        "amqp.management_url",
        "",
        parsers.http_url,
        Text(
            ru="Адрес HTTP API управления вашего RabbitMQ; задаётся вместе с amqp.url.",
            en="Address of the management HTTP API of your RabbitMQ; set together with amqp.url.",
        ),
    ),
    Row(
        "amqp.memory_limit_mb",
        "128",
        parsers.integer(16, 4096),
        Text(
            ru="Сколько мегабайт сообщений держит брокер стенда; дальше он не принимает новых, "
            "пока место не освободится.",
            en="Megabytes of messages that the stand's broker holds; beyond them it takes no "
            "more until there is room again.",
        ),
    ),
    Row(
        "kafka.url",
        "",
        parsers.servers,
        Text(
            ru="Адрес вашей Kafka, как в bootstrap.servers, без TLS и SASL; пусто — брокер стенда. "
            "Отвода у неё нет: клиент уходит по адресам, которые она называет сама.",
            en="Address of a Kafka of yours, as in bootstrap.servers, without TLS and SASL; empty "
            "means the stand's broker. It has no tap: clients go on at the addresses that it "
            "tells.",
        ),
    ),
    Row(
        "kafka.advertised_host",
        "",
        parsers.host,
        Text(
            ru="Имя, под которым клиенты находят брокеры Kafka стенда (advertised.listeners); "
            "пусто — stand.host, а если там 0.0.0.0 — 127.0.0.1.",
            en="Name by which clients find the stand's Kafka brokers (advertised.listeners); empty "
            "means stand.host, and 127.0.0.1 where that is 0.0.0.0.",
        ),
    ),
    Row(
        "kafka.brokers",
        "1",
        parsers.number_among(1, 3),
        Text(
            ru="Сколько брокеров Kafka у стенда: один или три с репликами и выборами лидера.",
            en="How many Kafka brokers the stand has: one, or three with replicas and elections "
            "of leaders.",
        ),
    ),
    Row(
        "kafka.partitions",
        "1",
        parsers.integer(1, 100),
        Text(
            ru="Сколько партиций у топика, создатель которого не сказал, сколько их нужно "
            "(num.partitions).",
            en="How many partitions a topic gets whose creator did not say (num.partitions).",
        ),
    ),
    Row(
        "kafka.auto_create_topics",
        "true",
        parsers.switch,
        Text(
            ru="Появляется ли топик сам, когда его впервые назвал клиент "
            "(auto.create.topics.enable).",
            en="Whether a topic appears by itself when a client names it for the first time "
            "(auto.create.topics.enable).",
        ),
    ),
    Row(
        "kafka.rebalance_delay_ms",
        "100",
        parsers.integer(0, 60_000),
        Text(
            ru="Сколько миллисекунд пустая группа ждёт остальных участников, прежде чем делить "
            "партиции (group.initial.rebalance.delay.ms); у Kafka — 3000.",
            en="Milliseconds that an empty group waits for more members before it shares out the "
            "partitions (group.initial.rebalance.delay.ms); Kafka has 3000.",
        ),
    ),
    Row(
        "nginx.gateway",
        "true",
        parsers.switch,
        Text(
            ru="Запускать ли NGINX, шлюз перед HTTP и gRPC.",
            en="Whether to start NGINX, the gateway in front of HTTP and gRPC.",
        ),
    ),
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

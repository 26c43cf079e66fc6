"""The frozen tree of settings, parsed once from the rows.

Sources, the first wins: command line, environment, stend.toml, default. All errors are reported
at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stend.chassis.kafka_security import KafkaSecurity, SecurityProtocol
from stend.kit.languages import Text
from stend.runtime import parsers
from stend.runtime.rows import ORDERS_DEMO_SECRET, ROWS, SERVICES, EngineMode, Row

# What each address looks like that `engines = external` demands.
_EXTERNAL_EXAMPLES = {
    "postgresql.url": "postgresql://user:password@127.0.0.1:5432/lavka",
    "mysql.url": "mysql://user:password@127.0.0.1:3306/lavka",
    "mongodb.url": "mongodb://127.0.0.1:27017/lavka",
    "redis.url": "redis://127.0.0.1:6379/0",
    "amqp.url": "amqp://user:password@127.0.0.1:5672/",
    "kafka.url": "127.0.0.1:9092",
}

_HIDDEN = "…"

# Read by the bootstrap and by the command line before there are settings.
_OTHER_VARIABLES = frozenset({"STEND_ROOT", "STEND_LANG"})


class SettingsError(Exception):
    """One line per wrong setting: where it stands, its value, what was expected."""

    def __init__(self, problems: list[Text]) -> None:
        super().__init__("\n".join(problem.en for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class StandSettings:
    host: str
    port_base: int
    state_dir: Path
    engines: EngineMode
    only: tuple[str, ...]
    tap: bool
    allowed_hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TapSettings:
    ring_mb: int


@dataclass(frozen=True, slots=True)
class PostgresqlSettings:
    url: str


@dataclass(frozen=True, slots=True)
class MysqlSettings:
    url: str


@dataclass(frozen=True, slots=True)
class MongodbSettings:
    url: str
    advertised_host: str
    memory_limit_mb: int


@dataclass(frozen=True, slots=True)
class RedisSettings:
    url: str


@dataclass(frozen=True, slots=True)
class AmqpSettings:
    url: str
    management_url: str
    memory_limit_mb: int


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    url: tuple[str, ...]
    advertised_host: str
    brokers: int
    partitions: int
    auto_create_topics: bool
    rebalance_delay_ms: int
    security_protocol: SecurityProtocol
    sasl_username: str
    sasl_password: str
    ssl_ca_location: str

    @property
    def security(self) -> KafkaSecurity:
        return KafkaSecurity(
            self.security_protocol, self.sasl_username, self.sasl_password, self.ssl_ca_location
        )


@dataclass(frozen=True, slots=True)
class NginxSettings:
    gateway: bool


@dataclass(frozen=True, slots=True)
class OrdersSettings:
    database_url: str
    rest_url: str
    grpc_target: str
    pool_size: int
    deadline_s: float
    body_limit_bytes: int
    heartbeat_s: float
    stream_s: float
    sagas: int
    instance: str
    patience_s: float
    reconcile_every_s: float
    client_secret: str


@dataclass(frozen=True, slots=True)
class PaymentsSettings:
    url: str


@dataclass(frozen=True, slots=True)
class LoyaltySettings:
    url: str


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    grpc_target: str
    time_scale: float


@dataclass(frozen=True, slots=True)
class AuthSettings:
    required: bool
    url: str
    client_secrets: Mapping[str, str]
    partner_keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotificationsSettings:
    url: str


@dataclass(frozen=True, slots=True)
class TraceSettings:
    per_second: float
    burst: int
    kept: int
    kept_spans: int
    otlp_url: str


@dataclass(frozen=True, slots=True)
class Settings:
    stand: StandSettings
    tap: TapSettings
    postgresql: PostgresqlSettings
    mysql: MysqlSettings
    mongodb: MongodbSettings
    redis: RedisSettings
    amqp: AmqpSettings
    kafka: KafkaSettings
    nginx: NginxSettings
    orders: OrdersSettings
    payments: PaymentsSettings
    loyalty: LoyaltySettings
    delivery: DeliverySettings
    notifications: NotificationsSettings
    auth: AuthSettings
    trace: TraceSettings


def parse(
    command_line: Mapping[str, Any], environment: Mapping[str, str], file: Mapping[str, Any]
) -> Settings:
    """The frozen tree.

    Args:
        command_line: by row name, only what was given.
        environment: the whole environment.
        file: the parsed stend.toml, sections as tables.

    Raises:
        SettingsError: with every wrong value, unknown key and unknown STEND_ variable.
    """
    problems = [*_unknown_keys(file), *_unknown_variables(environment)]
    values: dict[str, Any] = {}
    for row in ROWS:
        source, raw = _raw(row, command_line, environment, file)
        try:
            values[row.name] = row.parse(raw)
        except parsers.ExpectedError as error:
            shown = _HIDDEN if row.is_secret else raw
            problems.append(_not_expected(source, shown, error.expected))
    if not problems:
        problems = [
            *_missing_for_external(values),
            *_useless(values),
            *_more_brokers(values),
            *_no_secret(values),
        ]
    if problems:
        raise SettingsError(problems)
    return Settings(
        StandSettings(**_section("stand", values)),
        TapSettings(**_section("tap", values)),
        PostgresqlSettings(**_section("postgresql", values)),
        MysqlSettings(**_section("mysql", values)),
        MongodbSettings(**_section("mongodb", values)),
        RedisSettings(**_section("redis", values)),
        AmqpSettings(**_section("amqp", values)),
        KafkaSettings(**_section("kafka", values)),
        NginxSettings(**_section("nginx", values)),
        OrdersSettings(**_section("orders", values)),
        PaymentsSettings(**_section("payments", values)),
        LoyaltySettings(**_section("loyalty", values)),
        DeliverySettings(**_section("delivery", values)),
        NotificationsSettings(**_section("notifications", values)),
        AuthSettings(**_section("auth", values)),
        TraceSettings(**_section("trace", values)),
    )


def _raw(
    row: Row,
    command_line: Mapping[str, Any],
    environment: Mapping[str, str],
    file: Mapping[str, Any],
) -> tuple[Text, Any]:
    section, key = row.name.split(".")
    if command_line.get(row.name) is not None:
        return _place("командная строка", "command line", row.name), command_line[row.name]
    if row.variable in environment:
        return _place("окружение", "environment", row.variable), environment[row.variable]
    table = file.get(section)
    if isinstance(table, Mapping) and key in table:
        return _place("stend.toml", "stend.toml", row.name), table[key]
    return _place("умолчание", "default", row.name), row.default


def _place(ru: str, en: str, name: str) -> Text:
    return Text(ru=f"{ru}, {name}", en=f"{en}, {name}")


def _not_expected(place: Text, raw: object, expected: Text) -> Text:
    return Text(
        ru=f"{place.ru}: {raw!r}, а ожидается {expected.ru}",
        en=f"{place.en}: {raw!r} is not {expected.en}",
    )


def _unknown_keys(file: Mapping[str, Any]) -> list[Text]:
    known = {row.name for row in ROWS}
    problems = []
    for section, table in file.items():
        if not isinstance(table, Mapping):
            problems.append(
                Text(
                    ru=f"stend.toml, {section}: ожидается [раздел] с ключами под ним",
                    en=f"stend.toml, {section}: expected a [section] with keys below it",
                )
            )
            continue
        names = (f"{section}.{key}" for key in table)
        problems += [_no_such("stend.toml", name) for name in names if name not in known]
    return problems


def _unknown_variables(environment: Mapping[str, str]) -> list[Text]:
    # A misspelt variable that is ignored would start another stand than the one that was meant.
    known = {row.variable for row in ROWS} | _OTHER_VARIABLES
    given = sorted(name for name in environment if name.startswith("STEND_"))
    return [_no_such("environment", name) for name in given if name not in known]


def _no_such(source: str, name: str) -> Text:
    russian = "окружение" if source == "environment" else source
    return Text(
        ru=f"{russian}, {name}: такой настройки нет; все перечислены в docs/settings.ru.md",
        en=f"{source}, {name}: no such setting; docs/settings.md lists them all",
    )


def _missing_for_external(values: Mapping[str, Any]) -> list[Text]:
    if values["stand.engines"] is not EngineMode.EXTERNAL:
        return []
    variables = {row.name: row.variable for row in ROWS}
    return [
        Text(
            ru=f"{name} не задан: при engines = external нужен адрес вашего сервера, "
            f"например {variables[name]}={example}",
            en=f"{name} is missing: engines = external needs the address of your server, "
            f"for example {variables[name]}={example}",
        )
        for name, example in _EXTERNAL_EXAMPLES.items()
        if not values[name]
    ]


def _useless(values: Mapping[str, Any]) -> list[Text]:
    # Obeyed by nobody, it would look as if the stand's own broker had moved there.
    if values["amqp.url"] or not values["amqp.management_url"]:
        return _unfit_for_kafka(values)
    return [
        *_unfit_for_kafka(values),
        Text(
            ru="amqp.management_url задан, а amqp.url нет: у брокера стенда свой адрес управления",
            en="amqp.management_url is set and amqp.url is not: the stand's broker has a "
            "management address of its own",
        ),
    ]


def _more_brokers(values: Mapping[str, Any]) -> list[Text]:
    if values["stand.engines"] is not EngineMode.DOCKER or values["kafka.brokers"] == 1:
        return []
    return [
        Text(
            ru=f"kafka.brokers = {values['kafka.brokers']}: в контейнерах брокер один; три — у "
            "встроенных движков",
            en=f"kafka.brokers = {values['kafka.brokers']}: there is one broker in containers; "
            "three are for embedded engines",
        )
    ]


def _unfit_for_kafka(values: Mapping[str, Any]) -> list[Text]:
    """What of its security contradicts the rest: nothing is sent in the clear by mistake."""
    protocol = values["kafka.security_protocol"]
    problems = []
    if protocol is not SecurityProtocol.PLAINTEXT and not values["kafka.url"]:
        problems.append(
            Text(
                ru=f"kafka.security_protocol — {protocol}, а kafka.url не задан: брокер стенда "
                "отвечает без TLS",
                en=f"kafka.security_protocol is {protocol} and kafka.url is not set: the stand's "
                "broker answers without TLS",
            )
        )
    with_sasl = protocol is SecurityProtocol.SASL_SSL
    problems += [
        _sasl_problem(name, protocol, missing=with_sasl)
        for name in ("kafka.sasl_username", "kafka.sasl_password")
        if bool(values[name]) is not with_sasl
    ]
    if values["kafka.ssl_ca_location"] and protocol is SecurityProtocol.PLAINTEXT:
        problems.append(
            Text(
                ru="kafka.ssl_ca_location задан, а kafka.security_protocol — PLAINTEXT: "
                "сертификатов там нет",
                en="kafka.ssl_ca_location is set and kafka.security_protocol is PLAINTEXT: there "
                "are no certificates",
            )
        )
    return problems


def _sasl_problem(name: str, protocol: SecurityProtocol, *, missing: bool) -> Text:
    if missing:
        return Text(
            ru=f"{name} не задан, а kafka.security_protocol — {protocol}",
            en=f"{name} is missing: kafka.security_protocol is {protocol}",
        )
    return Text(
        ru=f"{name} задан, а kafka.security_protocol — {protocol}: имя и пароль никому не нужны, "
        "ожидается SASL_SSL",
        en=f"{name} is set and kafka.security_protocol is {protocol}: nobody asks for it; expected "
        "SASL_SSL",
    )


def _no_secret(values: Mapping[str, Any]) -> list[Text]:
    known_to_all = values["orders.client_secret"] == ORDERS_DEMO_SECRET
    # Who neither asks for tokens with it nor issues them has no use for it.
    uses_it = {"orders", "identity"} & set(values["stand.only"] or SERVICES)
    if not (values["auth.required"] and known_to_all and uses_it):
        return []
    return [
        Text(
            ru="orders.client_secret известен всем: при auth.required нужен свой, например "
            "STEND_ORDERS_CLIENT_SECRET=длинная-случайная-строка",
            en="orders.client_secret is known to everybody: auth.required needs one of your own, "
            "for example STEND_ORDERS_CLIENT_SECRET=a-long-random-text",
        )
    ]


def _section(section: str, values: Mapping[str, Any]) -> dict[str, Any]:
    prefix = f"{section}."
    return {name.removeprefix(prefix): v for name, v in values.items() if name.startswith(prefix)}

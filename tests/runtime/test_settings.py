"""Every setting from every source, and every mistake at once."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from stend.chassis.kafka_security import SecurityProtocol
from stend.runtime.rows import ROWS, EngineMode, Row
from stend.runtime.settings import Settings, SettingsError, parse
from stend.runtime.sources import load_settings

SECRET = "sixteen-letters_"
# A valid value other than the default, as text and as the tree shows it.
CHANGES: dict[str, tuple[str, Any]] = {
    "stand.host": ("127.0.0.2", "127.0.0.2"),
    "stand.port_base": ("9000", 9000),
    "stand.state_dir": ("elsewhere", Path("elsewhere")),
    "stand.engines": ("external", EngineMode.EXTERNAL),
    "stand.only": ("orders", ("orders",)),
    "stand.tap": ("no", False),
    "tap.ring_mb": ("128", 128),
    "stand.allowed_hosts": ("a.example, b.example", ("a.example", "b.example")),
    "postgresql.url": ("postgresql://u:p@h:1/d", "postgresql://u:p@h:1/d"),
    "mysql.url": ("mysql://u:p@h:1/d", "mysql://u:p@h:1/d"),
    "mongodb.url": ("mongodb://u:p@a,b:1/d?x=1", "mongodb://u:p@a,b:1/d?x=1"),
    "mongodb.advertised_host": ("lavka.example", "lavka.example"),
    "mongodb.memory_limit_mb": ("64", 64),
    "redis.url": ("rediss://:p@h:1/2", "rediss://:p@h:1/2"),
    "amqp.url": ("amqps://u:p@h:1/shop", "amqps://u:p@h:1/shop"),
    "amqp.management_url": ("http://h:1/", "http://h:1"),
    "amqp.memory_limit_mb": ("64", 64),
    "kafka.url": ("h:1, [::1]:2", ("h:1", "[::1]:2")),
    "kafka.security_protocol": ("SASL_SSL", SecurityProtocol.SASL_SSL),
    "kafka.sasl_username": ("key", "key"),
    "kafka.sasl_password": ("secret", "secret"),
    "kafka.ssl_ca_location": ("ca.pem", "ca.pem"),
    "kafka.advertised_host": ("lavka.example", "lavka.example"),
    "kafka.brokers": ("3", 3),
    "kafka.partitions": ("6", 6),
    "kafka.auto_create_topics": ("no", False),
    "kafka.rebalance_delay_ms": ("3000", 3000),
    "nginx.gateway": ("off", False),
    "orders.database_url": ("postgresql://u:p@h:1/d", "postgresql://u:p@h:1/d"),
    "orders.rest_url": ("http://h:1/", "http://h:1"),
    "orders.grpc_target": ("h:1", "h:1"),
    "orders.pool_size": ("3", 3),
    "orders.deadline_s": ("0.5", 0.5),
    "orders.body_limit_bytes": ("2048", 2048),
    "orders.heartbeat_s": ("1", 1.0),
    "orders.stream_s": ("10", 10.0),
    "orders.sagas": ("0", 0),
    "orders.instance": ("orders-0", "orders-0"),
    "orders.patience_s": ("5", 5.0),
    "orders.reconcile_every_s": ("5", 5.0),
    "orders.client_secret": ("a-long-random-text", "a-long-random-text"),
    "payments.url": ("http://h:1/bank/", "http://h:1/bank"),
    "loyalty.url": ("http://h:1/rpc", "http://h:1/rpc"),
    "delivery.grpc_target": ("h:1", "h:1"),
    "delivery.time_scale": ("1", 1.0),
    "auth.required": ("yes", True),
    "auth.url": ("https://h:1", "https://h:1"),
    "auth.client_secrets": (
        f"traffic:{SECRET}, readonly:{SECRET}x",
        {"traffic": SECRET, "readonly": SECRET + "x"},
    ),
    "auth.partner_keys": (f"shop-1:{SECRET}", {"shop-1": SECRET}),
    "notifications.url": ("http://h:1", "http://h:1"),
    "trace.per_second": ("0", 0.0),
    "trace.burst": ("7", 7),
    "trace.kept": ("5", 5),
    "trace.kept_spans": ("500", 500),
    "trace.otlp_url": ("http://h:1", "http://h:1"),
}
_EXTERNAL = ("postgresql", "mysql", "mongodb", "redis", "amqp", "kafka")
# What `engines = external` cannot do without,
NEEDED = {
    "STEND_POSTGRESQL_URL": CHANGES["postgresql.url"][0],
    "STEND_MYSQL_URL": CHANGES["mysql.url"][0],
    "STEND_MONGODB_URL": CHANGES["mongodb.url"][0],
    "STEND_REDIS_URL": CHANGES["redis.url"][0],
    "STEND_AMQP_URL": CHANGES["amqp.url"][0],
    "STEND_KAFKA_URL": CHANGES["kafka.url"][0],
    # And what of Kafka's security makes sense together only,
    "STEND_KAFKA_SECURITY_PROTOCOL": CHANGES["kafka.security_protocol"][0],
    "STEND_KAFKA_SASL_USERNAME": CHANGES["kafka.sasl_username"][0],
    "STEND_KAFKA_SASL_PASSWORD": CHANGES["kafka.sasl_password"][0],
    # And `auth.required` without a secret that is one.
    "STEND_ORDERS_CLIENT_SECRET": CHANGES["orders.client_secret"][0],
}


def value_of(settings: Settings, name: str) -> Any:
    section, key = name.split(".")
    return asdict(settings)[section][key]


def problems(**sources: Any) -> list[str]:
    given: dict[str, Any] = {"command_line": {}, "environment": {}, "file": {}} | sources
    with pytest.raises(SettingsError) as caught:
        parse(**given)
    return [problem.en for problem in caught.value.problems]


def test_the_table_of_changes_knows_every_row() -> None:
    assert set(CHANGES) == {row.name for row in ROWS}


def test_every_default_is_valid_and_every_help_is_in_both_languages() -> None:
    parse({}, {}, {})
    assert all(row.help.ru and row.help.en and row.help.ru != row.help.en for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_changes_the_tree_from_every_source(row: Row) -> None:
    text, value = CHANGES[row.name]
    section, key = row.name.split(".")
    in_every_source: list[tuple[dict[str, Any], dict[str, str], dict[str, Any]]] = [
        ({row.name: text}, NEEDED, {}),
        ({}, NEEDED | {row.variable: text}, {}),
        ({}, NEEDED, {section: {key: text}}),
    ]
    for sources in in_every_source:
        assert value_of(parse(*sources), row.name) == value
    assert value_of(parse({}, NEEDED, {}), row.name) != value or row.variable in NEEDED


def test_the_command_line_beats_the_environment_beats_the_file_beats_the_default() -> None:
    name, variable = "stand.port_base", "STEND_PORT_BASE"
    file = {"stand": {"port_base": 9300}}
    assert parse({}, {}, {}).stand.port_base == 8000
    assert parse({}, {}, file).stand.port_base == 9300
    assert parse({}, {variable: "9200"}, file).stand.port_base == 9200
    assert parse({name: 9100}, {variable: "9200"}, file).stand.port_base == 9100
    assert parse({name: None}, {variable: "9200"}, file).stand.port_base == 9200


def test_all_mistakes_are_told_at_once_each_with_its_place_value_and_expectation() -> None:
    found = problems(
        command_line={"stand.port_base": 80},
        environment={"STEND_TAP": "maybe", "STEND_ORDERS_DEADLINE_S": "soon"},
        file={"orders": {"pool_size": 0, "colour": "red"}, "galaxy": {"a": 1}, "loose": 5},
    )
    assert len(found) == 7
    told = "\n".join(found)
    for expected in (
        "command line, stand.port_base: 80 is not a whole number from 1024 to 64900",
        "environment, STEND_TAP: 'maybe' is not true or false",
        "environment, STEND_ORDERS_DEADLINE_S: 'soon' is not seconds from 0.05 to 60",
        "stend.toml, orders.pool_size: 0 is not a whole number from 1 to 50",
        "stend.toml, orders.colour: no such setting",
        "stend.toml, galaxy.a: no such setting",
        "stend.toml, loose: expected a [section]",
    ):
        assert expected in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stand.port_base", "64901"),
        ("stand.port_base", "1023"),
        ("stand.port_base", "8000.5"),
        ("stand.port_base", True),
        ("stand.port_base", ""),
        ("stand.host", 5),
        ("stand.tap", "da"),
        ("stand.tap", 1),
        ("stand.engines", "podman"),
        ("stand.only", "orders,bakery"),
        ("stand.only", [1]),
        ("stand.allowed_hosts", 5),
        ("postgresql.url", "mysql://h/d"),
        ("mysql.url", "mysql://u:p@h/d?ssl-mode=PREFERRED"),
        ("mysql.url", "mysql://u:p@h/d?charset=utf8mb4"),
        ("mysql.url", "mysql://u:p@h/d?ssl-ca=ca.pem"),
        ("redis.url", "rediss://h/0?ssl_cert_reqs=none"),
        ("redis.url", "redis://h/0?ssl_ca_certs=ca.pem"),
        ("kafka.security_protocol", "SASL_PLAINTEXT"),
        ("postgresql.url", "postgresql://h"),
        ("postgresql.url", "postgresql://h:x/d"),
        ("postgresql.url", "postgresql://h:99999/d"),
        ("redis.url", "h:6379"),
        ("redis.url", "redis://"),
        ("redis.url", "redis://h/zero"),
        ("redis.url", "redis://h:0"),
        ("redis.url", "unix:///tmp/redis.sock"),
        ("amqp.url", "http://h"),
        ("amqp.url", "amqp:///"),
        ("amqp.url", "amqp://[h/"),
        ("amqp.management_url", "h:15672"),
        ("amqp.memory_limit_mb", "15"),
        ("amqp.memory_limit_mb", "4097"),
        ("kafka.url", "http://h:9092"),
        ("kafka.url", "kafka://h"),
        ("kafka.url", "h"),
        ("kafka.url", "h:0"),
        ("kafka.url", "h:9092,h:x"),
        ("kafka.url", "u@h:9092"),
        ("kafka.url", "h:9092/topic"),
        ("kafka.url", "::1:9092"),
        ("kafka.url", 9092),
        ("kafka.advertised_host", "h:9092"),
        ("kafka.advertised_host", "http://h"),
        ("kafka.advertised_host", "[::1]"),
        ("kafka.advertised_host", 5),
        ("kafka.brokers", "2"),
        ("kafka.brokers", "0"),
        ("kafka.brokers", "three"),
        ("kafka.brokers", True),
        ("kafka.partitions", "0"),
        ("kafka.auto_create_topics", "maybe"),
        ("kafka.rebalance_delay_ms", "-1"),
        ("nginx.gateway", "nginx"),
        ("orders.rest_url", "ftp://h"),
        ("orders.grpc_target", "h"),
        ("orders.grpc_target", ":1"),
        ("orders.grpc_target", "h:x"),
        ("orders.deadline_s", "nan"),
        ("orders.deadline_s", "0"),
        ("orders.deadline_s", [1]),
        ("orders.body_limit_bytes", 10**12),
        ("orders.sagas", "257"),
        ("orders.instance", "orders 0"),
        ("payments.url", "h:1"),
        ("delivery.grpc_target", "http://h:1"),
        ("delivery.time_scale", "0"),
        ("auth.required", "perhaps"),
        ("auth.client_secrets", "traffic"),
        ("auth.client_secrets", "traffic:short"),
        ("auth.client_secrets", f"stranger:{SECRET}"),
        ("auth.client_secrets", f"orders:{SECRET}"),
        ("auth.client_secrets", f"traffic:{SECRET},traffic:{SECRET}"),
        ("auth.client_secrets", {"traffic": SECRET}),
        ("auth.partner_keys", f"Partner:{SECRET}"),
        ("auth.partner_keys", f"partner:{SECRET}!"),
    ],
)
def test_a_wrong_value_is_told(name: str, value: Any) -> None:
    section, key = name.split(".")
    (told,) = problems(file={section: {key: value}})
    assert told.startswith(f"stend.toml, {name}: ")


def test_external_engines_need_every_address() -> None:
    told = problems(command_line={"stand.engines": "external"})
    assert len(told) == len(_EXTERNAL)
    names = [f"{engine}.url" for engine in _EXTERNAL]
    for line, name in zip(told, names, strict=True):
        assert f"{name} is missing" in line
        assert f"STEND_{name.replace('.', '_').upper()}=" in line
    given = {"STEND_REDIS_URL": "redis://h"}
    assert len(problems(command_line={"stand.engines": "external"}, environment=given)) == 5
    parse({"stand.engines": "external"}, NEEDED, {})


def test_an_address_of_kafka_may_look_like_a_url() -> None:
    assert parse({}, {"STEND_KAFKA_URL": "kafka://h:1,i:2"}, {}).kafka.url == ("h:1", "i:2")


def test_an_advertised_host_may_be_an_address_of_ipv6() -> None:
    assert parse({"kafka.advertised_host": "fe80::1"}, {}, {}).kafka.advertised_host == "fe80::1"


def test_a_management_address_without_its_broker_is_told() -> None:
    (told,) = problems(file={"amqp": {"management_url": "http://h:15672"}})
    assert "amqp.management_url is set and amqp.url is not" in told


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ({"security_protocol": "SSL"}, "kafka.url is not set"),
        ({"url": "h:1", "sasl_password": "p"}, "kafka.sasl_password is set"),
        ({"url": "h:1", "ssl_ca_location": "ca.pem"}, "there are no certificates"),
        (
            {"url": "h:1", "security_protocol": "SASL_SSL", "sasl_username": "key"},
            "kafka.sasl_password is missing",
        ),
    ],
)
def test_what_contradicts_itself_in_the_security_of_kafka_is_told(
    file: dict[str, str], said: str
) -> None:
    (told,) = problems(file={"kafka": file})
    assert said in told


def test_a_file_of_authorities_that_is_not_there_is_told_by_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEND_ROOT", str(tmp_path))
    missing = tmp_path / "ca.pem"
    monkeypatch.setenv("STEND_AMQP_URL", f"amqps://u:p@h/?cafile={missing}")
    monkeypatch.setenv("STEND_POSTGRESQL_URL", "postgresql://u:p@h/d?sslrootcert=system")
    with pytest.raises(SettingsError, match=r"amqp\.url, cafile: there is no file"):
        load_settings({})
    missing.write_text("-", encoding="utf-8")
    load_settings({})


def test_a_wrong_secret_is_not_shown() -> None:
    (told,) = problems(environment={"STEND_AUTH_CLIENT_SECRETS": "traffic:MySecret!"})
    assert "MySecret" not in told
    assert "STEND_AUTH_CLIENT_SECRETS: '…' is not name:secret" in told


def test_a_secret_that_everybody_knows_protects_nothing() -> None:
    (told,) = problems(command_line={"auth.required": True})
    assert "STEND_ORDERS_CLIENT_SECRET=" in told
    # Who neither issues tokens nor asks for them needs none.
    parse({"auth.required": True, "stand.only": "catalog,stock"}, {}, {})
    assert problems(command_line={"auth.required": True, "stand.only": "identity"})


def test_the_file_is_read_from_the_projects_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEND_ROOT", str(tmp_path))
    monkeypatch.delenv("STEND_PORT_BASE", raising=False)
    assert load_settings({}).stand.port_base == 8000
    (tmp_path / "stend.toml").write_text("[stand]\nport_base = 9000\n", encoding="utf-8")
    assert load_settings({}).stand.port_base == 9000


@pytest.mark.parametrize("content", [b"[stand", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_broken_file_is_told_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("STEND_ROOT", str(tmp_path))
    (tmp_path / "stend.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"stend\.toml cannot be read"):
        load_settings({})

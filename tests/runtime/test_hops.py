"""Which hops of a service have a tap."""

import pytest

from stend.chassis.kafka_security import KafkaSecurity, SecurityProtocol
from stend.portal.stand import NoTap
from stend.runtime.addresses import addresses_of
from stend.runtime.hops import inner_hops, no_tap_of, shown, shown_config, through
from stend.runtime.settings import parse


@pytest.mark.parametrize(
    ("host", "tapped"),
    [("127.0.0.1", 5), ("0.0.0.0", 5), ("::", 0), ("192.0.2.1", 0)],  # noqa: S104
)
def test_webhooks_are_tapped_where_the_taps_listen_beside_their_receivers(
    host: str, tapped: int
) -> None:
    addresses = addresses_of(parse({"stand.host": host}, {}, {}))
    hops = inner_hops(addresses, "notifications")
    ports = {name: 40_000 + number for number, name in enumerate(hops)}
    told = through(addresses, "notifications", ports)
    assert len(told.receiver_taps) == tapped
    assert {*told.receiver_taps} <= {*addresses.receiver_ports}
    assert not through(addresses, "orders", {}).receiver_taps


@pytest.mark.parametrize(
    ("wanted", "told"),
    [("", "?sslmode=allow"), ("?application_name=me", "?application_name=me&sslmode=allow")],
)
def test_a_server_that_offers_tls_unasked_is_spoken_to_in_plain_through_its_tap(
    wanted: str, told: str
) -> None:
    url = "postgresql://lavka:lavka@192.0.2.1:5432/shop"
    addresses = addresses_of(parse({"postgresql.url": url + wanted}, {}, {}))
    seen = through(addresses, "orders", {"postgresql": 40_000})
    at_the_tap = f"postgresql://lavka:lavka@127.0.0.1:40000/shop{told}"
    assert seen.orders_database_url == seen.database_of("orders") == at_the_tap


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://u:p@h/d", None),
        ("postgresql://u:p@h/d?sslmode=disable", None),
        ("postgresql://u:p@h/d?sslmode=require", NoTap.TLS),
        ("mysql://u:p@h/d?ssl-mode=DISABLED", None),
        ("mysql://u:p@h/d?ssl-mode=VERIFY_CA&ssl-ca=f", NoTap.TLS),
        ("mongodb://h/d?tls=false", None),
        ("mongodb://h/d?tls=true", NoTap.TLS),
        ("mongodb://h,i/d", NoTap.LEAVES),
        ("mongodb+srv://u:p@h/d", NoTap.TLS),
        ("rediss://h/0", NoTap.TLS),
        ("amqps://u:p@h/v", NoTap.TLS),
        ("https://h", NoTap.TLS),
    ],
)
def test_an_address_that_asks_for_tls_has_no_tap(url: str, why: NoTap | None) -> None:
    assert no_tap_of(url) is why


def test_services_go_to_engines_with_tls_past_the_taps() -> None:
    file = {
        "postgresql": {"url": "postgresql://u:p@h/d?sslmode=verify-full"},
        "redis": {"url": "rediss://h/0"},
        "amqp": {"url": "amqp://u:p@h/"},
    }
    addresses = addresses_of(parse({}, {}, file))
    hops = {name for name in inner_hops(addresses, "notifications") if "receiver" not in name}
    assert hops == {"amqp"}
    told = through(addresses, "notifications", {"amqp": 40_000})
    assert told.postgresql_url == file["postgresql"]["url"]


def test_passwords_of_addresses_with_tls_are_not_shown() -> None:
    assert shown("amqps://u:p@h:1/v") == "amqps://u:***@h:1/v"
    assert shown("postgresql://u:p@h/d?sslmode=require") == (
        "postgresql://u:***@h/d?sslmode=require"
    )
    assert shown("mongodb://u:p@a,b/d?tls=true") == "mongodb://u:***@a,b/d?tls=true"
    # What everybody knows is of use to whoever wants to connect.
    assert shown("amqp://lavka:lavka@127.0.0.1:8014/") == "amqp://lavka:lavka@127.0.0.1:8014/"
    config = shown_config(KafkaSecurity(SecurityProtocol.SASL_SSL, "key", "secret"))
    assert (config["sasl.username"], config["sasl.password"]) == ("key", "***")
    assert shown_config(KafkaSecurity()) == {}

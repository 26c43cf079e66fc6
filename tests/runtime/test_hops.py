"""Which hops of a service have a tap."""

import pytest

from stend.runtime.addresses import addresses_of
from stend.runtime.hops import inner_hops, through
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

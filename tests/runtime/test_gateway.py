"""Through NGINX the stand answers as on its own ports, and guards itself as there."""

import ssl
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import LiveStand


@pytest.fixture(params=["plain", "tls", "tapped", "tapped-tls"])
def http(request: pytest.FixtureRequest, live_stand: LiveStand) -> Iterator[httpx.Client]:
    """A client of the gateway, by each of its ways in."""
    offset = {"plain": 80, "tls": 443, "tapped": 180, "tapped-tls": 543}[request.param]
    scheme = "https" if "tls" in request.param else "http"
    trusted = ssl.create_default_context(cafile=str(live_stand.state / "nginx" / "tls" / "ca.pem"))
    url = f"{scheme}://127.0.0.1:{live_stand.port_base + offset}"
    with httpx.Client(base_url=url, verify=trusted, trust_env=False) as client:
        yield client


def test_portal_and_services_answer_through_the_gateway(
    http: httpx.Client, live_stand: LiveStand
) -> None:
    assert http.get("/stand/status").json()["port_base"] == live_stand.port_base
    assert "text/html" in http.get("/").headers["content-type"]
    assert http.get("/api/v1/orders").status_code == 200


@pytest.mark.parametrize(
    ("method", "headers", "refused"),
    [
        ("GET", {"Host": "localhost"}, False),
        ("GET", {"Host": "rebound.example"}, True),
        ("POST", {"Origin": "https://rebound.example"}, True),
    ],
)
def test_foreign_names_are_refused_through_the_gateway_too(
    http: httpx.Client, method: str, headers: dict[str, str], refused: bool
) -> None:
    answer = http.request(method, "/stand/status", headers=headers)
    assert (answer.status_code == 403) == refused


def test_a_page_of_the_gateway_may_send(http: httpx.Client) -> None:
    own = {"Origin": str(http.base_url).rstrip("/")}
    assert http.post("/api/v1/orders", headers=own, json={}).status_code != 403

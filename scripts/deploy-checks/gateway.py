"""The gateway, by a real NGINX before nine services: every protocol, TLS, the cache, limits."""

import functools
import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent import futures
from pathlib import Path

import gateway_calls
import grpc
import httpx
from gateway_calls import answered, channel_to, curl, expect, status_of
from gateway_page import the_page
from gateway_running import Gateway, Names, running, variables
from gateway_shop import ENGINES, addresses, shop_in_pieces
from tools import CheckError, Tool, run

from stend.engines.nginx.binaries import nginx_binary, version_of
from stend.runtime.services import PLANS

NAME = "gateway"
PACKAGES = ("curl", "gettext-base")
TOOLS: tuple[Tool, ...] = ()

_CATALOGUE = "/api/v1/catalog"
_MAX_AGE_S = 5
_AN_ORDER = "ord_00000000000000000000000000"
_HTTP_PORT = ENGINES + 700


def check() -> str:
    """
    Raises:
        CheckError: a template is not good, a protocol does not pass, or something is not as
            docs/gateway.md says.
    """
    with tempfile.TemporaryDirectory() as folder, Names() as names:
        home = Path(folder)
        run([sys.executable, "-m", "stend", "certificates", home / "tls"])
        ca = home / "tls" / "ca.pem"
        environment = {
            **variables(),
            **addresses(by_name=True),
            "NGINX_LOCAL_RESOLVERS": names.address,
            "GATEWAY_TLS": str(home / "tls"),
        }
        with running(home / "gateway", _at(home / "gateway", environment, 0)) as gateway:
            nobody_is_there(gateway)
            with shop_in_pieces(home / "shop"):
                names.tell()
                everybody_is_there(gateway)
                order_id = gateway_calls.orders_over_every_protocol(gateway)
                gateway_calls.grpc_of_both_services(gateway, ca, order_id)
                gateway_calls.paths_of_every_service(gateway)
                gateway_calls.other_services(gateway, ca, order_id)
                versions_of_http(gateway, ca)
                mutual_tls(gateway, ca)
                _on_gateways_of_their_own(home, environment, the_cache, the_page)
                guessing_of_secrets(gateway)
                strict = {"GATEWAY_RATE": "1r/m", "GATEWAY_BURST": "4", "GATEWAY_STREAMS": "2"}
                _on_gateways_of_their_own(home / "strict", {**environment, **strict}, limits)
    version = version_of(nginx_binary())
    return f"NGINX {version} passes every protocol of nine services, caches, limits, knows partners"


def _on_gateways_of_their_own(
    home: Path, environment: dict[str, str], *looks: Callable[[Gateway], None]
) -> None:
    """Each at one whose limits and cache nobody has used; all at once, as most of it is waiting."""
    # What is told at once: not every look may ask until names are found.
    told = {**environment, **addresses(by_name=False)}

    def look(place: int, what: Callable[[Gateway], None]) -> None:
        own = home / what.__name__
        with running(own, _at(own, told, 2 * (place + 1))) as gateway:
            what(gateway)

    with futures.ThreadPoolExecutor() as pool:
        for one in [pool.submit(look, *pair) for pair in enumerate(looks)]:
            one.result()


def _at(home: Path, environment: dict[str, str], offset: int) -> dict[str, str]:
    """A gateway on ports of its own, with a cache of its own."""
    return {
        **environment,
        "GATEWAY_HTTP_PORT": str(_HTTP_PORT + offset),
        "GATEWAY_HTTPS_PORT": str(_HTTP_PORT + offset + 1),
        "GATEWAY_CACHE": str(home / "cache"),
    }


def _status(gateway: Gateway, path: str) -> int:
    return httpx.get(gateway.url + path, trust_env=False, timeout=10).status_code


def _until(held: Callable[[], bool], what: str, within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not held():
        if time.monotonic() > deadline:
            raise CheckError(f"{what} after {within_s:g} s")
        # Slower than the strictest limit.
        time.sleep(0.25)


def nobody_is_there(gateway: Gateway) -> None:
    """It has started before any service, and says so of each."""
    answer = httpx.get(gateway.url + "/api/v1/orders", trust_env=False)
    told = (answer.status_code, answer.json()["code"], answer.headers["retry-after"])
    expect(told, (502, "unavailable", "1"), "a service that is not there yet")
    with channel_to(gateway, None) as channel:
        wanted = grpc.StatusCode.UNAVAILABLE
        expect(status_of(channel, _AN_ORDER), wanted, "gRPC of a service that is not there yet")
    expect(_status(gateway, "/.gateway/health"), 200, "the health of the gateway alone")


def everybody_is_there(gateway: Gateway) -> None:
    """Found while the gateway runs."""
    for plan in PLANS.values():
        for path in plan.paths[:1]:
            lost = f"{plan.name} is not found"
            _until(functools.partial(_is_found, gateway, path), lost)


def _is_found(gateway: Gateway, path: str) -> bool:
    return _status(gateway, path) not in {
        httpx.codes.BAD_GATEWAY,
        httpx.codes.TOO_MANY_REQUESTS,
    }


def versions_of_http(gateway: Gateway, ca: Path) -> None:
    for option, url, wanted in (
        ("--http2", gateway.https_url, "2"),
        ("--http1.1", gateway.https_url, "1.1"),
        ("--http2-prior-knowledge", gateway.url, "2"),
        ("--http1.1", gateway.url, "1.1"),
    ):
        told = curl(
            *(option, "--cacert", ca, "--output", "/dev/null", "--write-out", "%{http_version}"),
            f"{url}/api/v1/orders?limit=1",
        )
        expect(told, wanted, f"curl {option} {url}")


def mutual_tls(gateway: Gateway, ca: Path) -> None:
    path = "/partner/api/v1/orders?limit=1"
    status = ("--cacert", ca, "--output", "/dev/null", "--write-out", "%{http_code}")
    shown = ("--cert", ca.with_name("partner.pem"))
    expect(curl(*status, *shown, gateway.https_url + path), "200", "with a certificate")
    expect(curl(*status, gateway.https_url + path), "403", "without a certificate")
    expect(curl(*status, gateway.url + path), "403", "without TLS")
    of_a_server = ("--cert", ca.with_name("gateway.pem"))
    refused = json.loads(curl("--cacert", ca, *of_a_server, gateway.https_url + path))
    expect(refused["code"], "forbidden", "with the certificate of a server")


# ---- the cache -----------------------------------------------------------------------------------


def the_cache(gateway: Gateway) -> None:
    with httpx.Client(base_url=gateway.url + _CATALOGUE, trust_env=False) as client:
        first, second = client.get("/categories"), client.get("/categories")
        expect((_cache(first), _cache(second)), ("MISS", "HIT"), "the same shelves twice")
        same = [(one.content, one.headers["etag"], one.headers["date"]) for one in (first, second)]
        expect(same[0], same[1], "what the cache kept")
        known = client.get("/categories", headers={"If-None-Match": first.headers["etag"]})
        expect((known.status_code, _cache(known)), (304, "HIT"), "shelves that the client knows")
        for headers in ({"Authorization": "ApiKey x.y"}, {"Cache-Control": "no-store"}):
            answer = client.get("/categories", headers=headers)
            expect(_cache(answer), None, f"shelves with {headers}")
        foreign = client.get("/categories", headers={"Host": "rebound.example"})
        expect(foreign.status_code, 403, "shelves by a foreign name")
        expect(client.head("/categories").status_code, 405, "HEAD of shelves")
        _a_price_that_changes(client)


def _a_price_that_changes(client: httpx.Client) -> None:
    """Who reads through the cache sees it when the old answer is too old, and no later."""
    path, other = "/products/MILK-001", "/products/BRD-001"
    read = time.monotonic()
    before = client.get(path)
    client.get(other)
    expect(_cache(before), "MISS", "a product")
    price = {"amount_minor": before.json()["price"]["amount_minor"] + 100, "currency": "RUB"}
    headers = {"If-Match": before.headers["etag"], "Authorization": _operator(client)}
    changed = answered(lambda: client.put(f"{path}/price", json=price, headers=headers))
    expect(changed.status_code, 200, "a change of a price")
    told = client.get(path)
    if time.monotonic() < read + _MAX_AGE_S - 1:
        kept = (_cache(told), told.content)
        expect(kept, ("HIT", before.content), "a product whose price has just changed")
    _until(
        lambda: client.get(path).json()["price"] == price,
        "the new price is not seen",
        _MAX_AGE_S + 5,
    )
    again = client.get(other)
    expect(_cache(again), "REVALIDATED", "a product that has not changed, when its time is over")
    fresh = client.get(path, headers={"Cache-Control": "no-cache"})
    expect(_cache(fresh), "BYPASS", "a product for who wants it fresh")
    expect(_cache(client.get(path)), "HIT", "a product after who wanted it fresh")


def _operator(client: httpx.Client) -> str:
    answer = client.post(
        f"{client.base_url.copy_with(path='/oauth/token')}",
        data={"grant_type": "client_credentials"},
        auth=("operator", "operator-demo-secret"),
    )
    return f"Bearer {answer.json()['access_token']}"


def _cache(answer: httpx.Response) -> str | None:
    status: str | None = answer.headers.get("x-cache-status")
    return status


# ---- limits --------------------------------------------------------------------------------------


def guessing_of_secrets(gateway: Gateway) -> None:
    """More often refused than the rest of the shop is."""
    codes = _codes(gateway, "/oauth/jwks", 100)
    expect((codes[0], codes[-1]), ("200", "429"), "a hundred questions to identity")
    expect(_status(gateway, "/api/v1/orders?limit=1"), 200, "another service meanwhile")


def _codes(gateway: Gateway, path: str, count: int) -> list[str]:
    # curl takes [1-N] apart, and sends no fragment.
    url = f"{gateway.url}{path}#[1-{count}]"
    return curl("--output", "/dev/null", "--write-out", "%{http_code}\n", url).split()


def limits(gateway: Gateway) -> None:
    """One request a minute, four at once, two under way: nothing here depends on time."""
    with httpx.Client(base_url=gateway.url, trust_env=False) as client:
        path = "/api/v1/notifications/stream?customer_id=cus_0042"
        with client.stream("GET", path), client.stream("GET", path):
            _refused(client.get(path), "a third stream")
    codes = _codes(gateway, "/api/v1/orders?limit=1", 4)
    expect(codes, ["200", "200", "429", "429"], "more requests than are allowed")
    answer = httpx.get(gateway.url + "/api/v1/orders", trust_env=False)
    _refused(answer, "one more")
    with channel_to(gateway, None) as channel:
        wanted = grpc.StatusCode.RESOURCE_EXHAUSTED
        expect(status_of(channel, _AN_ORDER), wanted, "one more over gRPC")
    expect(_status(gateway, "/.gateway/health"), 200, "the health of the gateway")


def _refused(answer: httpx.Response, what: str) -> None:
    kind = answer.headers["content-type"]
    told = (answer.status_code, kind, answer.json()["code"], answer.headers["retry-after"])
    expect(told, (429, "application/problem+json", "overloaded", "1"), what)

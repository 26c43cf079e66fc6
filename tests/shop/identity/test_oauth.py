"""The endpoints as a client meets them, each answer measured against openapi.yaml."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import jsonschema_rs
import pytest
import yaml
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR
from starlette.routing import Route

from stend.chassis.access import CUSTOMER_SCOPES, JwtAccess
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.identity.api.oauth import faults
from stend.shop.identity.api.oauth.server import OAuthServer, contract
from stend.shop.identity.domain import ALL_SCOPES, CLIENTS, DEMO_CUSTOMER, IdentityErrorCode
from stend.shop.identity.service import IdentityConfig, IdentityService, shop_access
from stend.shop.orders.api.forms import rest_form
from stend.shop.orders.usecases import Operation
from tests.fakes.orders import CountingIds, HandClock
from tests.shop.identity.conftest import URL

OPENAPI: dict[str, Any] = yaml.safe_load(contract())
DEMO = {"grant_type": "urn:lavka:grant:demo", "user": "cus_1"}
CLIENT = {
    "grant_type": "client_credentials",
    "client_id": "orders",
    "client_secret": "orders-demo-secret",
}


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        pointer = node["$ref"]
        node = OPENAPI
        for name in pointer.removeprefix("#/").split("/"):
            node = node[name]
    return node


def checked(response: httpx.Response) -> dict[str, Any]:
    """The body, after status, media type, headers and body were found in the contract."""
    request = response.request
    spec = OPENAPI["paths"][request.url.path][request.method.lower()]
    told = resolved(spec["responses"][str(response.status_code)])
    for name, header in told.get("headers", {}).items():
        value = response.headers[name]
        jsonschema_rs.validate(resolved(header)["schema"], value)
    media_type = response.headers["content-type"]
    schema = {**told["content"][media_type]["schema"], "components": OPENAPI["components"]}
    body: dict[str, Any] = response.json()
    jsonschema_rs.validate(schema, body)
    return body


async def token_of(http: httpx.AsyncClient, **form: str) -> str:
    token: str = checked(await http.post("/oauth/token", data=form))["access_token"]
    return f"Bearer {token}"


def allowed(access: JwtAccess, credential: str) -> set[str]:
    """The scopes with which a service lets this credential in."""
    scopes = set()
    for scope in ALL_SCOPES:
        try:
            access.allow(scope, credential)
            scopes.add(scope)
        except StendError as error:
            if error.code is not EdgeErrorCode.FORBIDDEN:
                raise
    return scopes


def test_contract_is_valid_and_whole() -> None:
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(OPENAPI)] == []
    enum = OPENAPI["components"]["schemas"]["Error"]["properties"]["error"]["enum"]
    assert set(enum) == {fault.error for fault in faults.FAULTS.values()}
    clients = OPENAPI["components"]["schemas"]["ClientGrant"]["properties"]["client_id"]["enum"]
    assert clients == list(CLIENTS)


def test_routes_are_those_of_the_contract(identity: IdentityService) -> None:
    app = OAuthServer(
        identity._identity, shop_access(identity._config, HandClock(), True), URL, True, 1
    ).app()
    paths = {route.path for route in app.routes if isinstance(route, Route)}
    assert paths == set(OPENAPI["paths"]) | {"/oauth/openapi.yaml"}
    for path in paths:
        assert any(path.startswith(prefix) for prefix in identity.http)


def test_every_code_has_its_fault() -> None:
    assert set(faults.FAULTS) == set(EdgeErrorCode) | set(IdentityErrorCode)


@pytest.mark.parametrize("client_id", CLIENTS)
async def test_client_gets_all_that_it_may(
    http: httpx.AsyncClient, access: JwtAccess, client_id: str
) -> None:
    answer = await http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client_id, CLIENTS[client_id].demo_secret),
    )
    body = checked(answer)
    assert body["token_type"] == "Bearer"
    assert set(body["scope"].split(" ")) == CLIENTS[client_id].scopes
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert allowed(access, f"Bearer {body['access_token']}") == CLIENTS[client_id].scopes


async def test_client_gets_less_when_it_asks_for_less(
    http: httpx.AsyncClient, access: JwtAccess
) -> None:
    credential = await token_of(http, **CLIENT, scope="stock:read payments:read")
    assert allowed(access, credential) == {"stock:read", "payments:read"}


async def test_customer_of_a_demo_stand(http: httpx.AsyncClient, access: JwtAccess) -> None:
    credential = await token_of(http, **DEMO)
    assert access.allow("orders:read", credential).subject == "cus_1"
    assert allowed(access, credential) == CUSTOMER_SCOPES


async def test_empty_fields_count_as_left_out_and_unknown_ones_are_ignored(
    http: httpx.AsyncClient, access: JwtAccess
) -> None:
    # RFC 6749, section 3.2.
    credential = await token_of(http, **DEMO, scope="", audience="urn:other")
    assert allowed(access, credential) == CUSTOMER_SCOPES


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RIGHT = basic("orders:orders-demo-secret")


async def test_id_and_secret_are_form_encoded_inside_of_basic(http: httpx.AsyncClient) -> None:
    headers = {**FORM, "Authorization": basic("%6frders:orders%2Ddemo-secret")}
    answer = await http.post(
        "/oauth/token", content="grant_type=client_credentials", headers=headers
    )
    checked(answer)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "authorization", "error"),
    [
        ("", None, "invalid_request"),
        ("scope=a", RIGHT, "invalid_request"),
        ("grant_type=", RIGHT, "invalid_request"),
        ("grant_type", RIGHT, "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", RIGHT, "invalid_request"),
        ("grant_type=client_credentials&scope=a&scope=b", RIGHT, "invalid_request"),
        ("grant_type=client_credentials&%FF=1", RIGHT, "invalid_request"),
        ("grant_type=client_credentials&я=1", RIGHT, "invalid_request"),
        ("&".join(f"f{number}=1" for number in range(40)), RIGHT, "invalid_request"),
        ("grant_type=client_credentials&client_secret=x", RIGHT, "invalid_request"),
        ("grant_type=client_credentials&client_id=partner", RIGHT, "invalid_request"),
        ("grant_type=authorization_code&code=1", RIGHT, "unsupported_grant_type"),
        ("grant_type=%ED%A0%80", RIGHT, "invalid_request"),
        ("grant_type=password&username=a&password=b", None, "unsupported_grant_type"),
        ("grant_type=client_credentials", None, "invalid_client"),
        ("grant_type=client_credentials", "Bearer x", "invalid_client"),
        ("grant_type=client_credentials", "Basic !", "invalid_client"),
        ("grant_type=client_credentials", basic("orders"), "invalid_client"),
        ("grant_type=client_credentials", basic("orders:wrong"), "invalid_client"),
        ("grant_type=client_credentials", basic("nobody:"), "invalid_client"),
        ("grant_type=client_credentials&client_id=orders", None, "invalid_client"),
        ("grant_type=client_credentials&client_id=orders&client_secret=x", None, "invalid_client"),
        ("grant_type=client_credentials&scope=orders:write", RIGHT, "invalid_scope"),
        ("grant_type=client_credentials&scope=stock:read++stock:write", RIGHT, "invalid_scope"),
        ("grant_type=client_credentials&scope=%22", RIGHT, "invalid_scope"),
        ("grant_type=urn:lavka:grant:demo", None, "invalid_request"),
        ("grant_type=urn:lavka:grant:demo&user=cus_1", RIGHT, "invalid_request"),
        ("grant_type=urn:lavka:grant:demo&user=cus_1&client_secret=x", None, "invalid_request"),
        ("grant_type=urn:lavka:grant:demo&user=orders", None, "invalid_grant"),
        ("grant_type=urn:lavka:grant:demo&user=cus_%0A", None, "invalid_grant"),
        ("grant_type=urn:lavka:grant:demo&user=cus_1&scope=payments:read", None, "invalid_scope"),
    ],
)
async def test_refusals(
    http: httpx.AsyncClient, body: str, authorization: str | None, error: str
) -> None:
    headers = FORM if authorization is None else {**FORM, "Authorization": authorization}
    answer = await http.post("/oauth/token", content=body, headers=headers)
    told = checked(answer)
    assert told["error"] == error
    assert answer.headers["cache-control"] == "no-store"
    assert "secret" not in told.get("scope", "")
    # RFC 6749, section 5.2: a description is ASCII without quotes and backslashes.
    assert all(" " <= letter <= "~" and letter not in '"\\' for letter in told["error_description"])
    assert ("www-authenticate" in answer.headers) is (error == "invalid_client")


async def test_wrong_secret_and_unknown_client_are_told_alike(http: httpx.AsyncClient) -> None:
    form = {"grant_type": "client_credentials"}
    wrong = await http.post("/oauth/token", data=form, auth=("orders", "x"))
    unknown = await http.post("/oauth/token", data=form, auth=("ordera", "x"))
    assert wrong.text == unknown.text.replace("ordera", "orders")


async def test_body_is_a_form_of_bounded_size(http: httpx.AsyncClient) -> None:
    answer = await http.post("/oauth/token", json=DEMO)
    assert checked(answer)["error"] == "invalid_request"
    assert answer.status_code == 415
    answer = await http.post("/oauth/token", content=b"a=" + b"x" * 20_000, headers=FORM)
    assert checked(answer)["error"] == "invalid_request"
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/oauth/token", 405), ("POST", "/oauth/jwks", 405), ("GET", "/oauth/authorize", 404)],
)
async def test_other_methods_and_paths(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await http.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"] == "invalid_request"
    assert ("allow" in answer.headers) is (status == 405)


async def test_metadata(http: httpx.AsyncClient) -> None:
    told = checked(await http.get("/.well-known/oauth-authorization-server"))
    assert told["issuer"] == URL
    for address in (told["token_endpoint"], told["jwks_uri"]):
        assert address.removeprefix(URL) in OPENAPI["paths"]
    assert set(told["scopes_supported"]) == ALL_SCOPES


async def test_published_keys_are_public(http: httpx.AsyncClient) -> None:
    answer = await http.get("/oauth/jwks")
    keys = checked(answer)["keys"]
    assert len(keys) == 2
    assert "max-age=60" in answer.headers["cache-control"]


# ---- rotation ----------------------------------------------------------------------------------


async def rotated(http: httpx.AsyncClient) -> str:
    headers = {"Authorization": await operator(http)}
    kid: str = checked(await http.post("/oauth/keys/rotation", headers=headers))["kid"]
    return kid


async def operator(http: httpx.AsyncClient) -> str:
    client = {"client_id": "operator", "client_secret": "operator-demo-secret"}
    return await token_of(http, grant_type="client_credentials", **client)


async def kids(http: httpx.AsyncClient) -> list[str]:
    return [key["kid"] for key in checked(await http.get("/oauth/jwks"))["keys"]]


async def test_rotation_breaks_no_token(
    http: httpx.AsyncClient, access: JwtAccess, clock: HandClock
) -> None:
    before = await token_of(http, **DEMO)
    first, second = await kids(http)
    assert await rotated(http) == second
    assert (await kids(http))[0] == second
    assert first in await kids(http)
    after = await token_of(http, **DEMO)
    for credential in (before, after):
        assert access.allow("orders:read", credential).subject == "cus_1"
    # The former key leaves when the last token that it signed has expired.
    clock.pass_by(timedelta(seconds=3661))
    assert first not in await kids(http)


async def test_rotation_is_for_the_operator(http: httpx.AsyncClient) -> None:
    answer = await http.post("/oauth/keys/rotation")
    assert checked(answer)["error"] == "invalid_token"
    assert answer.headers["www-authenticate"] == 'Bearer realm="lavka"'
    headers: Mapping[str, str] = {"Authorization": await token_of(http, **CLIENT)}
    answer = await http.post("/oauth/keys/rotation", headers=headers)
    assert checked(answer)["error"] == "insufficient_scope"
    assert 'scope="identity:write"' in answer.headers["www-authenticate"]


# ---- demo and not ------------------------------------------------------------------------------


def test_the_demo_customer_is_the_one_of_the_contracts_examples() -> None:
    examples = {field.path: field.example for field in rest_form(Operation.PLACE_ORDER)}
    assert examples["customer_id"] == DEMO_CUSTOMER


async def test_demo_credentials_work(identity: IdentityService, access: JwtAccess) -> None:
    shown = identity.demo_credentials()
    assert {one.subject for one in shown} == {DEMO_CUSTOMER, *CLIENTS, "partner-demo"}
    for one in shown:
        assert allowed(access, one.credential) == set(one.scopes)


async def test_stand_that_is_no_demo_knows_only_its_own_secrets(
    config: IdentityConfig, clock: HandClock
) -> None:
    config = replace(
        config,
        demo=False,
        client_secrets={"orders": "a-secret-of-its-own"},
        partner_keys={"shop": "0123456789abcdef"},
    )
    access = shop_access(config, clock, required=True)
    identity = IdentityService(config, clock, CountingIds(), access)
    await identity.start()
    assert identity.demo_credentials() == ()
    transport = httpx.ASGITransport(identity.http["/oauth"])
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        for form, error in (
            (DEMO, "unsupported_grant_type"),
            (CLIENT, "invalid_client"),
            ({**CLIENT, "client_id": "operator"}, "invalid_client"),
        ):
            assert checked(await http.post("/oauth/token", data=form))["error"] == error
        credential = await token_of(http, **{**CLIENT, "client_secret": "a-secret-of-its-own"})
        assert "stock:read" in allowed(access, credential)
        told = checked(await http.get("/.well-known/oauth-authorization-server"))
        assert told["grant_types_supported"] == ["client_credentials"]
    assert "orders:read" in allowed(access, "ApiKey shop.0123456789abcdef")
    with pytest.raises(StendError, match="not valid"):
        access.allow("orders:read", "ApiKey partner-demo.lavka-partner-demo-key")

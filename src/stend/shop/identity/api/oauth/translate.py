"""Forms of OAuth 2.0 to use-case inputs, and their results to JSON. Pure."""

import base64
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from stend.chassis.access import write_scopes
from stend.kit.errors import EdgeErrorCode, StendError, Violation
from stend.kit.json import JsonObject, JsonValue
from stend.shop.identity.domain import ALL_SCOPES, GrantType, IdentityErrorCode
from stend.shop.identity.usecases import ClientGrant, DemoGrant, IssuedToken

FORM_MEDIA_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 32


def grant_from(body: bytes, authorization: str | None) -> ClientGrant | DemoGrant:
    """
    Args:
        body: the form.
        authorization: the header, `Basic …` or None.

    Raises:
        StendError: MALFORMED_MESSAGE, INVALID_ARGUMENT, INVALID_CLIENT, UNSUPPORTED_GRANT_TYPE.
    """
    form = _form(body)
    match form.get("grant_type"):
        case GrantType.CLIENT_CREDENTIALS:
            client_id, secret = _client_of(form, authorization)
            return ClientGrant(client_id, secret, form.get("scope"))
        case GrantType.DEMO:
            return _demo_grant(form, authorization)
        case None:
            raise _invalid("/grant_type", "required")
        case other:
            raise StendError(
                IdentityErrorCode.UNSUPPORTED_GRANT_TYPE,
                "The grant type is not one of this server.",
                value=ascii(other[:64]),
                expected=" or ".join(GrantType),
                next_step="/.well-known/oauth-authorization-server lists the grant types.",
            )


def token_to_json(token: IssuedToken) -> JsonObject:
    """RFC 6749, section 5.1."""
    return {
        "access_token": token.access_token,
        "token_type": "Bearer",
        "expires_in": token.expires_in_s,
        "scope": write_scopes(token.scopes),
    }


def metadata_to_json(issuer: str, demo: bool) -> JsonObject:
    """RFC 8414, section 2. There is no authorization endpoint, so no response type."""
    grants: list[JsonValue] = [GrantType.CLIENT_CREDENTIALS.value]
    methods: list[JsonValue] = ["client_secret_basic", "client_secret_post"]
    if demo:
        grants.append(GrantType.DEMO.value)
        methods.append("none")
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "scopes_supported": list[JsonValue](sorted(ALL_SCOPES)),
        "response_types_supported": [],
        "grant_types_supported": grants,
        "token_endpoint_auth_methods_supported": methods,
    }


def _form(body: bytes) -> Mapping[str, str]:
    """The fields that have a value: the others count as left out (RFC 6749, section 3.2)."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise StendError(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The body is not a form.",
            value=ascii(str(error))[:100],
            expected=f"{FORM_MEDIA_TYPE}, at most {_MOST_FIELDS} fields, text in UTF-8",
            next_step="Send grant_type=client_credentials&scope=… as the body.",
        ) from None
    names = [name for name, _ in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise _invalid("/" + ascii(twice[0]).strip("'\"")[:64], "once at most")
    return {name: value for name, value in pairs if value}


def _client_of(form: Mapping[str, str], authorization: str | None) -> tuple[str, str]:
    """RFC 6749, section 2.3.1."""
    if authorization is not None:
        if "client_secret" in form:
            raise _invalid("/client_secret", "one way to authenticate, not two (section 2.3)")
        client_id, secret = _basic(authorization)
        if form.get("client_id", client_id) != client_id:
            raise _invalid("/client_id", "the client of the header Authorization, or nothing")
        return client_id, secret
    if "client_id" not in form or "client_secret" not in form:
        raise _unproven(
            "The client does not authenticate.",
            "the header Authorization: Basic …, or client_id and client_secret in the form",
        )
    return form["client_id"], form["client_secret"]


def _basic(authorization: str) -> tuple[str, str]:
    """RFC 7617; id and secret are form-encoded before they are joined (RFC 6749, 2.3.1)."""
    scheme, _, text = authorization.partition(" ")
    expected = "Basic and base64 of client_id:client_secret"
    if scheme.lower() != "basic":
        raise _unproven("The client authenticates with another scheme.", expected)
    try:
        joined = base64.b64decode(text.strip(), validate=True).decode("utf-8")
    except ValueError:
        joined = ""
    client_id, colon, secret = joined.partition(":")
    if not colon:
        raise _unproven("The header Authorization is malformed.", expected)
    return unquote_plus(client_id), unquote_plus(secret)


def _demo_grant(form: Mapping[str, str], authorization: str | None) -> DemoGrant:
    if authorization is not None or "client_secret" in form:
        raise _invalid("/grant_type", "no secret: nobody authenticates with the demo grant")
    if "user" not in form:
        raise _invalid("/user", "required: cus_ and up to 32 letters and digits")
    return DemoGrant(form["user"], form.get("scope"))


def _unproven(what: str, expected: str) -> StendError:
    return StendError(
        IdentityErrorCode.INVALID_CLIENT,
        what,
        expected=expected,
        next_step="The README of the service identity lists the clients of a demo stand.",
    )


def _invalid(where: str, rule: str) -> StendError:
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        "A field of the form breaks a rule.",
        value=where,
        expected=rule,
        next_step="Correct the field; the contract is openapi.yaml of the service identity.",
        violations=(Violation(where, rule),),
    )

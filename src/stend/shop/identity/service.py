"""The token service as one part of the stand, and the access that its tokens give to the others."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import ASGIApp

from stend.chassis.access import Access, ApiKey, ApiKeys, JwtAccess, hash_secret
from stend.chassis.tokens import TokenRules, TokenVerifier
from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.kit.languages import Text
from stend.shop.identity.api.oauth.server import PATH_PREFIXES, OAuthServer
from stend.shop.identity.domain import (
    CLIENTS,
    DEMO_API_KEY_PREFIX,
    DEMO_API_KEY_SECRET,
    DEMO_CUSTOMER,
)
from stend.shop.identity.stores.keys import KeyFile
from stend.shop.identity.usecases import ClientGrant, DemoGrant, Identity, IssuingRules


@dataclass(frozen=True, slots=True)
class IdentityConfig:
    """
    Attributes:
        issuer: `http://host:port` of the gateway, as it stands in every token.
        audience: for whom tokens are meant; all services of the shop share it.
        state: folder that keeps the signing keys.
        demo: whether the demo grant, the known secrets and the known API key exist.
        client_secrets: by client id, for a stand that is no demo; a client without one is unknown.
        partner_keys: secrets by prefix, for a stand that is no demo.
        token_ttl_s: how long a token is valid.
    """

    issuer: str
    state: Path
    audience: str = "urn:lavka:shop"
    demo: bool = True
    client_secrets: Mapping[str, str] = field(default_factory=dict)
    partner_keys: Mapping[str, str] = field(default_factory=dict)
    token_ttl_s: int = 3600
    deadline_s: float = 5.0


@dataclass(frozen=True, slots=True)
class DemoCredential:
    """What a reader of the portal may try.

    Attributes:
        subject: who he then is.
        credential: the whole value of the header Authorization.
    """

    subject: str
    label: Text
    may: Text
    scopes: tuple[str, ...]
    credential: str


def signing_keys(config: IdentityConfig, clock: Clock) -> KeyFile:
    """The keys of the folder, for whoever verifies in the same machine."""
    return KeyFile(config.state / "signing-keys.json", clock)


def partner_keys(config: IdentityConfig) -> ApiKeys:
    """The API keys of partners. They may do what the client `partner` may."""
    demo = {DEMO_API_KEY_PREFIX: DEMO_API_KEY_SECRET} if config.demo else {}
    scopes = CLIENTS["partner"].scopes
    return ApiKeys(
        {
            prefix: ApiKey(prefix, scopes, hash_secret(secret))
            for prefix, secret in {**demo, **config.partner_keys}.items()
        }
    )


def shop_access(config: IdentityConfig, clock: Clock, required: bool) -> JwtAccess:
    """The access of every service that runs where it can read the folder of keys.

    Args:
        required: see `JwtAccess`.
    """
    rules = TokenRules(config.issuer, config.audience)
    verifier = TokenVerifier(signing_keys(config, clock), rules, clock)
    return JwtAccess(verifier, partner_keys(config), required)


class IdentityService:
    """
    Args:
        access: what the change of keys asks; `shop_access` gives it.
    """

    def __init__(self, config: IdentityConfig, clock: Clock, ids: Ids, access: Access) -> None:
        self._config = config
        self._keys = signing_keys(config, clock)
        rules = IssuingRules(config.issuer, config.audience, config.token_ttl_s, config.demo)
        self._secrets = _secrets(config)
        hashes = {client_id: hash_secret(secret) for client_id, secret in self._secrets.items()}
        self._identity = Identity(self._keys, rules, hashes, clock, ids)
        server = OAuthServer(self._identity, access, config.issuer, config.demo, config.deadline_s)
        app = server.app()
        self.http: Mapping[str, ASGIApp] = dict.fromkeys(PATH_PREFIXES, app)

    async def start(self) -> None:
        """Makes the keys where there are none.

        Raises:
            StendError: INTERNAL, when they cannot be read or written.
        """
        await self.ping()

    async def ping(self) -> None:
        """
        Raises:
            StendError: INTERNAL, when the keys cannot be read.
        """
        await asyncio.to_thread(self._keys.published)

    def end_streams(self) -> None:
        """There are none."""

    async def stop(self) -> None:
        """Nothing is open."""

    def demo_credentials(self) -> tuple[DemoCredential, ...]:
        """Fresh tokens of every client and of a customer, and the API key; none where no demo is.

        Raises:
            StendError: INTERNAL, when the keys cannot be read.
        """
        if not self._config.demo:
            return ()
        customer = self._identity.issue_token(DemoGrant(DEMO_CUSTOMER))
        credentials = [
            DemoCredential(
                DEMO_CUSTOMER,
                Text("Покупатель", "A customer"),
                Text("Покупать: заказы, баллы, доставка.", "Shop: orders, points, delivery."),
                tuple(sorted(customer.scopes)),
                f"Bearer {customer.access_token}",
            )
        ]
        for client in CLIENTS.values():
            grant = ClientGrant(client.client_id, self._secrets[client.client_id])
            token = self._identity.issue_token(grant)
            credentials.append(
                DemoCredential(
                    client.client_id,
                    client.label,
                    client.may,
                    tuple(sorted(token.scopes)),
                    f"Bearer {token.access_token}",
                )
            )
        partner = CLIENTS["partner"]
        credentials.append(
            DemoCredential(
                DEMO_API_KEY_PREFIX,
                Text("Партнёр с ключом API", "A partner with an API key"),
                partner.may,
                tuple(sorted(partner.scopes)),
                f"ApiKey {DEMO_API_KEY_PREFIX}.{DEMO_API_KEY_SECRET}",
            )
        )
        return tuple(credentials)


def _secrets(config: IdentityConfig) -> Mapping[str, str]:
    demo = {client.client_id: client.demo_secret for client in CLIENTS.values()}
    return {**(demo if config.demo else {}), **config.client_secrets}

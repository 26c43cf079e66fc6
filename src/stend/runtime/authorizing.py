"""The token with which commands call the shop where nobody may call without one."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.kit.languages import Text
from stend.runtime.addresses import Addresses
from stend.runtime.calling import OrdersClients
from stend.runtime.settings import Settings
from stend.runtime.system import SystemClock
from stend.shop.orders.api.reply import OrdersClient

# It may do what a customer may, in the name of any of them.
CLIENT_ID = "traffic"
# A token is renewed half a minute before its end, so no call carries one that has ended.
_LOOK_EVERY_S = 10.0


class NoTokenError(Exception):
    """The command cannot call the shop; `text` says why and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Tokens(Protocol):
    async def authorization(self) -> str:
        """The value of the header Authorization, for a call that begins now.

        Raises:
            NoTokenError
        """
        ...


class ClientToken:
    """The token of the client `traffic`, the same one until shortly before its end.

    Args:
        token_url: of the token endpoint.
    """

    def __init__(self, token_url: str, secret: str) -> None:
        from stend.chassis.client_tokens import Client, ClientTokens

        self._tokens = ClientTokens(Client(token_url, CLIENT_ID, secret), SystemClock())

    async def authorization(self) -> str:
        """See `Tokens.authorization`.

        Raises:
            NoTokenError
        """
        try:
            async with self._tokens.presented() as authorization:
                return authorization
        except StendError as error:
            raise _no_token(error.value or error.what) from None

    async def close(self) -> None:
        await self._tokens.close()


@asynccontextmanager
async def tokens_of(
    settings: Settings, addresses: Addresses
) -> AsyncGenerator[ClientToken | None, None]:
    """None where a call without a credential is let in.

    Raises:
        NoTokenError: the settings have no secret to ask for a token with.
    """
    if not settings.auth.required:
        yield None
        return
    secret = settings.auth.client_secrets.get(CLIENT_ID)
    if secret is None:
        raise _no_secret()
    tokens = ClientToken(f"{addresses.auth_url}/oauth/token", secret)
    try:
        yield tokens
    finally:
        await tokens.close()


async def authorization_of(settings: Settings, addresses: Addresses) -> str | None:
    """What a command that is over within an hour calls with; None where nothing is needed.

    Raises:
        NoTokenError
    """
    async with tokens_of(settings, addresses) as tokens:
        return None if tokens is None else await tokens.authorization()


class RenewedClients(Mapping[str, OrdersClient]):
    """Clients that carry the newest credential.

    Args:
        make: clients that carry this credential with every call.
    """

    def __init__(
        self, make: Callable[[str | None], OrdersClients], authorization: str | None
    ) -> None:
        self._make = make
        self._authorization = authorization
        self._clients = make(authorization)
        self._former: OrdersClients | None = None

    def __getitem__(self, protocol: str) -> OrdersClient:
        return self._clients[protocol]

    def __iter__(self) -> Iterator[str]:
        return iter(self._clients)

    def __len__(self) -> int:
        return len(self._clients)

    async def renew(self, authorization: str) -> None:
        """Calls that are under way end as they began: their clients are closed a token later."""
        if authorization == self._authorization:
            return
        outdated, self._former = self._former, self._clients
        self._authorization, self._clients = authorization, self._make(authorization)
        if outdated:
            await outdated.close()

    async def close(self) -> None:
        for clients in (self._former, self._clients):
            if clients:
                await clients.close()


@asynccontextmanager
async def renewed_clients(
    settings: Settings, addresses: Addresses, ids: Ids
) -> AsyncGenerator[RenewedClients, None]:
    """For a command that may run for days.

    Raises:
        NoTokenError: there is none to begin with.
    """

    def make(authorization: str | None) -> OrdersClients:
        return OrdersClients(addresses, ids, authorization)

    async with tokens_of(settings, addresses) as tokens:
        clients = RenewedClients(make, await tokens.authorization() if tokens else None)
        renewing = asyncio.create_task(keep_renewing(clients, tokens)) if tokens else None
        try:
            yield clients
        finally:
            if renewing:
                renewing.cancel()
                await asyncio.wait({renewing})
            await clients.close()


async def keep_renewing(
    clients: RenewedClients, tokens: Tokens, every_s: float = _LOOK_EVERY_S
) -> None:
    """Until it is cancelled."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await clients.renew(await tokens.authorization())
        except NoTokenError:
            # The one at hand may still be good; when it is not, the answers of the shop say so.
            continue


def _no_secret() -> NoTokenError:
    return NoTokenError(
        Text(
            ru=f"Этот стенд требует токен (auth.required), а секрета клиента {CLIENT_ID}, от чьего "
            "имени команда его просит, в настройках нет. Задайте один и тот же и стенду, и "
            f"команде: auth.client_secrets в stend.toml или "
            f"STEND_AUTH_CLIENT_SECRETS={CLIENT_ID}:длинная-случайная-строка; затем перезапустите "
            "стенд.",
            en="This stand asks for a token (auth.required), and the settings have no secret of "
            f"the client {CLIENT_ID}, as which the command would ask for it. Give one to the stand "
            "and to the command alike: auth.client_secrets in stend.toml, or "
            f"STEND_AUTH_CLIENT_SECRETS={CLIENT_ID}:a-long-random-text; then restart the stand.",
        )
    )


def _no_token(reason: str) -> NoTokenError:
    return NoTokenError(
        Text(
            ru=f"Токен клиента {CLIENT_ID} получить не удалось: {reason}. Стенд должен работать "
            "(./stend up) и знать тот же секрет, что и команда: auth.client_secrets.",
            en=f"There is no token for the client {CLIENT_ID}: {reason}. The stand has to run "
            "(./stend up) and to know the same secret as the command: auth.client_secrets.",
        )
    )

"""Connections that stand beside the pools, for listeners and relays."""

from typing import Any

from psycopg import AsyncConnection

from stend.chassis.postgresql import CONNECT_TIMEOUT_S

# Times come back in UTC whatever the server's zone; a statement that outlives every deadline of
# the service is ended by the server itself, even if the service is gone.
OPTIONS = "-c timezone=UTC -c statement_timeout=15000 -c application_name=orders"


async def connect(url: str) -> AsyncConnection[Any]:
    """
    Raises:
        psycopg.Error, OSError
    """
    return await AsyncConnection.connect(
        url, autocommit=True, options=OPTIONS, connect_timeout=CONNECT_TIMEOUT_S
    )

"""The process of the broker: `python -m stend.engines.amqp FILE`, with the settings in the file.

It is a composition root of its own: here the clock, randomness and signals come in.
"""

import asyncio
import base64
import importlib
import logging
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from stend.engines.amqp.config import BrokerConfig, read_config
from stend.engines.amqp.server import BrokerServer, ServerConfig
from stend.engines.amqp.state import DEFAULT_VHOST, Broker, Limits
from stend.engines.amqp.store import DamagedJournalError, Store
from stend.engines.amqp.users import Permission, User, hash_password
from stend.engines.process import run, settle, until_signal

if TYPE_CHECKING:
    from stend.engines.amqp.management.http import Management

_log = logging.getLogger("stend.amqp")
_TOKEN_BYTES = 16
_SALT_BYTES = 4


def main() -> int:
    config = read_config(Path(sys.argv[1]))
    return run(lambda: _serve(config), _log, (DamagedJournalError,))


async def _serve(config: BrokerConfig) -> None:
    broker = Broker(Limits(memory_bytes=config.memory_limit_bytes), _new_token)
    broker.now_ms = _now_ms()
    store = Store(config.home / "journal", broker)
    store.open()
    _admit(broker, config)
    server = BrokerServer(ServerConfig(config.host, config.port), broker, store, _now_ms)
    await server.start()
    _log.info("AMQP on %s:%d", config.host, config.port)
    management = await _start_management(config, server)
    settle()
    try:
        await until_signal(server.failed)
    finally:
        await management.stop()
        await server.stop()


async def _start_management(config: BrokerConfig, server: BrokerServer) -> "Management":
    # The HTTP framework takes longer to import than the broker takes to start.
    module = await asyncio.to_thread(importlib.import_module, "stend.engines.amqp.management.http")
    management: Management = module.Management(
        config.host, config.management_port, server, _new_salt, config.names
    )
    await management.start()
    return management


def _admit(broker: Broker, config: BrokerConfig) -> None:
    """The users of the configuration are always there, with these passwords."""
    broker.add_vhost(DEFAULT_VHOST)
    for told in config.users:
        known = broker.users.get(told.name)
        if known is None or not known.has_password(told.password) or known.tags != told.tags:
            password_hash = hash_password(told.password, _new_salt())
            permissions = known.permissions if known else {DEFAULT_VHOST: Permission()}
            broker.put_user(User(told.name, password_hash, told.tags, permissions))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _new_token() -> str:
    # As RabbitMQ's names look: base64 without padding.
    return base64.urlsafe_b64encode(secrets.token_bytes(_TOKEN_BYTES)).decode().rstrip("=")


def _new_salt() -> bytes:
    return secrets.token_bytes(_SALT_BYTES)


if __name__ == "__main__":
    raise SystemExit(main())

"""The process of the server: `python -m stend.engines.mysql FILE`, with the settings in the file.

It is a composition root of its own: here the clock, randomness and signals come in.
"""

import asyncio
import logging
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from stend.engines.mysql.auth import PasswordKey
from stend.engines.mysql.backend.backend import Backend
from stend.engines.mysql.backend.link import LostError, PgFailure
from stend.engines.mysql.catalog import ddl
from stend.engines.mysql.config import MysqlSettings, read_settings
from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.server import MysqlServer
from stend.engines.mysql.session import SERVER_VERSION
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.lexing import split
from stend.engines.process import run, settle, until_signal
from stend.wire.mysql.handshake import CHALLENGE_BYTES

_log = logging.getLogger("stend.mysql")
# The tree of a statement refers to itself, so that only the collector frees it: often enough that
# a long INSERT does not pile up, and no more often. What lives for long is frozen.
_GC_THRESHOLDS = (20_000, 5, 5)
# PostgreSQL starts beside this server, and after a crash it reads its log first.
_WAITS_FOR_POSTGRESQL_S = 60.0
_ASKS_EVERY_S = 0.05
_LOCK_WAIT_S = 10.0
_KEY_BITS = 2048


def main() -> int:
    settings = read_settings(Path(sys.argv[1]))
    return run(lambda: _serve(settings), _log, (LostError, PgFailure, MySqlError))


async def _serve(settings: MysqlSettings) -> None:
    backend = Backend(settings.dsn)
    async with asyncio.timeout(_WAITS_FOR_POSTGRESQL_S):
        await _open(backend)
    for name in settings.databases:
        await _ensure_database(backend, name)
    users = {one.name: one.password for one in settings.users}
    server = MysqlServer(backend, users, PasswordKey(_new_key), _challenge, _now)
    await server.start(settings.host, settings.port)
    settle(_GC_THRESHOLDS)
    try:
        await until_signal()
    finally:
        await server.stop()


async def _open(backend: Backend) -> None:
    while True:
        try:
            await backend.open()
        except LostError:
            await asyncio.sleep(_ASKS_EVERY_S)
        else:
            return


async def _ensure_database(backend: Backend, name: str) -> None:
    if name in backend.catalog.databases:
        return
    quoted = name.replace("`", "``")
    (source,) = split(f"CREATE DATABASE `{quoted}`")
    facts = Facts(None, "", 0, SERVER_VERSION, _now())
    await backend.define(lambda catalog: ddl.plan(source, catalog, facts), _LOCK_WAIT_S)


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=_KEY_BITS)


def _challenge() -> bytes:
    # No zero byte, which would end it for clients.
    return bytes(secrets.choice(range(1, 128)) for _ in range(CHALLENGE_BYTES))


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    raise SystemExit(main())

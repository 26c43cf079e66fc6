"""An emulation of Redis for platforms without a wheel of Valkey: `python -m` of this module.

fakeredis does the work. What it would answer wrongly or ignore is refused here with an error of
RESP; the launcher's FALLBACK_LIMITATIONS name it.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from socket import AddressFamily
from typing import Any, ClassVar

import fakeredis
import psutil
import redis
from fakeredis import FakeRedisConnection, FakeServer, TcpFakeServer
from fakeredis._clients._tcp_server import TCPFakeRequestHandler, Writer, encode_reply
from fakeredis._commands import Signature
from fakeredis._helpers import SimpleError, SimpleString
from fakeredis._socket import FakeSocket

# The last Redis whose commands the stand's real server has too.
VERSION = (7, 4)
# The bounds of a client, as of Redis: maxclients, PROTO_MULTIBULK_LIMIT and proto-max-bulk-len,
# which are 10000, a million and 512 MB there.
_MAX_CLIENTS = 500
_MAX_ARGUMENTS = 1024 * 1024
_MAX_ARGUMENT_BYTES = 64 * 1024 * 1024

_LENGTHS = {b"*": ("multibulk", _MAX_ARGUMENTS), b"$": ("bulk", _MAX_ARGUMENT_BYTES)}

_IN_MEMORY = "this server keeps its data in memory only"
_NO_RIGHTS = "this server does not check rights"
_NO_DESCRIPTIONS = "this server does not describe its commands"
# fakeredis says OK to these and does nothing, or not what they promise.
_IGNORED = {
    "acl deluser": _NO_RIGHTS,
    "acl load": _NO_RIGHTS,
    "acl save": _NO_RIGHTS,
    "acl setuser": _NO_RIGHTS,
    "bgsave": _IN_MEMORY,
    "client maint_notifications": "this server announces no maintenance",
    "client pause": "this server does not pause clients",
    "client unpause": "this server does not pause clients",
    "command": _NO_DESCRIPTIONS,
    "command count": _NO_DESCRIPTIONS,
    "command info": _NO_DESCRIPTIONS,
    "config set": "this server has no settings",
    "lastsave": _IN_MEMORY,
    "save": _IN_MEMORY,
}
# fakeredis offers these whatever version it plays, and besides: arrays (AR*), and modules, whose
# commands have a dot in their names.
_OF_REDIS_8 = frozenset(
    {
        "blmovem",
        "delex",
        "digest",
        "increx",
        "lmovem",
        "sdiffcard",
        "sunioncard",
        "xackdel",
        "xcfgset",
        "xdelex",
        "xidmprecord",
        "xnack",
    }
)
_KEYSPACE_CHANNELS = (b"__keyspace@", b"__keyevent@", b"__key*", b"__subkey")


class _Status(bytes):
    """A simple string of RESP, which fakeredis confuses with bulk strings on their way out."""


@dataclass(slots=True)
class _Waiting:
    """A client in a blocking command: asks again, until there is an answer."""

    ask: Callable[[bool], Any]
    answer: Any = None


class _Session(FakeSocket):
    """One client's commands."""

    # By database, in the order of coming.
    _queues: ClassVar[dict[int, list[_Waiting]]] = {}

    @property
    def is_killed(self) -> bool:
        return self._killed

    def info(self, *sections: bytes) -> bytes:
        wanted = {section.decode(errors="replace").lower() for section in sections}
        everything = not wanted or wanted & {"all", "default", "everything"}
        return "\r\n".join(
            f"# {name}\r\n" + "".join(f"{key}:{value}\r\n" for key, value in fields.items())
            for name, fields in self._facts().items()
            if everything or name.lower() in wanted
        ).encode()

    def hello(self, *arguments: bytes) -> dict[str, Any]:
        version, *rest = arguments or (b"%d" % self._client_info.protocol_version,)
        if version not in (b"2", b"3"):
            raise SimpleError("NOPROTO unsupported protocol version")
        answer: dict[str, Any] = super().hello(version, *rest)
        return answer

    def subscribe(self, *channels: bytes) -> Any:
        _refuse_keyspace(channels)
        return super().subscribe(*channels)

    def psubscribe(self, *patterns: bytes) -> Any:
        _refuse_keyspace(patterns)
        return super().psubscribe(*patterns)

    def _blocking(
        self,
        timeout: float | None,
        func: Callable[[bool], Any],
        shape: Callable[[Any], Any] | None = None,
    ) -> Any:
        # Who has waited longest is served first, as in Redis. In fakeredis it is whose thread is
        # the quickest.
        answer = func(True)
        if answer is None and not self._in_transaction:
            answer = self._in_turn(time.monotonic() + timeout if timeout else None, func)
        return shape(answer) if shape else answer

    def _in_turn(self, deadline_s: float | None, ask: Callable[[bool], Any]) -> Any:
        queue = self._queues.setdefault(self._db_num, [])
        waiting = _Waiting(ask)
        queue.append(waiting)
        self._blocked = True
        try:
            while waiting.answer is None and self._unblock_reason is None:
                left_s = None if deadline_s is None else deadline_s - time.monotonic()
                if left_s is not None and left_s <= 0:
                    break
                self._db.condition.wait(left_s)
                # Whoever wakes first asks for all, in turn: the lock is his until he waits again.
                for one in queue:
                    if one.answer is None:
                        one.answer = one.ask(False)
            if waiting.answer is None and self._unblock_reason is not None:
                self._take_unblock_reason()
            return waiting.answer
        finally:
            queue.remove(waiting)
            self._blocked = False
            self._unblock_reason = None

    def _xreadgroup(self, *question: Any) -> dict[bytes, Any] | None:
        # With BLOCK and without COUNT, fakeredis takes entries at the first look and forgets them.
        consumer, streams, count, noack, min_idle_time, _ = question
        return (
            super()._xreadgroup(consumer, streams, count, noack, min_idle_time, first_pass=False)
            or None
        )

    def _lua_setresp(self, *arguments: Any) -> None:
        # A script's answers would keep the types of RESP2.
        raise SimpleError("ERR redis.setresp is not supported")

    def _keyspace_notifications(self, *_: object) -> None:
        # fakeredis names events after commands (SETEX: "setex", Redis: "set" and "expire"), knows
        # no "expired", and tells them to everybody who asked for `*`.
        return

    def _facts(self) -> dict[str, dict[str, object]]:
        server = self._server
        version = ".".join(map(str, (*VERSION, 0)))
        process = psutil.Process()
        used_bytes = process.memory_info().rss
        keyspace = {
            f"db{number}": f"keys={len(db)},expires={_expiring(db)},avg_ttl=0"
            for number, db in sorted(server.dbs.items())
            if len(db)
        }
        return {
            "Server": {
                "redis_version": version,
                "fakeredis_version": fakeredis.__version__,
                "server_name": "fakeredis",
                "redis_mode": "standalone",
                "process_id": os.getpid(),
                "tcp_port": self._client_info["laddr"].rpartition(":")[2],
                "uptime_in_seconds": int(self._db.time - process.create_time()),
            },
            "Clients": {
                "connected_clients": len(server.sockets),
                "maxclients": _MAX_CLIENTS,
                "blocked_clients": sum(map(len, self._queues.values())),
            },
            "Memory": {"used_memory": used_bytes, "used_memory_rss": used_bytes, "maxmemory": 0},
            "Persistence": {"loading": 0, "aof_enabled": 0, "rdb_last_save_time": 0},
            "Replication": {"role": "master", "connected_slaves": 0},
            "Keyspace": keyspace,
        }

    def _name_to_func(self, cmd_name: str) -> tuple[Callable[..., Any] | None, Signature]:
        if cmd_name == "info":
            return self.info, _info_signature()
        if reason := _IGNORED.get(cmd_name):
            raise SimpleError(f"ERR {cmd_name.upper()} is not supported: {reason}")
        if cmd_name in _OF_REDIS_8 or "." in cmd_name or cmd_name.startswith("ar"):
            raise self._unknown_command(" ".join(cmd_name.splitlines()))
        return super()._name_to_func(cmd_name)

    def _decode_error(self, error: SimpleError) -> Any:
        # An exception of redis-py, raised inside the server, would cost the client its connection.
        if error.value.startswith("ERR BUSYGROUP "):
            # Clients compare the first word.
            error.value = error.value.removeprefix("ERR ")
        return error

    def _decode_result(self, result: Any) -> Any:
        if isinstance(result, SimpleString):
            return _Status(result.value)
        return super()._decode_result(result)

    def _extract_line(self, buf: bytes) -> tuple[bytes, bytes]:
        line, rest = super()._extract_line(buf)
        what, most = _LENGTHS.get(line[:1], ("", 0))
        if not what:
            raise SimpleError("ERR Protocol error: inline commands are not supported, send RESP")
        if not (line[1:-2].isdigit() and int(line[1:-2]) <= most):
            raise SimpleError(f"ERR Protocol error: invalid {what} length")
        return line, rest


class _Connection(FakeRedisConnection):
    def __init__(self, server: FakeServer, **facts: Any) -> None:
        super().__init__(server=server, **facts)
        self._emulation = server

    def _connect(self) -> FakeSocket:
        self._session = _Session(
            self._emulation,
            client_class=self._client_class,
            db=self.db,
            client_info=self._client_info,
        )
        return self._session

    def can_read(self, timeout: float | None = 0) -> bool:
        is_readable = super().can_read(timeout)
        if not is_readable and self._session.is_killed:
            # fakeredis would tell it when the client sends the next command.
            raise redis.ConnectionError("ended by CLIENT KILL")
        return is_readable


class _Writer(Writer):
    def dump(self, value: Any) -> None:
        if isinstance(value, redis.ConnectionError):
            # Of a client that CLIENT KILL has ended: hanging up is the answer.
            return
        if isinstance(value, SimpleError):
            encoded = _error(value.value)
        elif isinstance(value, Exception):
            encoded = _error(f"ERR {value}")
        else:
            is_bulk = isinstance(value, bytes) and not isinstance(value, _Status)
            encoded = encode_reply(value, self.request_handler.protocol_version, nested=is_bulk)
        self.write(encoded)
        self.writer.flush()


class _Handler(TCPFakeRequestHandler):
    """One client's bytes."""

    def setup(self) -> None:
        super().setup()
        self.writer = _Writer(self.client_address, self.wfile, self)
        self.current_client = _Connection(
            server=self.server.fake_server,
            writer=self.writer,
            client_info={
                "laddr": _address(self.connection.getsockname()),
                "addr": _address(self.connection.getpeername()),
                "fd": self.connection.fileno(),
            },
            # RESP2, until the client says HELLO.
            protocol=2,
        )
        self.server.clients[self.client_address] = self.current_client


class _Server(TcpFakeServer):
    def __init__(self, host: str, port: int) -> None:
        self.address_family = AddressFamily.AF_INET6 if ":" in host else AddressFamily.AF_INET
        super().__init__((host, port), server_version=VERSION)
        self.RequestHandlerClass = _Handler

    def verify_request(self, request: Any, client_address: Any) -> bool:
        if len(self.clients) < _MAX_CLIENTS:
            return True
        request.sendall(b"-ERR max number of clients reached\r\n")
        return False


def main() -> None:
    """Serves until the process is ended: there is nothing that would have to be saved."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    wanted = parser.parse_args()
    with _Server(wanted.host, wanted.port) as server:
        server.serve_forever()


def _error(text: str) -> bytes:
    return f"-{' '.join(text.splitlines())}\r\n".encode()


def _address(name: tuple[Any, ...]) -> str:
    host, port, *_ = name
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _info_signature() -> Signature:
    return Signature("info", "info", (), (bytes,))  # type: ignore[arg-type]


def _refuse_keyspace(names: Iterable[bytes]) -> None:
    for name in names:
        if name.startswith(_KEYSPACE_CHANNELS):
            raise SimpleError(
                f"ERR {name.decode(errors='replace')} is not supported: this server tells of no "
                "keyspace events"
            )


def _expiring(database: Any) -> int:
    return sum(1 for key in database if database[key].expireat is not None)


if __name__ == "__main__":
    main()

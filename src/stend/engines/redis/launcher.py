"""Starts and stops the server of the Valkey wheel; where there is none, an emulation of Redis.

LIMITATIONS are what Valkey lacks against the latest Redis, FALLBACK_LIMITATIONS what the emulation
lacks against Valkey. Each of them is answered with an error of the protocol.
"""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stend.engines.child import Child, Command, Footprint
from stend.engines.limitation import Limitation
from stend.engines.redis.binaries import server_binary
from stend.engines.redis.info import server_info
from stend.kit.languages import Text

LIMITATIONS = (
    Limitation(
        "modules",
        Text(
            ru="нет модулей Redis: JSON.*, FT.* (поиск), TS.* (временные ряды), BF.*, CF.*, CMS.*, "
            "TOPK.*, TDIGEST.* — неизвестные команды",
            en="no modules of Redis: JSON.*, FT.* (search), TS.* (time series), BF.*, CF.*, CMS.*, "
            "TOPK.*, TDIGEST.* are unknown commands",
        ),
    ),
    Limitation(
        "vector-sets",
        Text(
            ru="нет векторных множеств: VADD, VSIM и прочие V* — неизвестные команды",
            en="no vector sets: VADD, VSIM and the other V* are unknown commands",
        ),
    ),
    Limitation(
        "redis-8-commands",
        Text(
            ru="нет команд и параметров, появившихся в Redis 8: XDELEX, XACKDEL, DELEX, DIGEST, "
            "INCREX, SET IFNE, BITOP DIFF и других — сервер отвечает ошибкой",
            en="no commands and options that came with Redis 8: XDELEX, XACKDEL, DELEX, DIGEST, "
            "INCREX, SET IFNE, BITOP DIFF and others are answered with an error",
        ),
    ),
    Limitation(
        "client-side-caching",
        Text(
            ru="кэш на стороне клиента из redis-py не включается: сервер называет себя Redis "
            "7.2.4, а библиотека требует 7.4; сама команда CLIENT TRACKING работает",
            en="the client-side cache of redis-py refuses to start: the server calls itself Redis "
            "7.2.4 and the library wants 7.4; the command CLIENT TRACKING itself works",
        ),
    ),
    Limitation(
        "cluster",
        Text(
            ru="один узел: команды CLUSTER отвечают, что режим кластера выключен",
            en="a single node: the CLUSTER commands answer that cluster mode is off",
        ),
    ),
    Limitation(
        "protected-settings",
        Text(
            ru="нельзя менять папку данных, загружать модули и вызывать DEBUG: сервер работает с "
            "правами того, кто запустил стенд, и отвечает ошибкой",
            en="the data folder cannot be changed, modules cannot be loaded and DEBUG not called: "
            "the server has the rights of whoever started the stand, and answers with an error",
        ),
    ),
)

FALLBACK_LIMITATIONS = (
    Limitation(
        "persistence",
        Text(
            ru="данные живут только в памяти и пропадают при остановке стенда; SAVE, BGSAVE, "
            "BGREWRITEAOF, LASTSAVE и WAITAOF отвечают ошибкой",
            en="the data lives in memory only and is gone when the stand stops; SAVE, BGSAVE, "
            "BGREWRITEAOF, LASTSAVE and WAITAOF answer with an error",
        ),
    ),
    Limitation(
        "keyspace-events",
        Text(
            ru="нет событий о ключах (в том числе expired): подписка на __keyspace@…, "
            "__keyevent@… и настройка notify-keyspace-events отвечают ошибкой",
            en="no keyspace events (expired among them): subscribing to __keyspace@…, "
            "__keyevent@… and setting notify-keyspace-events are answered with an error",
        ),
    ),
    Limitation(
        "configuration",
        Text(
            ru="нет настроек: CONFIG GET и CONFIG SET отвечают ошибкой, предела памяти нет",
            en="no settings: CONFIG GET and CONFIG SET answer with an error, memory has no limit",
        ),
    ),
    Limitation(
        "client-side-caching",
        Text(
            ru="нет кэша на стороне клиента: CLIENT TRACKING — неизвестная команда",
            en="no client-side caching: CLIENT TRACKING is an unknown command",
        ),
    ),
    Limitation(
        "client-pause",
        Text(
            ru="CLIENT PAUSE отвечает ошибкой: приостановить клиентов нельзя",
            en="CLIENT PAUSE answers with an error: clients cannot be paused",
        ),
    ),
    Limitation(
        "users",
        Text(
            ru="права пользователей не проверяются, поэтому ACL SETUSER и ACL DELUSER отвечают "
            "ошибкой",
            en="rights of users are not checked, so ACL SETUSER and ACL DELUSER answer with an "
            "error",
        ),
    ),
    Limitation(
        "introspection",
        Text(
            ru="на OBJECT, MEMORY, LATENCY, SLOWLOG, MONITOR, DEBUG, ROLE, CLUSTER и COMMAND "
            "сервер отвечает ошибкой, в INFO нет статистики",
            en="OBJECT, MEMORY, LATENCY, SLOWLOG, MONITOR, DEBUG, ROLE, CLUSTER and COMMAND are "
            "answered with an error, INFO has no statistics",
        ),
    ),
    Limitation(
        "geosearch-by-box",
        Text(
            ru="GEOSEARCH ищет только в круге: BYBOX — ошибка",
            en="GEOSEARCH finds within a circle only: BYBOX is an error",
        ),
    ),
    Limitation(
        "resp3-in-scripts",
        Text(
            ru="redis.setresp в скриптах Lua — ошибка: типов RESP3 скрипты не возвращают",
            en="redis.setresp in Lua scripts is an error: scripts answer with no types of RESP3",
        ),
    ),
    Limitation(
        "modules",
        Text(
            ru="нет модулей Redis и векторных множеств, как и у настоящего сервера стенда: JSON.*, "
            "FT.*, TS.*, VADD и прочие — неизвестные команды",
            en="no modules of Redis and no vector sets, as in the stand's real server: JSON.*, "
            "FT.*, TS.*, VADD and the others are unknown commands",
        ),
    ),
    Limitation(
        "redis-8-commands",
        Text(
            ru="нет команд и параметров, появившихся в Redis 8: сервер отвечает ошибкой",
            en="no commands and options that came with Redis 8: they are answered with an error",
        ),
    ),
    Limitation(
        "inline-commands",
        Text(
            ru="нет команд без протокола RESP (telnet): сервер отвечает ошибкой и разрывает "
            "соединение",
            en="no commands outside of RESP (telnet): the server answers with an error and hangs "
            "up",
        ),
    ),
)

_FALLBACK = "stend.engines.redis.fallback"
_SERVER_OPTIONS = (
    # Every write is in the log within a second, and survives `kill -9` of the server at once, as
    # the kernel has it then. Snapshots beside it would only cost.
    ("appendonly", "yes"),
    ("appendfsync", "everysec"),
    ("save", ""),
    # Bounds, for the data and for the clients' buffers. A full server refuses writes with an error
    # rather than forgetting keys.
    ("maxmemory", "128mb"),
    ("maxmemory-policy", "noeviction"),
    ("maxmemory-clients", "64mb"),
    # Who may connect is decided by the one address to listen on, as for every port of the stand.
    ("protected-mode", "no"),
    # The command line must go on telling whose server it is.
    ("set-proc-title", "no"),
    ("daemonize", "no"),
)


@dataclass(frozen=True, slots=True)
class RedisConfig:
    """
    Attributes:
        home: folder for the data.
        log_path: where the server's own log goes.
    """

    home: Path
    log_path: Path
    host: str
    port: int


class RedisLauncher:
    """One server. The methods block: call them outside of an event loop.

    Args:
        find_binary: of the real server; without one the emulation is started.
    """

    def __init__(
        self, config: RedisConfig, find_binary: Callable[[], Path | None] = server_binary
    ) -> None:
        self._config = config
        self._binary = find_binary()
        self._child = Child(
            self._binary.stem if self._binary else "the emulation of Redis", config.log_path
        )

    @property
    def is_real(self) -> bool:
        """False for the emulation."""
        return self._binary is not None

    @property
    def limitations(self) -> tuple[Limitation, ...]:
        return LIMITATIONS if self.is_real else FALLBACK_LIMITATIONS

    def launch(self) -> None:
        """Ends a server left over and starts a new one, on the data of the last."""
        self._child.launch(lambda: Command(self._arguments(), self._footprint))

    def end_left_over_server(self) -> None:
        """Ends a server of this very home that outlived its stand."""
        self._child.end_left_over(self._footprint)

    def erase(self) -> None:
        """Forgets every key: the next launch begins with none."""
        self.end_left_over_server()
        shutil.rmtree(self._config.home, ignore_errors=True)

    def probe(self) -> str:
        """The version of Valkey or of fakeredis, once the server has read its data.

        Raises:
            OSError: not yet, or somebody else answers at this address.
        """
        info = server_info(self._config.host, self._config.port)
        if not self._child.owns(int(info.get("process_id", 0))):
            raise OSError(
                f"port {self._config.port} is answered by process {info.get('process_id')}, "
                "which is not the server that was started"
            )
        if info.get("loading") != "0":
            raise OSError("the server is still reading its data")
        return info.get("valkey_version") or info["fakeredis_version"]

    def failure(self) -> str | None:
        """Why the server is not running any more, or None while it runs."""
        return self._child.failure()

    def pss_bytes(self) -> int | None:
        """Proportional set size of the server; None where the system has none."""
        return self._child.pss_bytes()

    def stop(self) -> None:
        """Valkey writes what it still has to its log and ends; clients are cut off."""
        self._child.stop()

    @property
    def _footprint(self) -> Footprint:
        home, host, port = self._config.home, self._config.host, self._config.port
        mark = f"--dir {home}" if self._binary else f"{_FALLBACK} --host {host} --port {port}"
        return Footprint(home / "server.pid", mark, home)

    def _arguments(self) -> list[str]:
        host, port = self._config.host, str(self._config.port)
        if self._binary is None:
            return [sys.executable, "-P", "-m", _FALLBACK, "--host", host, "--port", port]
        arguments = [str(self._binary), "--bind", host, "--port", port]
        arguments += ["--dir", str(self._config.home)]
        for name, value in _SERVER_OPTIONS:
            arguments += [f"--{name}", value]
        return arguments

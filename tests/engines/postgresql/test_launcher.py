"""A real PostgreSQL from the wheel, started by whoever types the command, wherever that is."""

import contextlib
import dataclasses
import json
import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role
from tests.conftest import PROJECT
from tests.engines.servers import HOST, free_port, is_gone, needs_root, process_of, ready
from tests.folders import open_folder
from tests.waiting import until

pytestmark = pytest.mark.slow
ROLES = (Role("orders", "orders"), Role("lavka", "lavka", owner_of_all=True))


def config_in(folder: Path) -> PostgresConfig:
    return PostgresConfig(
        folder / "postgresql", folder / "postgresql.log", HOST, free_port(), "lavka", ROLES
    )


def connect(config: PostgresConfig, role: str = "lavka") -> psycopg.Connection[tuple[object, ...]]:
    url = f"postgresql://{role}:{role}@{HOST}:{config.port}/lavka"
    return psycopg.connect(url, connect_timeout=2)


def owner_of(process: psutil.Process) -> int:
    return process.uids().effective


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[tuple[PostgresLauncher, PostgresConfig]]:
    """In a folder with a space and Cyrillic letters in its name."""
    config = config_in(folder / "стенд с пробелом")
    launcher = PostgresLauncher(config)
    launcher.launch()
    ready(launcher, psycopg.OperationalError)
    yield launcher, config
    launcher.stop()


Server = tuple[PostgresLauncher, PostgresConfig]


def _server_process(config: PostgresConfig) -> psutil.Process:
    return process_of(config.home / "data" / "postmaster.pid")


@needs_root
def test_root_drops_to_nobody(server: Server) -> None:
    launcher, config = server
    process = _server_process(config)
    assert owner_of(process) == 65534
    assert process.gids().effective == 65534
    data = config.home / "data"
    assert (data.stat().st_uid, stat.S_IMODE(data.stat().st_mode)) == (65534, 0o700)
    assert ready(launcher, psycopg.OperationalError).startswith("18.")


def test_the_superusers_password_is_for_its_owner_only_and_trust_is_off(server: Server) -> None:
    _, config = server
    assert stat.S_IMODE((config.home / "superuser-password").stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=HOST, port=config.port, user="postgres", password="postgres")


def test_roles_see_what_they_should(server: Server) -> None:
    _, config = server
    with connect(config, "orders") as orders:
        orders.execute("CREATE SCHEMA orders")
        orders.execute("CREATE TABLE orders.secret (a int)")
    with connect(config) as learner:
        assert learner.execute("SELECT count(*) FROM orders.secret").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            learner.execute("CREATE ROLE intruder")


def test_text_is_unicode_and_sorts_the_same_on_every_machine(server: Server) -> None:
    _, config = server
    with connect(config) as connection:
        facts = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, upper('ёж') FROM pg_database"
            " WHERE datname = 'lavka'"
        ).fetchone()
    assert facts == ("UTF8", "b", "ЁЖ")


def test_memory_is_measured_and_modest(server: Server) -> None:
    launcher, _ = server
    pss = launcher.pss_bytes()
    assert pss is not None
    assert 1_000_000 < pss < 200_000_000


@pytest.mark.limitation("postgresql", "tls")
def test_tls_is_declined(server: Server) -> None:
    _, config = server
    with pytest.raises(psycopg.OperationalError, match="server does not support SSL"):
        psycopg.connect(
            host=HOST, port=config.port, user="lavka", password="lavka", sslmode="require"
        )
    # The protocol's own answer to an SSLRequest: one byte N (section 54.2.11).
    with socket.create_connection((HOST, config.port), timeout=5) as client:
        client.sendall((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))
        assert client.recv(1) == b"N"


@pytest.mark.limitation("postgresql", "procedural-languages")
def test_other_procedural_languages_are_refused(server: Server) -> None:
    _, config = server
    with connect(config) as connection:
        available = connection.execute(
            "SELECT name FROM pg_available_extensions WHERE name LIKE 'pl%' ORDER BY name"
        ).fetchall()
        assert available == [("plpgsql",)]
        with pytest.raises(psycopg.Error, match="plpython3u"):
            connection.execute("CREATE EXTENSION plpython3u")


@pytest.mark.limitation("postgresql", "unix-socket")
def test_there_is_no_unix_socket(server: Server) -> None:
    _, config = server
    names = [str(one.laddr) for one in _server_process(config).net_connections("unix")]
    assert [name for name in names if name] == []


def test_a_second_launch_keeps_the_data_and_ends_a_server_left_over(folder: Path) -> None:
    config = config_in(folder / "again")
    first = PostgresLauncher(config)
    first.launch()
    ready(first, psycopg.OperationalError)
    with connect(config) as connection:
        connection.execute("CREATE SCHEMA kept")
    left_over = _server_process(config)

    second = PostgresLauncher(config)
    second.launch()
    assert is_gone(left_over)
    ready(second, psycopg.OperationalError)
    with contextlib.closing(connect(config)) as staying:
        assert staying.execute("SELECT to_regnamespace('kept')::text").fetchone() == ("kept",)
        # SIGINT ends it although this client stays: a fast shutdown, no lost data and no kill.
        second.stop()
    assert second.failure() is None
    log = config.log_path.read_text(encoding="utf-8")
    assert "received fast shutdown request" in log
    assert "database system is shut down" in log.splitlines()[-1]
    assert not (config.home / "data" / "postmaster.pid").exists()

    second.erase()
    assert not (config.home / "data").exists()
    first.stop()


def test_a_server_that_died_tells_why(folder: Path) -> None:
    config = config_in(folder / "port-taken")
    launcher = PostgresLauncher(config)
    with socket.create_server((HOST, config.port)):
        launcher.launch()
        reason = until(launcher.failure)
    assert reason is not None
    assert "ended with code 1" in reason
    launcher.stop()


@needs_root
def test_a_folder_that_nobody_may_enter_works_and_keeps_its_mode(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    config = config_in(closed)
    launcher = PostgresLauncher(config)
    launcher.launch()
    try:
        ready(launcher, psycopg.OperationalError)
        data = launcher.home / "data"
        assert data.is_dir()
        assert not data.is_relative_to(closed)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    finally:
        launcher.stop()
        launcher.erase()
    assert not data.exists()


_AS_ORDINARY_USER = """
import json, os, sys, time
from pathlib import Path
import psutil, psycopg
from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher
home = Path(sys.argv[1])
log_path = home.with_name("server.log")
config = PostgresConfig(home, log_path, "127.0.0.1", int(sys.argv[2]), "lavka", ())
launcher = PostgresLauncher(config)
launcher.launch()
deadline = time.monotonic() + 20
while True:
    try:
        version = launcher.probe()
        break
    except (psycopg.OperationalError, OSError):
        assert launcher.failure() is None and time.monotonic() < deadline
pid = int((config.home / "data" / "postmaster.pid").read_text().splitlines()[0])
print(json.dumps({"version": version, "uid": psutil.Process(pid).uids().effective}))
launcher.stop()
"""


@needs_root
def test_an_ordinary_user_runs_it_as_himself(folder: Path) -> None:
    # The interpreter of the environment may stand in root's home; the system's may be used.
    name = f"python3.{sys.version_info.minor}"
    python = shutil.which(name, path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip(f"no {name} that an ordinary user may run")
    # initdb wants a user with a name, and of nobody there is one already in this file.
    uid = pwd.getpwnam("daemon").pw_uid
    home = folder / "ordinary"
    home.mkdir()
    os.chown(home, uid, uid)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    done = subprocess.run(
        [python, "-c", _AS_ORDINARY_USER, str(home / "postgresql"), str(free_port())],
        env={"PYTHONPATH": f"{PROJECT / 'src'}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=home,
        user=uid,
        group=uid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"version": "18.6", "uid": uid}


def test_who_listens_everywhere_lets_everybody_ask_for_a_password(folder: Path) -> None:
    config = config_in(folder / "everywhere")
    asked = "SELECT user_name, address, auth_method FROM pg_hba_file_rules WHERE address = 'all'"
    rules = []
    everybody = "0.0.0.0"  # noqa: S104 - as it says
    for host in (everybody, everybody, HOST):
        launcher = PostgresLauncher(dataclasses.replace(config, host=host))
        launcher.launch()
        ready(launcher, psycopg.OperationalError)
        password = (config.home / "superuser-password").read_text(encoding="ascii")
        with psycopg.connect(
            host=HOST, port=config.port, user="postgres", password=password, dbname="lavka"
        ) as connection:
            rules.append(connection.execute(asked).fetchall())
        launcher.stop()
    everywhere = [(["postgres"], "all", "reject"), (["all"], "all", "scram-sha-256")]
    assert rules == [everywhere, everywhere, []]

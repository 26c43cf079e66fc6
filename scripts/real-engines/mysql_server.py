"""MariaDB with the database and the user that the embedded MySQL has."""

import shutil
import subprocess
from pathlib import Path

import machine
from machine import EngineError, Started

NAME = "mysql"
PACKAGES = ("mariadb-server",)
_PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb")
# Debian keeps the server where only root's PATH leads.
_SERVER_FOLDER = "/usr/sbin"
# MySQL 8.4's default; MariaDB's own is laxer about zeros in dates and about GROUP BY.
_SQL_MODE = (
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)
_USER = """\
CREATE DATABASE IF NOT EXISTS lavka;
CREATE USER IF NOT EXISTS lavka@'127.0.0.1' IDENTIFIED BY 'lavka';
GRANT ALL ON *.* TO lavka@'127.0.0.1';
"""


def find() -> Path:
    """The server.

    Raises:
        EngineError: one of its programs is not installed.
    """
    found = [_which(name) for name in _PROGRAMS]
    if missing := [name for name, path in zip(_PROGRAMS, found, strict=True) if path is None]:
        raise EngineError(f"{', '.join(missing)} was not found")
    return Path(str(found[0]))


def start(folder: Path, tls: machine.Tls | None = None) -> Started:
    """
    Raises:
        EngineError: not installed, or it did not start.
    """
    server = find()
    owner = machine.account("mysql")
    machine.empty_folder(folder, owner)
    data = folder / "data"
    install = [str(_which("mariadb-install-db")), "--no-defaults", f"--datadir={data}"]
    install += ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
    machine.run(install, folder, owner)
    users = machine.write(folder / "users.sql", _USER, owner)
    (port,) = machine.free_ports(1)
    options = {
        "datadir": data,
        "bind-address": "127.0.0.1",
        "port": port,
        "socket": folder / "mariadb.sock",
        "pid-file": folder / "mariadb.pid",
        "init-file": users,
        "character-set-server": "utf8mb4",
        "collation-server": "utf8mb4_general_ci",
        "sql-mode": _SQL_MODE,
        "innodb-buffer-pool-size": "128M",
    }
    if tls:
        chain, key = machine.write_tls(folder, tls, owner)
        options |= {"ssl-cert": chain, "ssl-key": key, "require-secure-transport": "ON"}
    arguments = [str(server), "--no-defaults", "--skip-name-resolve"]
    arguments += [f"--{name}={value}" for name, value in options.items()]
    process = machine.spawn(arguments, folder, owner)
    try:
        version = machine.wait_for(lambda: _version(port, tls), process, folder)
    except BaseException:
        machine.end([process])
        raise
    return Started(
        version=f"MariaDB {version}",
        processes=(process,),
        environment={"STEND_MYSQL_URL": f"mysql://lavka:lavka@127.0.0.1:{port}/lavka"},
    )


def _which(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=_SERVER_FOLDER)


def _version(port: int, tls: machine.Tls | None) -> str:
    words = [str(_which("mariadb")), "--no-defaults", "-h", "127.0.0.1", "-P", str(port)]
    words += ["--ssl"] if tls else []
    words += ["-u", "lavka", "-plavka", "-N", "-B", "-e", "SELECT VERSION()", "lavka"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.strip())
    return done.stdout.partition("-")[0].strip()

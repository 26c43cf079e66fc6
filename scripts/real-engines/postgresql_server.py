"""PostgreSQL with the database and the user that the embedded one has."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import machine
from machine import EngineError, Started

NAME = "postgresql"
PACKAGES = ("postgresql", "openssl")
_SUPERUSER = "postgres"
_PROGRAMS = ("initdb", "postgres", "psql")


def find() -> Path:
    """The folder of the programs; Debian keeps them off PATH, one folder per version.

    Raises:
        EngineError: it is not installed.
    """
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    for folder in sorted(versions, key=lambda path: float(path.parent.name), reverse=True):
        if all((folder / name).exists() for name in _PROGRAMS):
            return folder
    anywhere = shutil.which("initdb")
    if anywhere is None:
        raise EngineError("initdb and postgres were not found")
    return Path(anywhere).resolve().parent


def start(folder: Path, tls: machine.Tls | None = None) -> Started:
    """
    Raises:
        EngineError: not installed, or it did not start.
    """
    programs = find()
    owner = machine.account("postgres")
    machine.empty_folder(folder, owner)
    data = folder / "data"
    password = machine.write(folder / "superuser-password", os.urandom(18).hex(), owner)
    password.chmod(0o600)
    arguments = [str(programs / "initdb"), "-D", str(data), "-U", _SUPERUSER]
    arguments += ["--pwfile", str(password), "--auth=scram-sha-256", "--encoding=UTF8"]
    arguments += ["--locale=C.UTF-8", "--no-sync"]
    machine.run(arguments, folder, owner)
    (port,) = machine.free_ports(1)
    server = [str(programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port)]
    # What a crash of the machine would lose nobody reads again; a kill loses nothing.
    server += ["-c", "fsync=off", "-c", "unix_socket_directories=", *_tls(folder, owner, tls)]
    # SIGINT is the fast shutdown; SIGTERM would wait for every client (section 19.5).
    process = machine.spawn(server, folder, owner, stop_signal=signal.SIGINT)
    try:
        version = machine.wait_for(lambda: _prepare(programs, port, password), process, folder)
    except BaseException:
        machine.end([process])
        raise
    return Started(
        version=f"PostgreSQL {version}",
        processes=(process,),
        environment={"STEND_POSTGRESQL_URL": f"postgresql://lavka:lavka@127.0.0.1:{port}/lavka"},
    )


def _tls(folder: Path, owner: machine.Account | None, tls: machine.Tls | None) -> list[str]:
    """Server options for TLS, by itself with a certificate that lives as long as the data."""
    key, certificate = folder / "server.key", folder / "server.crt"
    if tls:
        machine.write_tls(folder, tls, owner)
    else:
        machine.run(
            [
                *("openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "2"),
                *("-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)),
            ],
            folder,
            owner,
        )
    options = {"ssl": "on", "ssl_key_file": str(key), "ssl_cert_file": str(certificate)}
    return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]


def _prepare(programs: Path, port: int, password: Path) -> str:
    ask = _Asker(programs / "psql", port, password.read_text(encoding="ascii"))
    version = ask("SHOW server_version")
    # The same rights as on the embedded server, and databases of its own: each shop of a test run
    # gets an empty one.
    ask("CREATE ROLE lavka LOGIN CREATEDB PASSWORD 'lavka'")
    ask("CREATE DATABASE lavka")
    ask("GRANT CREATE ON DATABASE lavka TO lavka")
    return version.split()[0]


class _Asker:
    """Runs one statement as the superuser, outside of a transaction."""

    def __init__(self, psql: Path, port: int, password: str) -> None:
        where = ["-h", "127.0.0.1", "-p", str(port), "-U", _SUPERUSER, "-d", "postgres"]
        self._command = [str(psql), "--no-psqlrc", "-Atq", "-v", "ON_ERROR_STOP=1", *where, "-c"]
        self._environment = {**os.environ, "PGPASSWORD": password}

    def __call__(self, statement: str) -> str:
        done = subprocess.run(
            [*self._command, statement],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise OSError(done.stderr.strip())
        return done.stdout.strip()

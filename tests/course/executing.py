"""Does with a fence of a lesson what the author's guide promises."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlglot
from psycopg.conninfo import make_conninfo

from stend.course.texts.prose import Attribute, Fence, Notation
from stend.course.texts.snippets import Run, commands, output_difference
from stend.kit.languages import Language
from stend.runtime.course import seen_environment
from tests.conftest import LiveStand

PROGRAM_S = 20
_POSTGRESQL = 10
_DATABASE = "lavka"


def needs_stand(fence: Fence) -> bool:
    return fence.language is Notation.CONSOLE or Attribute.STAND in fence.attributes


def run(one: Run, stand: LiveStand | None, language: Language) -> None:
    """
    Args:
        stand: None for a program that needs none.

    Raises:
        AssertionError: it fails, or prints something else than the text says.
    """
    if one.fence.language is Notation.CONSOLE:
        assert stand is not None
        printed = _commands(one.fence, stand, language)
    else:
        printed = _program(one.fence, {} if stand is None else _addresses(stand))
    if one.output is not None:
        difference = output_difference(one.output.content, printed)
        assert difference is None, difference


def _addresses(stand: LiveStand) -> Mapping[str, str]:
    return {"STEND_URL": stand.url, "STEND_PORT_BASE": str(stand.port_base)}


def _program(fence: Fence, more: Mapping[str, str]) -> str:
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as place:
        program = Path(place) / "snippet.py"
        program.write_text(fence.content, encoding="utf-8")
        return _ended([str(program)], Path(empty), {**seen_environment(), **more})


def _commands(fence: Fence, stand: LiveStand, language: Language) -> str:
    environment = stand.environment(STEND_LANG=language)
    with tempfile.TemporaryDirectory() as empty:
        return "".join(
            _ended(["-m", "stend", *words], Path(empty), environment)
            for words in commands(fence.content)
        )


def _ended(words: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            [sys.executable, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=PROGRAM_S,
            cwd=folder,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise AssertionError(f"{' '.join(words)}: has not ended within {PROGRAM_S} s") from None
    assert done.returncode == 0, f"ended with {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def database(stand: LiveStand) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A schema on the stand's PostgreSQL that is thrown away; each statement commits by itself."""
    password = stand.state / "postgresql" / "superuser-password"
    address = make_conninfo(
        host="127.0.0.1",
        port=stand.port_base + _POSTGRESQL,
        dbname=_DATABASE,
        user="postgres",
        password=password.read_text(encoding="ascii"),
    )
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA snippets")
        connection.execute("SET search_path = snippets")
        try:
            yield connection
        finally:
            # A snippet that failed may have left its transaction open.
            connection.execute("ROLLBACK")
            connection.execute("DROP SCHEMA snippets CASCADE")


def run_sql(connection: psycopg.Connection[tuple[object, ...]], fence: Fence) -> None:
    """
    Raises:
        AssertionError: a statement fails, or a transaction is left open.
    """
    for statement in _statements(fence.content):
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            raise AssertionError(f"line {fence.line}: {statement}: {error}") from None
    status = connection.info.transaction_status
    assert status is psycopg.pq.TransactionStatus.IDLE, f"line {fence.line}: left open: {status}"


def _statements(script: str) -> Iterator[str]:
    # Sent together they would be one transaction, in which CREATE INDEX CONCURRENTLY is refused.
    start = 0
    for token in sqlglot.tokenize(script, dialect="postgres"):
        # Of a string the quotes belong to its place.
        if script[token.start : token.end + 1] == ";":
            yield script[start : token.start]
            start = token.end + 1
    if script[start:].strip():
        yield script[start:]


def compile_proto(fence: Fence) -> None:
    """
    Raises:
        AssertionError: it is no file of proto.
    """
    assert "syntax" in fence.content or "edition" in fence.content, "no syntax: proto2 is not meant"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "snippet.proto"
        source.write_text(fence.content, encoding="utf-8")
        # A process of its own tells what is wrong on its stderr.
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "grpc_tools.protoc",
                f"-I{folder}",
                f"--descriptor_set_out={folder}/out",
                str(source),
            ],
            capture_output=True,
            text=True,
            timeout=PROGRAM_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert not done.stderr, done.stderr

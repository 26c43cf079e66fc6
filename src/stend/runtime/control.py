"""What other processes may do with a running stand: find it, ask it, wait for it, stop it."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

import h11
import psutil

from stend.kit.json import JsonObject, JsonValue
from stend.runtime import process
from stend.runtime.process import RunningStand
from stend.runtime.rows import VARIABLES
from stend.runtime.sources import environment

_STATUS_PATH = "/stand/status"
# While a stand imports, or the disk writes, a slow machine lets it hesitate for seconds.
_ANSWER_WITHIN_S = 10.0
_READ_BYTES = 64 * 1024
_POLL_EVERY_S = 0.05
STOP_TIMEOUT_S = 5.0
START_TIMEOUT_S = 60.0
_RECOVERY_S = 6.0


class DidNotStartError(Exception):
    """The background process ended before the stand was ready."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output


class NotReadyInTimeError(Exception):
    """The background process runs, and some part of it is still not ready."""

    def __init__(self, status: JsonObject | None) -> None:
        super().__init__("not ready in time")
        self.status = status


def status_of(running: RunningStand) -> JsonObject | None:
    """What the stand says of itself, or None when it does not answer in time."""
    try:
        code, body = _get(running, _STATUS_PATH)
        status: JsonObject = json.loads(body)
    except (OSError, h11.ProtocolError, ValueError):
        return None
    return status if code == HTTPStatus.OK else None


def _get(running: RunningStand, path: str) -> tuple[int, bytes]:
    """The answer's status code and body.

    With h11: the client of the standard library takes 20 ms more to import, for TLS and mail.

    Raises:
        OSError, h11.ProtocolError
    """
    talk = h11.Connection(h11.CLIENT)
    host = f"{running.host}:{running.http_port}"
    ask = h11.Request(method="GET", target=path, headers=[("Host", host), ("Connection", "close")])
    code, body = 0, b""
    where = running.host, running.http_port
    with socket.create_connection(where, timeout=_ANSWER_WITHIN_S) as connection:
        connection.sendall(talk.send(ask) + talk.send(h11.EndOfMessage()))
        while not isinstance(event := talk.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                talk.receive_data(connection.recv(_READ_BYTES))
            elif isinstance(event, h11.Response):
                code = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
    return code, body


def start_in_background(
    arguments: list[str], state: Path, settings: Mapping[str, str]
) -> JsonObject:
    """Runs `stend` with these arguments as a process of its own and waits until it is ready.

    Args:
        settings: told in its environment, by their names.

    Returns:
        The status of the ready stand.

    Raises:
        DidNotStartError, NotReadyInTimeError
    """
    state.mkdir(parents=True, exist_ok=True)
    log_path = state / process.CONSOLE_LOG
    with log_path.open("wb") as log:
        # -P here and elsewhere: no file of the folder where the command was typed is a module.
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "stend", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**environment(), **{VARIABLES[name]: text for name, text in settings.items()}},
        )
    deadline = _Deadline()
    status = None
    while not deadline.passed(status):
        if child.poll() is not None:
            raise DidNotStartError(log_path.read_text(encoding="utf-8", errors="replace"))
        running = process.find(state)
        if running and running.pid == child.pid:
            status = status_of(running)
        if status and status["ready"]:
            return status
        time.sleep(_POLL_EVERY_S)
    raise NotReadyInTimeError(status)


class _Deadline:
    """A minute, or a few seconds after which a failed part has not recovered."""

    def __init__(self) -> None:
        self._ends_at = time.monotonic() + START_TIMEOUT_S
        self._failing_since: float | None = None

    def passed(self, status: JsonObject | None) -> bool:
        now = time.monotonic()
        if not _has_failed(status):
            self._failing_since = None
        elif self._failing_since is None:
            self._failing_since = now
        failed_s = now - self._failing_since if self._failing_since else 0.0
        return now > self._ends_at or failed_s > _RECOVERY_S


def _has_failed(status: JsonObject | None) -> bool:
    if status is None:
        return False
    parts = [*_list(status["engines"]), *_list(status["services"])]
    return any(isinstance(part, dict) and part["state"] == "failed" for part in parts)


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def stop(state: Path) -> bool:
    """Ends the stand of this state folder, gently first.

    Returns:
        Whether there was one.
    """
    running = process.find(state)
    if running is None:
        return False
    stand = psutil.Process(running.pid)
    children = stand.children(recursive=True)
    stand.terminate()
    ends_at = time.monotonic() + STOP_TIMEOUT_S
    # Not psutil's wait: that waits for a zombie, too, and some init processes reap theirs late.
    while process.find(state) and time.monotonic() < ends_at:
        time.sleep(_POLL_EVERY_S)
    if process.find(state):
        stand.kill()
        for child in children:
            if child.is_running():
                child.kill()
    process.remove(state)
    return True

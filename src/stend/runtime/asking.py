"""Asks a running stand over its HTTP API: JSON, files, and a stream of events."""

import http.client
import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from stend.kit.json import JsonObject
from stend.runtime.process import RunningStand

# A large ring takes seconds to be packed; a stream beats more often than this.
_TIMEOUT_S = 60.0
_DATA = "data: "


class RefusedError(Exception):
    """The stand says no. The text is its own reason."""


class NoAnswerError(Exception):
    """The stand does not answer, or not as a stand does."""


class StandApi:
    def __init__(self, running: RunningStand) -> None:
        self._running = running

    def get(self, path: str, **query: str | None) -> JsonObject:
        """
        Raises:
            RefusedError, NoAnswerError
        """
        return _object(self._asked("GET", _with(path, query)))

    def file(self, path: str, **query: str | None) -> bytes:
        """
        Raises:
            RefusedError, NoAnswerError
        """
        return self._asked("GET", _with(path, query))

    def post(self, path: str, body: JsonObject) -> JsonObject:
        """
        Raises:
            RefusedError, NoAnswerError
        """
        return _object(self._asked("POST", path, json.dumps(body).encode()))

    def delete(self, path: str) -> JsonObject:
        """
        Returns:
            What the stand says of it; nothing where it says nothing.

        Raises:
            RefusedError, NoAnswerError
        """
        answer = self._asked("DELETE", path)
        return _object(answer) if answer else {}

    def events(self, path: str, **query: str | None) -> Iterator[JsonObject]:
        """The data of each event, until the stand ends the stream.

        Raises:
            RefusedError, NoAnswerError
        """
        connection = self._connection()
        try:
            connection.request("GET", _with(path, query))
            answer = connection.getresponse()
            if answer.status != HTTPStatus.OK:
                raise RefusedError(_reason(answer.read()))
            while line := answer.readline():
                text = line.decode().rstrip("\r\n")
                if text.startswith(_DATA):
                    yield _object(text.removeprefix(_DATA).encode())
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(str(error) or type(error).__name__) from None
        finally:
            connection.close()

    def _asked(self, method: str, path: str, body: bytes | None = None) -> bytes:
        connection = self._connection()
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(str(error) or type(error).__name__) from None
        finally:
            connection.close()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RefusedError(_reason(content))
        return content

    def _connection(self) -> http.client.HTTPConnection:
        running = self._running
        return http.client.HTTPConnection(running.host, running.http_port, timeout=_TIMEOUT_S)


def _with(path: str, query: Mapping[str, str | None]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def _object(content: bytes) -> JsonObject:
    try:
        found = json.loads(content)
    except ValueError:
        raise NoAnswerError("the answer is no JSON") from None
    if not isinstance(found, dict):
        raise NoAnswerError("the answer is no JSON object")
    return found


def _reason(content: bytes) -> str:
    try:
        return str(json.loads(content)["detail"])
    except (ValueError, KeyError, TypeError):
        return content[:300].decode(errors="replace")

"""A module of the learner whose functions are called, one after the other."""

import contextlib
import json
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stend.course.sandbox.limits import Limits
from stend.course.sandbox.ports import HOST
from stend.course.sandbox.program import Program
from stend.course.sandbox.service import explain
from stend.course.sandbox.told import Broken
from stend.kit.json import JsonValue
from stend.kit.languages import Text

_IMPORT_WITHIN_S = 10.0
# A machine may be busy with other things, and an endless loop is as endless after a moment more.
_CALL_WITHIN_S = 5.0
_MOST_BYTES = 4 * 1024 * 1024


class RaisedError(Exception):
    """The learner's function raised: for some checks that is the right answer.

    Attributes:
        kind: the name of the exception's class.
    """

    def __init__(self, kind: str, told: str, traceback: str) -> None:
        super().__init__(told)
        self.kind = kind
        self.traceback = traceback


class LearnersModule:
    """
    Args:
        name: of the module, a file in the folder.

    Raises:
        Broken: it cannot be imported.
    """

    def __init__(
        self, name: str, folder: Path, environment: dict[str, str], limits: Limits, mark: str
    ) -> None:
        with socket.create_server((HOST, 0)) as door:
            port = door.getsockname()[1]
            self._program = Program(["--calls", str(port), name], folder, environment, limits, mark)
            try:
                self._line = self._taken(door)
            except BaseException:
                self._program.end()
                raise
        self._heard = bytearray()
        try:
            answer = self._answer(_IMPORT_WITHIN_S, name)
            if "raised" in answer:
                raise _not_imported(name, answer)
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def has_ended(self) -> bool:
        """Its process is gone, by itself or for a limit that it went over."""
        return self._program.code is not None

    def end(self) -> None:
        self._line.close()
        self._program.end()

    def call(self, function: str, *arguments: JsonValue) -> JsonValue:
        """
        Raises:
            RaisedError: the function raised.
            Broken: there is no such function, it does not come back, or it returns what is no
                JSON value.
        """
        asked = json.dumps({"function": function, "arguments": arguments})
        with contextlib.suppress(OSError):
            self._line.sendall(asked.encode() + b"\n")
        answer = self._answer(_CALL_WITHIN_S, f"{function}()")
        if "missing" in answer:
            raise Broken(
                Text(
                    ru=f"В модуле нет функции {function}.",
                    en=f"The module has no function {function}.",
                ),
                expected=f"def {function}(…)",
            )
        if "raised" in answer:
            raise RaisedError(answer["raised"], answer["told"], answer["traceback"])
        if "unprintable" in answer:
            raise Broken(
                Text(
                    ru=f"{function} вернула то, чего в JSON нет.",
                    en=f"{function} returned something that JSON does not have.",
                ),
                expected="None, bool, int, float, str, list, dict",
                got=answer["unprintable"],
            )
        value: JsonValue = answer["value"]
        return value

    def _taken(self, door: socket.socket) -> socket.socket:
        door.settimeout(_IMPORT_WITHIN_S)
        try:
            return door.accept()[0]
        except TimeoutError:
            self._program.end()
            raise explain(self._program) from None

    def _answer(self, within_s: float, what: str) -> dict[str, Any]:
        self._line.settimeout(within_s)
        try:
            while b"\n" not in self._heard:
                chunk = self._line.recv(65536)
                if not chunk or len(self._heard) > _MOST_BYTES:
                    raise self._silent(what)
                self._heard += chunk
        except TimeoutError:
            self._program.end()
            raise _late(what, within_s) from None
        except ConnectionError:
            raise self._silent(what) from None
        line, _, rest = self._heard.partition(b"\n")
        self._heard = bytearray(rest)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _silent(self, what: str) -> Broken:
        self._program.wait(1.0)
        self._program.end()
        why = explain(self._program)
        return Broken(
            Text(ru=f"{what}: {why.sentence.ru}", en=f"{what}: {why.sentence.en}"), got=why.got
        )


def _late(what: str, within_s: float) -> Broken:
    return Broken(
        Text(
            ru=f"{what}: ответа нет за {within_s:g} с, программа остановлена. "
            "Похоже на бесконечный цикл.",
            en=f"{what}: no answer within {within_s:g} s, the program was stopped. "
            "It looks like an endless loop.",
        )
    )


def _not_imported(name: str, answer: dict[str, Any]) -> Broken:
    return Broken(
        Text(
            ru=f"Модуль {name} не загружается: {answer['raised']}: {answer['told']}",
            en=f"The module {name} cannot be imported: {answer['raised']}: {answer['told']}",
        ),
        got=answer["traceback"],
    )

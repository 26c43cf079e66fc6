"""What a check of an exercise holds in its hands: the learner's files, programs, and chance."""

import json
from collections.abc import Callable, Mapping, MutableSequence, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

from stend.course.sandbox.calls import LearnersModule
from stend.course.sandbox.limits import Limits
from stend.course.sandbox.ports import HOST, free_port
from stend.course.sandbox.program import Program
from stend.course.sandbox.script import Finished, Order, run_script
from stend.course.sandbox.service import Start, explain, start_service
from stend.kit.languages import Text

if TYPE_CHECKING:
    from stend.course.stand import Stand

_T = TypeVar("_T")
_MOST_FILE_BYTES = 2 * 1024 * 1024


class Dice(Protocol):
    """What checks draw from; `random.Random` is one."""

    def random(self) -> float: ...

    def randint(self, low: int, high: int) -> int: ...

    def choice(self, values: Sequence[_T]) -> _T: ...

    def choices(self, values: Sequence[_T], *, k: int) -> list[_T]: ...

    def shuffle(self, values: MutableSequence[_T]) -> None: ...


class FailedError(Exception):
    """The check says no, in words.

    Attributes:
        sentence: what a person reads first.
    """

    def __init__(
        self, sentence: Text, expected: str | None, got: str | None, where: str | None
    ) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence
        self.expected = expected
        self.got = got
        self.where = where


class Case:
    """One run of the checks of one exercise.

    Args:
        folder: of the learner's files.
        dice: everything random in this run comes from it: nothing that is sent can be hard-coded.
        environment: what the learner's programs see of the environment.
        stand: the one that runs, where the exercise needs one; programs find it in STEND_URL.
    """

    def __init__(
        self,
        folder: Path,
        dice: Dice,
        environment: Mapping[str, str],
        service: tuple[str, float] | None = None,
        limits: Limits | None = None,
        stand: "Stand | None" = None,
    ) -> None:
        self.folder = folder
        self.dice = dice
        self._environment = {**environment, **(stand.environment if stand else {})}
        self._stand = stand
        self._service = service
        self._limits = limits or Limits()
        self._kept: dict[str, object] = {}
        self._programs: list[Program] = []
        self._opened = ExitStack()

    def fail(
        self,
        ru: str,
        en: str,
        *,
        expected: object = None,
        got: object = None,
        where: str | None = None,
    ) -> NoReturn:
        """
        Args:
            ru, en: what happened and what was promised instead, in one sentence.
            expected, got: texts as they are; other values as JSON.
            where: `orders.yaml:12`, a JSON pointer, an exchange.

        Raises:
            FailedError: always.
        """
        raise FailedError(Text(ru=ru, en=en), _shown(expected), _shown(got), where)

    def once(self, name: str, make: Callable[[], _T]) -> _T:
        """What several checks need is made by the first of them."""
        if name not in self._kept:
            self._kept[name] = make()
        made: _T = self._kept[name]  # type: ignore[assignment]  # kept under its own name
        return made

    def opened(self, resource: AbstractContextManager[_T]) -> _T:
        """Opens a client or a file, and closes it when the run ends."""
        return self._opened.enter_context(resource)

    def read(self, name: str) -> str:
        """A file of the learner's.

        Raises:
            FailedError: it is missing, too large, or no UTF-8.
        """
        path = self.folder / name
        if not path.is_file():
            self.fail(f"Файла {name} нет.", f"There is no file {name}.", expected=name)
        if path.stat().st_size > _MOST_FILE_BYTES:
            self.fail(f"Файл {name} больше 2 МБ.", f"The file {name} is larger than 2 MB.")
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            self.fail(
                f"Файл {name} не в кодировке UTF-8.",
                f"The file {name} is not UTF-8.",
                got=str(error),
                where=name,
            )

    def service(self, environment: Mapping[str, str] | None = None) -> str:
        """Starts the learner's service once. Returns its address, `http://127.0.0.1:PORT`.

        Args:
            environment: what it sees beside PORT and the like; of the call that starts it.

        Raises:
            Broken: it does not listen.
        """
        return self.once("service", lambda: self._started(environment or {}))

    def check_alive(self) -> None:
        """
        Raises:
            Broken: the service has ended since it was started.
        """
        for program in self._programs:
            if program.code is not None or program.trouble:
                raise explain(program)

    def module(self, name: str, process: str = "") -> LearnersModule:
        """The learner's module in a process of its own, loaded once.

        Args:
            process: another word is another process, which has its own time and memory.

        Raises:
            Broken: it cannot be imported.
        """
        return self.once(f"module {name} {process}", lambda: self._loaded(name))

    def script(
        self,
        name: str,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> Finished:
        """Runs a program of the learner to its end.

        Args:
            name: its file.
            environment: what it sees beside PATH and the like.

        Raises:
            Broken: there is no such file, or it has gone over a limit. What its exit code means is
                said by `.succeeded()`.
        """
        given = {**self._environment, **(environment or {})}
        order = Order((name, *arguments), stdin, given)
        return run_script(order, self.folder, self._limits, self.word(24))

    @property
    def stand(self) -> "Stand":
        """The running stand; `stand = true` in exercise.toml asks for it."""
        if self._stand is None:
            raise ValueError("the exercise says nothing of a stand")
        return self._stand

    def word(self, length: int = 10) -> str:
        """A word that nobody can know beforehand."""
        return "".join(self.dice.choices("abcdefghijkmnpqrstuvwxyz23456789", k=length))

    def end(self) -> None:
        """Ends every program of the learner that was started here, and all that was opened."""
        self._opened.close()
        self._programs.clear()

    def _started(self, environment: Mapping[str, str]) -> str:
        if self._service is None:
            raise ValueError("the exercise says nothing of a service")
        file, start_s = self._service
        port = free_port()
        start = Start(file, port, start_s, {**self._environment, **environment})
        program = start_service(start, self.folder, self._limits, self.word(24))
        self._programs.append(self.opened(program))
        return f"http://{HOST}:{port}"

    def _loaded(self, name: str) -> LearnersModule:
        mark = self.word(24)
        return self.opened(LearnersModule(name, self.folder, self._environment, self._limits, mark))


def _shown(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)

"""A program of the learner that runs to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from stend.course.sandbox.limits import Limits
from stend.course.sandbox.program import Program
from stend.course.sandbox.service import explain
from stend.course.sandbox.told import Broken
from stend.kit.languages import Text

_SHOWN = 2000
_END_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Finished:
    """
    Attributes:
        stdout: all that it has printed; more than the limit ends it.
        stderr: with its traceback, from the first line of the learner's on.
    """

    file: str
    code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """
        Raises:
            Broken: what it has printed is no UTF-8.
        """
        try:
            return self.stdout.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Broken(
                Text(
                    ru=f"{self.file} печатает не UTF-8.", en=f"{self.file} prints what is no UTF-8."
                ),
                got=str(error),
            ) from None

    def succeeded(self) -> Self:
        """
        Raises:
            Broken: its exit code is not 0.
        """
        if self.code == 0:
            return self
        last = self.stderr.strip().splitlines()[-1:] or [""]
        raise Broken(
            Text(
                ru=f"{self.file} закончился с кодом {self.code}. {last[0]}".rstrip(),
                en=f"{self.file} ended with code {self.code}. {last[0]}".rstrip(),
            ),
            expected="0",
            got=self.stderr.strip()[-_SHOWN:] or None,
        )


@dataclass(frozen=True, slots=True)
class Order:
    """
    Attributes:
        arguments: the file and what follows it.
        stdin: what it reads.
        environment: all that it sees of the environment.
    """

    arguments: Sequence[str]
    stdin: bytes
    environment: Mapping[str, str]


def run_script(order: Order, folder: Path, limits: Limits, mark: str) -> Finished:
    """Runs it to its end, whatever its exit code is.

    Raises:
        Broken: there is no such file, or it has gone over a limit.
    """
    file, *_ = order.arguments
    if not (folder / file).is_file():
        raise Broken(
            Text(
                ru=f"Файла {file} нет: запускать нечего.",
                en=f"There is no file {file}, so there is nothing to start.",
            ),
            expected=file,
        )
    environment, given = dict(order.environment), order.stdin
    with Program([*order.arguments], folder, environment, limits, mark, given) as program:
        # The watcher ends it in time.
        code = program.wait(limits.wall_s + _END_WITHIN_S)
    if program.trouble or code is None:
        raise explain(program)
    return Finished(file, code, program.output, program.errors)

"""Runs protoc, which is C++, over a text of a learner's: in a process of its own, within limits."""

import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from stend.course.formats.contract import Problem, Rule
from stend.course.formats.source import unreadable
from stend.kit.languages import Text

MOST_CHARACTERS = 200_000
_MOST_S = 10.0
_MOST_ERRORS = 50
_ERROR = re.compile(r"contract\.proto:(?P<line>\d+):\d+: (?P<told>.+)$")


class RefusedError(Exception):
    """
    Attributes:
        problems: what protoc says.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].sentence.en)
        self.problems = problems


def compiled(text: str, file: str) -> bytes:
    """A serialized FileDescriptorSet of the text and of what it imports.

    Only `google/protobuf/*.proto` can be imported.

    Raises:
        UnreadableError: too long, or protoc did not come to an end.
        RefusedError: protoc refuses it.
    """
    if len(text) > MOST_CHARACTERS:
        raise unreadable(
            file,
            1,
            f"В файле {len(text)} знаков, читаются не больше {MOST_CHARACTERS}.",
            f"The file has {len(text)} characters, at most {MOST_CHARACTERS} are read.",
        )
    with tempfile.TemporaryDirectory(prefix="stend-protoc-") as folder:
        # A name of ours: that of the learner's could be an option, or a path.
        Path(folder, "contract.proto").write_text(text, encoding="utf-8", errors="replace")
        try:
            done = subprocess.run(
                _command(folder),
                cwd=folder,
                capture_output=True,
                timeout=_MOST_S,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            raise unreadable(
                file,
                1,
                f"protoc не справился за {_MOST_S:.0f} с.",
                f"protoc did not finish within {_MOST_S:.0f} s.",
            ) from None
        told = done.stderr.decode("utf-8", "replace")
        if done.returncode != 0:
            raise RefusedError(_problems(told, file))
        return Path(folder, "out").read_bytes()


def _command(folder: str) -> list[str]:
    found = importlib.util.find_spec("grpc_tools")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("grpc_tools")
    included = Path(found.origin).parent / "_proto"
    # Without what it takes from the environment or from the folder it stands in.
    start = [sys.executable, "-I", "-X", "utf8", "-m", "grpc_tools.protoc"]
    options = [f"-I{folder}", f"-I{included}", "--include_imports", "--include_source_info"]
    return [*start, *options, "-oout", "contract.proto"]


def _problems(told: str, file: str) -> tuple[Problem, ...]:
    found = []
    for line in told.splitlines()[:_MOST_ERRORS]:
        match = _ERROR.search(line)
        if match and not match["told"].startswith("warning:"):
            found.append(_problem(match["told"], f"{file}:{match['line']}"))
    if found:
        return tuple(found)
    lines = [line.removeprefix("contract.proto: ") for line in told.splitlines()]
    first = next((one for one in lines if one and not one.startswith("WARNING")), "?")
    return (_problem(first, f"{file}:1"),)


def _problem(told: str, where: str) -> Problem:
    told = told.rstrip(".")
    text = Text(ru=f"protoc не принимает: {told}.", en=f"protoc refuses: {told}.")
    return Problem(Rule.FORM, text, "", where)

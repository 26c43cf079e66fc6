"""What every command shares: the language, the settings, the output, the exit codes."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, NoReturn

from stend.cli.texts import T
from stend.kit.languages import Language, Text
from stend.runtime.assets import checkout
from stend.runtime.settings import Settings, SettingsError
from stend.runtime.sources import load_settings, root


class Exit(IntEnum):
    """1 is an answer that says no, 2 is anything that kept the command from its answer."""

    OK = 0
    DOMAIN_ERROR = 1
    FAILURE = 2


@dataclass(frozen=True, slots=True)
class Session:
    language: Language

    def say(self, text: T, **values: object) -> None:
        print(text(self.language, **values))  # noqa: T201 - this is the output of a command

    def complain(self, text: T, **values: object) -> None:
        print(text(self.language, **values), file=sys.stderr)  # noqa: T201 - as above

    def print_json(self, value: Mapping[str, Any]) -> None:
        print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201 - as above

    def fail(self, text: T, **values: object) -> NoReturn:
        self.complain(text, **values)
        raise SystemExit(Exit.FAILURE)

    def fail_with(self, text: Text) -> NoReturn:
        print(text[self.language], file=sys.stderr)  # noqa: T201 - as above
        raise SystemExit(Exit.FAILURE)

    def settings(self, command_line: Mapping[str, Any]) -> Settings:
        try:
            return load_settings(command_line)
        except SettingsError as error:
            self.complain(T.BAD_SETTINGS)
            for problem in error.problems:
                print(f"  {problem[self.language]}", file=sys.stderr)  # noqa: T201 - as above
            raise SystemExit(Exit.FAILURE) from None

    def repository(self, command: str) -> Path:
        """Its folder, for a command that works on the repository; elsewhere that is told."""
        folder = checkout()
        if folder is None:
            self.fail(T.NEEDS_REPOSITORY, command=command)
        return folder

    @property
    def root(self) -> Path:
        return root()

"""A server of the stand's own, in a process of its own: what their launchers share."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stend.engines.child import Child, Command, Footprint, end_left_over


@dataclass(frozen=True, slots=True)
class Program:
    """
    Attributes:
        name: for messages, with its article: "the Kafka broker".
        module: run as `python -m MODULE FILE`, with the settings in the file.
        stem: of the files of its process: `STEM.pid` and `STEM.json`.
    """

    name: str
    module: str
    stem: str = "server"


class OwnServer:
    """One server. The methods block: call them outside of an event loop.

    Args:
        home: folder of its data and settings.
        log_path: where its own log goes.
        write_settings: writes the file that the process reads.
    """

    def __init__(
        self, program: Program, home: Path, log_path: Path, write_settings: Callable[[Path], None]
    ) -> None:
        self._program = program
        self._home = home
        self._write_settings = write_settings
        self._child = Child(program.name, log_path, telling="ERROR")

    def launch(self) -> None:
        """Ends a server left over from a killed stand, then starts one."""
        self._child.launch(self._prepare)

    def failure(self) -> str | None:
        """Why the server is not running any more, or None while it runs."""
        return self._child.failure()

    def pss_bytes(self) -> int | None:
        return self._child.pss_bytes()

    def stop(self) -> None:
        """In good order: nothing acknowledged is lost."""
        self._child.stop()

    def end_left_over_server(self) -> None:
        end_left_over(self._footprint)

    def erase(self) -> None:
        """Forgets all that it keeps."""
        self.end_left_over_server()
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def _settings_path(self) -> Path:
        return self._home / f"{self._program.stem}.json"

    @property
    def _footprint(self) -> Footprint:
        return Footprint(
            self._home / f"{self._program.stem}.pid", str(self._settings_path), self._home
        )

    def _prepare(self) -> Command:
        self._home.mkdir(parents=True, exist_ok=True)
        self._write_settings(self._settings_path)
        arguments = [sys.executable, "-P", "-m", self._program.module, str(self._settings_path)]
        return Command(arguments, self._footprint)

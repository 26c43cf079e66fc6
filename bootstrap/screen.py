"""What a person sees while the environment is made: notes, one line of progress, an error."""

from __future__ import annotations

import os
import shutil
import textwrap
import time
from typing import TextIO

from bootstrap.failure import BootstrapError
from bootstrap.output import Stage, Tally, megabytes
from bootstrap.texts import LABELS, Language, Note

WIDTH = 80
# Without a terminal a line now and then shows that it goes on, and does not flood a log.
PLAIN_INTERVAL_S = 5.0


class Screen:
    """Writes to standard error, so that the output of the command itself stays clean.

    Args:
        stream: where to write.
        language: the language of every text.
        environment: read for NO_COLOR and TERM.
        retry: the command line that runs the same command again.
    """

    def __init__(
        self, stream: TextIO, language: Language, environment: dict[str, str], retry: str
    ) -> None:
        self.language = language
        self._stream = stream
        self._retry = retry
        terminal = stream.isatty()
        self._updating = terminal and environment.get("TERM") != "dumb"
        # Old Windows consoles print escape sequences as they are.
        self._coloured = self._updating and not environment.get("NO_COLOR") and os.name != "nt"
        self._columns = min(shutil.get_terminal_size((WIDTH, 24)).columns, WIDTH)
        self._shown = ""
        self._began_s = time.monotonic()
        self._printed_s = self._began_s
        self._stage: Stage | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds since the installation began."""
        return time.monotonic() - self._began_s

    def say(self, note: Note, **values: object) -> None:
        """Print a note on a line of its own."""
        text = note.value.say(self.language, {"retry": self._retry, **values})
        # The second line of a note is a command: wrapped, it could not be copied.
        prose, *commands = f"stend: {text}".split("\n")
        green = note is Note.READY
        self._print(self._paint(self._wrap(prose, "  "), "32" if green else ""))
        for command in commands:
            self._print(command)

    def progress(self, tally: Tally, installed: int) -> None:
        """Show how far the installer has come.

        Args:
            tally: what its output told.
            installed: packages found in the environment.
        """
        line = self._progress_line(tally, installed)
        if self._updating:
            if line != self._shown:
                self._update(line)
            return
        now_s = time.monotonic()
        if tally.stage is not self._stage or now_s - self._printed_s >= PLAIN_INTERVAL_S:
            self._stage, self._printed_s = tally.stage, now_s
            self._print(line)

    def fail(self, error: BootstrapError) -> None:
        """Print an error: what happened, what was expected, what to do next."""
        labels = LABELS[self.language]
        explanation = error.problem.value
        values = {"retry": self._retry, "tool": error.tool, **error.values}
        what = explanation.what.say(self.language, values)
        self._print(self._paint(self._wrap(f"stend: {what}", "  "), "31"))
        if error.tail:
            self._print(f"  {labels.tail.format(tool=error.tool)}")
            for line in error.tail:
                self._print(f"    | {line}")
        for label, text in (
            (labels.expected, explanation.expected.say(self.language, values)),
            (labels.next_step, explanation.next_step.say(self.language, values)),
        ):
            self._print(self._wrap(f"  {label:<10} {text}", " " * 13))
        self._print(f"  {labels.again:<10} {self._retry}")
        self._print(f"  {labels.code:<10} {explanation.code}")

    def _progress_line(self, tally: Tally, installed: int) -> str:
        note = {
            Stage.PREPARING: Note.PREPARING,
            Stage.RETRYING: Note.RETRYING,
            Stage.FETCHING: Note.FETCHING,
            Stage.INSTALLING: Note.INSTALLING,
            Stage.COMPILING: Note.COMPILING,
        }[tally.stage]
        done = installed if tally.stage is Stage.INSTALLING else tally.done
        values = {
            "done": min(done, tally.total),
            "total": tally.total,
            "size": megabytes(tally.fetched_bytes),
            "seconds": int(self.elapsed_s),
            "current": tally.current,
        }
        return ("  " + note.value.say(self.language, values).rstrip(": "))[: self._columns - 1]

    def _update(self, line: str) -> None:
        # Spaces instead of an escape sequence wipe the rest of a longer line on every terminal.
        self._write("\r" + line.ljust(len(self._shown)))
        self._shown = line

    def _print(self, text: str) -> None:
        if self._shown:
            self._write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""
        self._write(text + "\n")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except UnicodeEncodeError:
            encoding = self._stream.encoding
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()
        except OSError:
            # The reader of a pipe has gone: the installation matters more than its progress.
            return

    def _wrap(self, text: str, indent: str) -> str:
        return textwrap.fill(
            text,
            self._columns,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if code and self._coloured else text

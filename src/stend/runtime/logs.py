"""Structured logs: one JSON object a line, one file per part, bounded."""

import json
import logging
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

# Two generations of this size per part is all that logs may ever take.
MAX_FILE_BYTES = 5 * 1024 * 1024
STAND = "stand"


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class _PerPart(logging.Handler):
    """`stend.orders.rest` goes to orders.jsonl; what belongs to no part goes to stand.jsonl."""

    def __init__(self, folder: Path, parts: tuple[str, ...]) -> None:
        super().__init__()
        folder.mkdir(parents=True, exist_ok=True)
        self._files = {part: _file(folder / f"{part}.jsonl") for part in (STAND, *parts)}

    def emit(self, record: logging.LogRecord) -> None:
        part = record.name.removeprefix("stend.").split(".")[0]
        self._files.get(part, self._files[STAND]).emit(record)

    def close(self) -> None:
        for handler in self._files.values():
            handler.close()
        super().close()


def set_up(folder: Path, parts: tuple[str, ...]) -> None:
    handler = _PerPart(folder, parts)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # One line per request would drown everything else and cost a tenth of the throughput.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _file(path: Path) -> RotatingFileHandler:
    handler = RotatingFileHandler(
        path, maxBytes=MAX_FILE_BYTES, backupCount=1, encoding="utf-8", delay=True
    )
    handler.setFormatter(_JsonLines())
    return handler

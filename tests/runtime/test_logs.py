"""Logs: JSON a line, a file per part, never more than the bound."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from stend.runtime import logs

PARTS = ("orders", "portal", "tap")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.set_up(tmp_path / "logs", PARTS)
    yield tmp_path / "logs"
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("logger", "file"),
    [
        ("stend.orders.rest", "orders"),
        ("stend.orders", "orders"),
        ("stend.portal.app", "portal"),
        ("stend.tap", "tap"),
        ("stend.runtime", "stand"),
        ("uvicorn.error", "stand"),
        ("", "stand"),
    ],
)
def test_a_line_goes_to_the_file_of_its_part(folder: Path, logger: str, file: str) -> None:
    logging.getLogger(logger).warning("мимо: %s", 5)
    (line,) = lines(folder / f"{file}.jsonl")
    assert (line["level"], line["message"]) == ("warning", "мимо: 5")
    assert line["time"].endswith("Z")
    assert [entry.name for entry in folder.iterdir()] == [f"{file}.jsonl"]


def test_a_message_with_line_breaks_stays_one_line(folder: Path) -> None:
    logging.getLogger("stend.orders").error("one\ntwo\u2028three")
    raw = (folder / "orders.jsonl").read_bytes()
    assert raw.count(b"\n") == 1
    assert json.loads(raw)["message"] == "one\ntwo\u2028three"


def test_a_traceback_stands_in_a_field_of_its_own(folder: Path) -> None:
    try:
        raise ValueError("bad")
    except ValueError:
        logging.getLogger("stend.orders").exception("failed")
    (line,) = lines(folder / "orders.jsonl")
    assert line["message"] == "failed"
    assert line["traceback"].splitlines()[-1] == "ValueError: bad"


def test_debug_is_not_written(folder: Path) -> None:
    logging.getLogger("stend.orders").debug("detail")
    assert list(folder.iterdir()) == []


def test_files_are_bounded_to_two_generations(folder: Path) -> None:
    logger = logging.getLogger("stend.orders")
    megabyte = "x" * 1024 * 1024
    for _ in range(14):
        logger.info(megabyte)
    names = sorted(entry.name for entry in folder.iterdir())
    assert names == ["orders.jsonl", "orders.jsonl.1"]
    for name in names:
        assert (folder / name).stat().st_size <= logs.MAX_FILE_BYTES

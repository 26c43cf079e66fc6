"""The process file: who runs, told in a way that a stale or broken file cannot spoil."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from stend.runtime import process
from stend.runtime.process import RunningStand


def own(**changes: Any) -> dict[str, Any]:
    created = process.created(psutil.Process())
    return asdict(RunningStand(os.getpid(), created, "127.0.0.1", 8000)) | changes


def write(state: Path, content: str) -> None:
    (state / "stand.json").write_text(content, encoding="utf-8")


def test_what_was_written_is_found_and_what_was_removed_is_not(tmp_path: Path) -> None:
    process.write(tmp_path, "127.0.0.1", 8000)
    found = process.find(tmp_path)
    assert found is not None
    assert (found.pid, found.host, found.http_port) == (os.getpid(), "127.0.0.1", 8000)
    assert [entry.name for entry in tmp_path.iterdir()] == ["stand.json"]
    process.remove(tmp_path)
    process.remove(tmp_path)
    assert process.find(tmp_path) is None


def test_the_own_file_is_found(tmp_path: Path) -> None:
    write(tmp_path, json.dumps(own()))
    assert process.find(tmp_path) is not None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the moment stays as it was told")
def test_a_stand_is_found_after_the_clock_was_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.write(tmp_path, "127.0.0.1", 8000)
    began = psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: began + 90)
    assert psutil.boot_time() == began + 90
    assert process.find(tmp_path) is not None


def test_a_reused_pid_belongs_to_somebody_else(tmp_path: Path) -> None:
    write(tmp_path, json.dumps(own(created=own()["created"] - 3600)))
    assert process.find(tmp_path) is None


def test_a_dead_pid_is_no_stand(tmp_path: Path) -> None:
    write(tmp_path, json.dumps(own(pid=2**22 - 1)))
    assert process.find(tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "5",
        "{}",
        '{"pid": 1}',
        "\x00\x00",
    ],
)
def test_a_broken_file_is_no_stand(tmp_path: Path, content: str) -> None:
    write(tmp_path, content)
    assert process.find(tmp_path) is None


@pytest.mark.parametrize(
    "wrong",
    [{"extra": 1}, {"pid": "x"}, {"pid": -1}, {"pid": None, "created": 1.0}, {"created": "x"}],
)
def test_a_file_with_a_wrong_field_is_no_stand(tmp_path: Path, wrong: dict[str, object]) -> None:
    write(tmp_path, json.dumps(own(**wrong)))
    assert process.find(tmp_path) is None


def test_no_file_and_no_folder_are_no_stand(tmp_path: Path) -> None:
    assert process.find(tmp_path) is None
    assert process.find(tmp_path / "nowhere") is None


def test_a_file_that_is_no_text_is_no_stand(tmp_path: Path) -> None:
    (tmp_path / "stand.json").write_bytes(b"\xff\xfe\x00")
    assert process.find(tmp_path) is None

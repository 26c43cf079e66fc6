"""What a learner has done: kept whole, whoever else writes and whenever somebody is killed."""

import json
import multiprocessing
from dataclasses import replace
from pathlib import Path

import pytest

from stend.course.errors import ProgressFileError
from stend.course.progress import Progress, ProgressBook, Record

_A, _B = "08-rest/01-a", "08-rest/02-b"


def _write_many(workspace: Path, name: str) -> None:
    book = ProgressBook(workspace)
    for _ in range(20):
        with book.changing() as draft:
            record = draft.progress.of(name)
            draft.progress = draft.progress.with_record(
                name, replace(record, tries=record.tries + 1)
            )


def test_nothing_yet(tmp_path: Path) -> None:
    assert ProgressBook(tmp_path / "new").read() == Progress({}, {})


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(tmp_path, name)) for name in (_A, _A, _B)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    read = ProgressBook(tmp_path).read()
    assert (read.of(_A).tries, read.of(_B).tries) == (40, 20)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "[" * 200_000,
        '{"version": 2}',
        '{"version": true}',
        '{"version": 1, "exercises": {}}',
        '{"version": 1, "exercises": {"../a": {}}, "quizzes": {}}',
        *(
            f'{{"version": 1, "exercises": {{"08-rest/01-a": {{{record}}}}}, "quizzes": {{}}}}'
            for record in (
                '"what": 1',
                '"tries": "1"',
                '"tries": -1',
                '"gave_up": 1',
                '"failing": "<script>"',
                '"passed_at": "yesterday"',
            )
        ),
    ],
)
def test_a_file_that_is_no_progress_is_told_and_left(tmp_path: Path, content: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(content)
    book = ProgressBook(tmp_path)
    with pytest.raises(ProgressFileError, match="cannot be read"):
        book.read()
    with pytest.raises(ProgressFileError), book.changing():
        pass
    assert path.read_text() == content


def test_who_is_killed_leaves_the_file_of_before(tmp_path: Path) -> None:
    book = ProgressBook(tmp_path)
    with book.changing() as draft:
        draft.progress = draft.progress.with_record(_A, Record(tries=1))
    (tmp_path / "progress.new").write_text("half of a fi")
    assert book.read().of(_A).tries == 1
    with book.changing() as draft:
        draft.progress = draft.progress.with_record(_A, Record(tries=2))
    assert json.loads((tmp_path / "progress.json").read_text())["exercises"][_A]["tries"] == 2

"""What a learner has done: kept whole, whoever else writes and whenever somebody is killed."""

import json
import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest

from stend.course.checking import Run, check
from stend.course.errors import ProgressFileError
from stend.course.progress import Progress, ProgressBook, Record, after
from stend.course.shelf import read_shelf
from tests.course.sample import make_course

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


def test_the_quick_checks_alone_pass_nothing_where_there_are_long_ones(tmp_path: Path) -> None:
    course = make_course(tmp_path / "school")
    row = course / "08-rest/exercises/01-contract/exercise.toml"
    text = row.read_text(encoding="utf-8")
    row.write_text(text.replace('id = "is-right"', 'id = "is-right"\ndeep = true'), "utf-8")
    (exercise,) = read_shelf(course).asked("8.1")
    (tmp_path / "answer.txt").write_text("42", encoding="utf-8")
    quick = check(exercise, tmp_path, Run(partial(Random, 1)))
    whole = check(exercise, tmp_path, Run(partial(Random, 1), deep=True))
    now = datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert (quick.passed, after(Record(), quick, now).passed_at) == (True, None)
    passed = after(Record(), whole, now)
    assert passed.passed_at == now.isoformat()
    assert after(passed, quick, now).passed_at == now.isoformat()

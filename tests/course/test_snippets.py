"""Every fence of every lesson does what the author's guide says, on a stand as learners have it.

An English fence is run where it differs from the Russian one in more than comments.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stend.course.texts.comparing import is_same_code
from stend.course.texts.lesson import Lesson, lesson_file, read_lesson, read_task
from stend.course.texts.prose import Attribute, Fence, Notation, Prose
from stend.course.texts.snippets import Run, runs, wrong_format
from stend.kit.languages import Language
from stend.runtime.course import shelf
from tests.conftest import LiveStand, stand_of_its_own
from tests.course.executing import compile_proto, database, needs_stand, run, run_sql

# A lesson with every kind of fence, so that what executes them is tested, too.
_SAMPLE = Path(__file__).parent / "sample" / "09-sample"
_COURSE = shelf()
_FOLDERS = (
    _SAMPLE,
    *(one.folder for one in _COURSE.modules if lesson_file(one.folder, Language.RU).exists()),
)
_LESSONS = [
    (read_lesson(folder, Language.RU), read_lesson(folder, Language.EN)) for folder in _FOLDERS
]
_PAGES: list[Prose] = [lesson for both in _LESSONS for lesson in both]
_PAGES += [read_task(one.folder, language) for one in _COURSE.exercises for language in Language]


def _name(value: object) -> str:
    match value:
        case Run():
            return f"line-{value.fence.line}"
        case Fence():
            return f"line-{value.line}"
        case Prose():
            return f"{value.path.parent.name}-{value.path.stem}"
        case _:
            return str(value)


def _ran() -> Iterator[tuple[Lesson, Run]]:
    for ru, en in _LESSONS:
        for ours, theirs in zip(runs(ru), runs(en), strict=True):
            yield ru, ours
            if not _is_same(ours, theirs):
                yield en, theirs


def _is_same(ours: Run, theirs: Run) -> bool:
    if ours.output and theirs.output and not is_same_code(ours.output, theirs.output):
        return False
    return is_same_code(ours.fence, theirs.fence)


_RAN = list(_ran())
_ALONE = [one for one in _RAN if not needs_stand(one[1].fence)]
_ON_STAND = [one for one in _RAN if needs_stand(one[1].fence)]


@pytest.fixture(scope="module")
def stand() -> Iterator[LiveStand]:
    """As a learner has it; what the snippets leave is nobody else's."""
    with stand_of_its_own() as own:
        own.up()
        yield own


@pytest.mark.parametrize("page", _PAGES, ids=_name)
def test_every_fence_is_what_it_says(page: Prose) -> None:
    told = {one.line: found for one in page.fences if (found := wrong_format(one))}
    assert told == {}


@pytest.mark.parametrize(("lesson", "snippet"), _ALONE, ids=_name)
def test_a_program_runs(lesson: Lesson, snippet: Run) -> None:
    run(snippet, None, lesson.language)


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "snippet"), _ON_STAND, ids=_name)
def test_it_runs_on_a_stand(lesson: Lesson, snippet: Run, stand: LiveStand) -> None:
    run(snippet, stand, lesson.language)


@pytest.mark.slow
@pytest.mark.parametrize(
    "lesson",
    [one for one in _PAGES if any(fence.language is Notation.SQL for fence in one.fences)],
    ids=_name,
)
def test_sql_runs_block_after_block(lesson: Prose, stand: LiveStand) -> None:
    with database(stand) as connection:
        for fence in lesson.fences:
            if fence.language is Notation.SQL:
                run_sql(connection, fence)


@pytest.mark.parametrize(
    ("page", "fence"),
    [(page, one) for page in _PAGES for one in page.fences if one.language is Notation.PROTO],
    ids=_name,
)
def test_proto_compiles(page: Prose, fence: Fence) -> None:
    compile_proto(fence)


def _fence(content: str, language: Notation, *attributes: Attribute) -> Fence:
    return Fence(language, attributes, content, "a", 1)


@pytest.mark.parametrize(
    ("content", "output", "told"),
    [
        ("raise SystemExit(3)\n", None, "ended with 3"),
        ("1 / 0\n", None, "ZeroDivisionError"),
        ("print(1)\n", "2\n", "told: '2', printed: '1'"),
        ("import stend_of_nobody\n", None, "ModuleNotFoundError"),
    ],
)
def test_a_program_that_does_otherwise_is_told(content: str, output: str | None, told: str) -> None:
    shown = None if output is None else _fence(output, Notation.TEXT, Attribute.OUTPUT)
    with pytest.raises(AssertionError, match=told):
        run(Run(_fence(content, Notation.PYTHON), shown), None, Language.RU)


@pytest.mark.slow
def test_a_command_that_fails_is_told(stand: LiveStand) -> None:
    fence = _fence("$ ./stend call GetOrder --over rest order_id=ord_1\n", Notation.CONSOLE)
    with pytest.raises(AssertionError, match="ended with 1"):
        run(Run(fence, None), stand, Language.EN)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "told"),
    [("SELECT 1 FROM nothing;", "nothing"), ("BEGIN;", "left open"), ("SELEC 1;", "syntax error")],
)
def test_sql_that_fails_is_told(stand: LiveStand, content: str, told: str) -> None:
    with database(stand) as connection, pytest.raises(AssertionError, match=told):
        run_sql(connection, _fence(content, Notation.SQL))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('syntax = "proto3";\nmessage A { string a = 1; int32 b = 1; }', "already been used"),
        ("message A {}", "no syntax"),
        ('syntax = "proto3";\nmessage A { Missing a = 1; }', "not defined"),
    ],
)
def test_proto_that_does_not_compile_is_told(content: str, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        compile_proto(_fence(content, Notation.PROTO))

"""Everything that can be wrong with the texts of the course, as sentences for their authors."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from stend.course.errors import CourseFileError
from stend.course.model import Exercise, ExerciseKind, Module
from stend.course.shelf import Shelf
from stend.course.texts.equality import differences
from stend.course.texts.glossary import Glossary, read_glossary
from stend.course.texts.lesson import Lesson, read_lesson, read_task
from stend.course.texts.live import Bytes
from stend.course.texts.notebook import FIRST_WITH_NOTEBOOK, NOTEBOOK_FILE, read_notebook
from stend.course.texts.places import Places, Product
from stend.course.texts.prose import Prose
from stend.course.texts.quiz import favours, read_quiz
from stend.course.texts.snippets import wrong_format
from stend.kit.languages import Language

LEAST_WORDS, MOST_WORDS = 1200, 2500
LEAST_EXERCISES = 3
# Their subject is thought, not written: they may have a second design instead of code.
_DESIGNED_TWICE = {1, 12}


class Proofreader:
    """
    Args:
        folder: of the course.
        shelf: its modules, all of them, since links lead from one to another.
    """

    def __init__(self, folder: Path, shelf: Shelf, product: Product) -> None:
        self._folder = folder
        self._shelf = shelf
        self._unread: dict[tuple[str, Language], str] = {}
        self._lessons: dict[tuple[str, Language], Lesson] = {}
        for module in shelf.modules:
            for language in Language:
                self._read(module, language)
        self._glossary, self._glossary_told = _glossary(folder)
        self._places = Places(
            product,
            modules=frozenset(one.folder.name for one in shelf.modules),
            anchors={key: frozenset(one.anchors) for key, one in self._lessons.items()},
            exercises=frozenset(one.id for one in shelf.exercises),
            terms=frozenset(one.id for one in self._glossary.terms)
            if self._glossary
            else frozenset(),
        )

    def module(self, module: Module) -> tuple[str, ...]:
        """What is wrong with the lesson, the quiz, the tasks of a module, and what is missing."""
        name = module.folder.name
        told = (
            *self._lesson(module),
            *_quiz(module),
            *self._tasks(module),
            *self._checks(module),
            *self._notebook(module),
            *_missing(module),
        )
        return tuple(f"{name}: {one}" for one in told)

    def glossary(self) -> tuple[str, ...]:
        """What is wrong with the glossary."""
        if self._glossary is None:
            return (self._glossary_told,)
        return tuple(
            f"glossary: {term.id}: {place}: {told}"
            for term in self._glossary.terms
            for place in term.lessons
            for language in Language
            if (told := self._places.wrong(f"/course/{place}", "", language))
        )

    def _read(self, module: Module, language: Language) -> None:
        key = (module.folder.name, language)
        try:
            self._lessons[key] = read_lesson(module.folder, language)
        except CourseFileError as error:
            self._unread[key] = str(error)

    def _lesson(self, module: Module) -> Iterator[str]:
        name = module.folder.name
        yield from (told for key, told in self._unread.items() if key[0] == name)
        found = [self._lessons.get((name, one)) for one in Language]
        for lesson in found:
            if lesson is not None:
                yield from self._one_lesson(lesson)
        ru, en = found
        if ru and en:
            yield from (f"lesson: {one}" for one in differences(ru, en))

    def _one_lesson(self, lesson: Lesson) -> Iterator[str]:
        name = lesson.path.name
        if not LEAST_WORDS <= lesson.words <= MOST_WORDS:
            yield f"{name}: {lesson.words} words, {LEAST_WORDS} to {MOST_WORDS} expected"
        yield from self._links(lesson, lesson.module)
        yield from _formats(lesson)
        for fence in lesson.fences:
            if (
                isinstance(fence.live, Bytes)
                and fence.live.codec not in self._places.product.codecs
            ):
                known = ", ".join(sorted(self._places.product.codecs))
                yield f"{name}:{fence.line}: no codec {fence.live.codec}; there are {known}"

    def _links(self, prose: Prose, module: str) -> Iterator[str]:
        for link in prose.links:
            if told := self._places.wrong(link.target, module, prose.language):
                yield f"{prose.path.name}:{link.line}: the link {link.target}: {told}"

    def _tasks(self, module: Module) -> Iterator[str]:
        for exercise in module.exercises:
            yield from (f"{exercise.folder.name}: {one}" for one in self._task(exercise))

    def _task(self, exercise: Exercise) -> Iterator[str]:
        try:
            both = [read_task(exercise.folder, one) for one in Language]
        except CourseFileError as error:
            yield str(error)
            return
        for task in both:
            yield from self._links(task, exercise.folder.parent.parent.name)
            yield from _formats(task)
            if any(one.live for one in task.fences):
                yield f"{task.path.name}: a live block; they stand in lessons"
        yield from (f"task: {one}" for one in differences(*both))

    def _notebook(self, module: Module) -> Iterator[str]:
        if not (module.folder / NOTEBOOK_FILE).is_file():
            if module.number >= FIRST_WITH_NOTEBOOK:
                yield f"{NOTEBOOK_FILE} is missing"
            return
        try:
            notebook = read_notebook(module.folder)
            ru, en = (notebook.prose(one) for one in Language)
        except CourseFileError as error:
            yield str(error)
            return
        for page in (ru, en):
            yield from self._links(page, module.folder.name)
        yield from (f"notebook: {one}" for one in differences(ru, en))

    def _checks(self, module: Module) -> Iterator[str]:
        name = module.folder.name
        for exercise in module.exercises:
            for check in exercise.row.checks:
                for language in Language:
                    lesson = self._lessons.get((name, language))
                    if lesson and check.lesson not in lesson.anchors:
                        yield (
                            f"{exercise.folder.name}: {check.id} is explained at "
                            f"#{check.lesson}, which {lesson.path.name} does not have"
                        )


def _formats(prose: Prose) -> Iterator[str]:
    for fence in prose.fences:
        if told := wrong_format(fence):
            yield f"{prose.path.name}:{fence.line}: no {fence.language}: {told}"


def _glossary(folder: Path) -> tuple[Glossary | None, str]:
    try:
        return read_glossary(folder), ""
    except CourseFileError as error:
        return None, str(error)


def _quiz(module: Module) -> Iterator[str]:
    try:
        quiz = read_quiz(module.folder)
    except CourseFileError as error:
        yield str(error)
    else:
        yield from (f"quiz: {one}" for one in favours(quiz))


def _missing(module: Module) -> Iterator[str]:
    for name in ("demo.toml", "demo.py"):
        if not (module.folder / name).is_file():
            yield f"{name} is missing"
    kinds = [one.row.kind for one in module.exercises]
    if len(kinds) < LEAST_EXERCISES:
        yield f"{len(kinds)} exercises, at least {LEAST_EXERCISES} expected"
    yield from (f"no exercise of the kind {one}" for one in _missing_kinds(module.number, kinds))


def _missing_kinds(number: int, kinds: Sequence[ExerciseKind]) -> Iterator[ExerciseKind]:
    for kind in ExerciseKind:
        twice = kinds.count(ExerciseKind.DESIGN) > 1 and number in _DESIGNED_TWICE
        if kind not in kinds and not (kind is ExerciseKind.CODE and twice):
            yield kind

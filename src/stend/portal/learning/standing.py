"""Where a learner stands in the course: what is passed, what is begun, what comes next. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stend.course.model import Exercise, Module
from stend.course.progress import Progress, QuizRecord, Record
from stend.course.texts.notebook import NOTEBOOK_FILE
from stend.course.workspace import is_done, next_of
from stend.kit.languages import Language, Text

COURSE = "/course"
QUIZ_FILE = "quiz.yaml"
DEMO_FILE = "demo.toml"


class State(StrEnum):
    NEW = "new"
    BEGUN = "begun"
    PASSED = "passed"


class StepKind(StrEnum):
    LESSON = "lesson"
    DEMO = "demo"
    NOTEBOOK = "notebook"
    EXERCISE = "exercise"
    QUIZ = "quiz"


@dataclass(frozen=True, slots=True)
class Step:
    """
    Attributes:
        title: of an exercise, with its number; the others are called by their kind.
    """

    kind: StepKind
    href: str
    state: State
    number: str = ""
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class ExerciseStanding:
    exercise: Exercise
    record: Record

    @property
    def state(self) -> State:
        if self.record.passed_at:
            return State.PASSED
        return State.BEGUN if self.record.started_at else State.NEW

    @property
    def href(self) -> str:
        return href_of(self.exercise)


@dataclass(frozen=True, slots=True)
class ModuleStanding:
    """
    Attributes:
        quiz: how it was taken last; None: not yet.
    """

    module: Module
    exercises: tuple[ExerciseStanding, ...]
    quiz: QuizRecord | None
    is_done: bool

    @property
    def href(self) -> str:
        return f"{COURSE}/{self.module.folder.name}"

    @property
    def points(self) -> int:
        return sum(one.record.points for one in self.exercises)

    @property
    def points_of(self) -> int:
        return sum(one.exercise.points for one in self.exercises)

    @property
    def share(self) -> int:
        """How much is done, in percent; 100 only where all that is asked for is."""
        if self.is_done or not self.points_of:
            return 100 if self.is_done else 0
        return min(99, 100 * self.points // self.points_of)

    @property
    def state(self) -> State:
        if self.is_done:
            return State.PASSED
        begun = self.quiz or any(one.state is not State.NEW for one in self.exercises)
        return State.BEGUN if begun else State.NEW

    @property
    def has_demo(self) -> bool:
        return (self.module.folder / DEMO_FILE).is_file()

    @property
    def has_notebook(self) -> bool:
        return (self.module.folder / NOTEBOOK_FILE).is_file()

    @property
    def has_quiz(self) -> bool:
        return (self.module.folder / QUIZ_FILE).is_file()

    def has_lesson(self, language: Language) -> bool:
        return (self.module.folder / f"lesson.{language.value}.md").is_file()

    def steps(self, language: Language) -> tuple[Step, ...]:
        """What there is to do, in the order of doing."""
        return tuple(self._steps(language))

    def _steps(self, language: Language) -> Iterator[Step]:
        # Nobody can tell whether a lesson was read; who has begun its exercises goes on there.
        if self.has_lesson(language):
            yield Step(StepKind.LESSON, self.href, self.state)
        if self.has_demo:
            yield Step(StepKind.DEMO, f"{self.href}/demo", State.NEW)
        if self.has_notebook:
            yield Step(StepKind.NOTEBOOK, f"{self.href}/notebook", State.NEW)
        for one in self.exercises:
            row = one.exercise
            yield Step(StepKind.EXERCISE, one.href, one.state, row.number, row.row.title.text)
        if self.has_quiz:
            is_right = self.quiz is not None and self.quiz.right == self.quiz.of
            state = State.PASSED if is_right else State.BEGUN if self.quiz else State.NEW
            yield Step(StepKind.QUIZ, f"{self.href}/quiz", state)

    def next_step(self, language: Language) -> Step | None:
        """None where nothing is left."""
        if self.state is State.NEW and self.has_lesson(language):
            return Step(StepKind.LESSON, self.href, State.NEW)
        if self.exercises and not self.is_done:
            records = {one.exercise.id: one.record for one in self.exercises}
            exercise = next_of(self.module.exercises, Progress(records, {}))
            state = ExerciseStanding(exercise, records[exercise.id]).state
            title = exercise.row.title.text
            return Step(StepKind.EXERCISE, href_of(exercise), state, exercise.number, title)
        if self.has_quiz and self.quiz is None:
            return Step(StepKind.QUIZ, f"{self.href}/quiz", State.NEW)
        return None


@dataclass(frozen=True, slots=True)
class CourseStanding:
    modules: tuple[ModuleStanding, ...]

    @property
    def done(self) -> int:
        return sum(one.is_done for one in self.modules)

    @property
    def exercises(self) -> int:
        return sum(len(one.exercises) for one in self.modules)

    @property
    def passed(self) -> int:
        every = (one for module in self.modules for one in module.exercises)
        return sum(one.state is State.PASSED for one in every)

    @property
    def points(self) -> int:
        return sum(one.points for one in self.modules)

    @property
    def points_of(self) -> int:
        return sum(one.points_of for one in self.modules)

    def next_in(self, language: Language) -> tuple[ModuleStanding, Step] | None:
        """The first thing that is left, of a module that was begun before of one that was not."""
        by_state = sorted(self.modules, key=lambda one: one.state is not State.BEGUN)
        for module in by_state:
            if step := module.next_step(language):
                return module, step
        return None

    def beside(self, module: Module) -> tuple[ModuleStanding | None, ModuleStanding | None]:
        """The module before and the one after."""
        names = [one.module.folder.name for one in self.modules]
        at = names.index(module.folder.name)
        before = self.modules[at - 1] if at else None
        return before, self.modules[at + 1] if at + 1 < len(names) else None


def standing_of(modules: Sequence[Module], progress: Progress) -> CourseStanding:
    return CourseStanding(tuple(_of_module(one, progress) for one in modules))


def _of_module(module: Module, progress: Progress) -> ModuleStanding:
    exercises = tuple(ExerciseStanding(one, progress.of(one.id)) for one in module.exercises)
    done = bool(exercises) and is_done(module.exercises, progress)
    return ModuleStanding(module, exercises, progress.quizzes.get(module.folder.name), done)


def href_of(exercise: Exercise) -> str:
    return f"{COURSE}/{exercise.id}"

"""Lessons and the tasks of exercises: which file each is, and what it has to be."""

from dataclasses import dataclass
from pathlib import Path

from stend.course.texts.prose import Prose, Section, read_prose
from stend.kit.languages import Language


@dataclass(frozen=True, slots=True)
class Lesson(Prose):
    """The text of a module in one language."""

    @property
    def module(self) -> str:
        """`08-rest`."""
        return self.path.parent.name

    def address(self, section: Section) -> str:
        return f"/course/{self.module}#{section.anchor}"


def lesson_file(folder: Path, language: Language) -> Path:
    return folder / f"lesson.{language}.md"


def read_lesson(folder: Path, language: Language) -> Lesson:
    """
    Args:
        folder: of the module.

    Raises:
        CourseFileError: there is no lesson, or it is not written as lessons are.
    """
    prose = read_prose(lesson_file(folder, language), language, anchored=True)
    return Lesson(
        path=prose.path,
        language=prose.language,
        tokens=prose.tokens,
        sections=prose.sections,
        fences=prose.fences,
        links=prose.links,
        words=prose.words,
    )


def read_task(folder: Path, language: Language) -> Prose:
    """
    Args:
        folder: of the exercise.

    Raises:
        CourseFileError: there is no task, or it is not written as tasks are.
    """
    return read_prose(folder / f"task.{language}.md", language, anchored=False)

"""What keeps a command of the course from its answer, told in both languages."""

from collections.abc import Sequence
from pathlib import Path

from stend.kit.languages import Text


class CourseError(Exception):
    """`text` says what happened and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class CourseFileError(CourseError):
    """A file of the course itself is wrong: its author has to act, not the learner."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            Text(
                ru=f"Ошибка в файлах курса: {path}: {reason}",
                en=f"The course itself is wrong: {path}: {reason}",
            )
        )


class NoSuchExerciseError(CourseError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        there = ", ".join(known) or "–"
        super().__init__(
            Text(
                ru=f"Задания {name} нет. Есть: {there}. "
                "Номер модуля (8) означает первое несданное задание в нём.",
                en=f"There is no exercise {name}. There are: {there}. "
                "The number of a module (8) means its first exercise that is not passed.",
            )
        )


class NotStartedError(CourseError):
    def __init__(self, number: str, folder: Path) -> None:
        super().__init__(
            Text(
                ru=f"Задание {number} ещё не начато: папки {folder} нет. "
                f"Начните: ./stend start {number}",
                en=f"Exercise {number} has not been started: there is no folder {folder}. "
                f"Start it: ./stend start {number}",
            )
        )


class NotPassedError(CourseError):
    """The solution is for those who have one, or give up."""

    def __init__(self, number: str) -> None:
        super().__init__(
            Text(
                ru=f"Решение {number} откроется, когда задание сдано. "
                f"Показать сейчас и сдаться: ./stend solution {number} --give-up",
                en=f"The solution of {number} opens once the exercise is passed. "
                f"To see it now and give up: ./stend solution {number} --give-up",
            )
        )


class ProgressFileError(CourseError):
    """Never overwritten: what is in it may be all that somebody has."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            Text(
                ru=f"Файл прогресса не читается: {path}: {reason}. Исправьте его "
                "или переименуйте, чтобы начать новый.",
                en=f"The file of progress cannot be read: {path}: {reason}. Mend it, "
                "or rename it to begin a new one.",
            )
        )


class OtherVersionError(ProgressFileError):
    """A newer stand has written it, or one that is long gone."""

    def __init__(self, path: Path, version: int, expected: int) -> None:
        super().__init__(path, f"version {version}, expected {expected}")
        self.version = version


class StandError(CourseError):
    """The stand has not done what a check needs of it; that tells nothing of the learner."""


class NoStandError(StandError):
    """An exercise needs a stand, and none runs, or not as it has to."""

"""Every word of a report, in both languages: on a terminal, on a page, in Markdown."""

from enum import Enum

from stend.course.reports.report import State
from stend.kit.languages import Language, Text


class ReportText(Enum):
    COURSE = Text(ru="Курс", en="Course")
    CLASS = Text(ru="Группа", en="Class")
    LEARNER = Text(ru="Имя", en="Name")
    MODULE = Text(ru="Модуль", en="Module")
    EXERCISE = Text(ru="Задание", en="Exercise")
    CHECK = Text(ru="Проверка", en="Check")
    STATE = Text(ru="Состояние", en="State")
    POINTS = Text(ru="Баллы", en="Points")
    TRIES = Text(ru="Попытки", en="Tries")
    HINTS = Text(ru="Подсказки", en="Hints")
    FAILS_AT = Text(ru="Не проходит", en="Fails at")
    QUIZ = Text(ru="тест {right}/{of}", en="quiz {right}/{of}")
    PASSED_OF = Text(
        ru="сдано {passed} из {exercises}, баллов {points} из {points_of}",
        en="passed {passed} of {exercises}, points {points} of {points_of}",
    )
    PASSED = Text(ru="Сдано", en="Passed")
    LEARNERS = Text(ru="человек: {count}", en="learners: {count}")
    TRIES_OF = Text(ru="попыток {count}", en="tries {count}")
    HINTS_OF = Text(ru="подсказок {count}", en="hints {count}")
    GAVE_UP = Text(ru="решение показано", en="solution shown")
    NOTHING = Text(
        ru="Пока ничего не начато. Начните: ./stend start {number}",
        en="Nothing has been begun yet. Begin: ./stend start {number}",
    )
    NO_EXERCISES = Text(ru="В курсе нет заданий.", en="The course has no exercises.")
    UNKNOWN = Text(
        ru="Сделано, но в этом курсе такого нет: {names}. Оно из другой версии курса.",
        en="Done, but this course has no such exercise: {names}. It is of another version.",
    )

    NOT_READ = Text(ru="Не прочитано", en="Not read")
    NOTES = Text(ru="Замечания", en="Notes")
    STATES = Text(ru="Задания", en="Exercises")
    FAILURES = Text(ru="На чём застряли", en="What fails")
    NO_FAILURES = Text(ru="Ни одна проверка ни у кого не падает.", en="No check fails for anybody.")
    FAILURES_ARE = Text(
        ru="Первая непройденная проверка каждого задания, как она была при последней попытке.",
        en="The first check that failed, of each exercise, as it was when it was tried last.",
    )
    FAILS = Text(ru="не проходит", en="fails")
    HOW_MANY = Text(ru="У скольких", en="How many")
    MADE = Text(ru="Составлено {time}", en="Made {time}")

    NEW = Text(ru="не начато", en="not begun")
    BEGUN = Text(ru="начато", en="begun")
    IS_PASSED = Text(ru="сдано", en="passed")
    FAILS_AGAIN = Text(ru="было сдано, теперь не проходит", en="was passed, fails now")

    REGRESSED = Text(
        ru="Было сдано, а теперь не проходит: {names}.", en="Was passed and fails now: {names}."
    )
    UNDECIDED = Text(
        ru="Проверка сама завершилась ошибкой, вердикта нет: {names}.",
        en="The check itself failed, so there is no verdict: {names}.",
    )
    CHECKED = Text(
        ru="проверено заново {count}, прошло {passed}", en="checked anew {count}, passed {passed}"
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)


# Mark and word: nothing is told by a colour alone.
MARKS = {State.NEW: "○", State.BEGUN: "◐", State.PASSED: "●", State.FAILS_AGAIN: "✕"}
STATES = {
    State.NEW: ReportText.NEW,
    State.BEGUN: ReportText.BEGUN,
    State.PASSED: ReportText.IS_PASSED,
    State.FAILS_AGAIN: ReportText.FAILS_AGAIN,
}

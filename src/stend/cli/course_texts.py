"""Every word that the commands of the course print, in both languages."""

from enum import Enum

from stend.kit.languages import Language, Text


class CourseText(Enum):
    COURSE = Text(
        ru="Курс: путь, что сделано и какая команда следующая.",
        en="The course: the path, what is done, and the next command.",
    )
    START = Text(
        ru="Взять задание: скопировать его в workspace/ и показать, что делать.",
        en="Take an exercise: copy it to workspace/ and tell what to do.",
    )
    CHECK = Text(ru="Проверить задание.", en="Check an exercise.")
    WATCH = Text(
        ru="Проверять задание при каждом сохранении. Ctrl-C заканчивает.",
        en="Check an exercise again on every save. Ctrl-C ends it.",
    )
    HINT = Text(ru="Показать следующую подсказку.", en="Show the next hint.")
    SOLUTION = Text(
        ru="Показать решения: после сдачи или с --give-up.",
        en="Show the solutions: after a pass, or with --give-up.",
    )
    LINT = Text(
        ru="Для авторов: проверить сами задания на верных и неверных решениях.",
        en="For authors: try the exercises on their right and wrong solutions.",
    )

    DEMO = Text(
        ru="Показать демонстрацию модуля на работающем стенде, в JSON построчно.",
        en="Run the demo of a module on the running stand, as lines of JSON.",
    )
    MODULE = Text(ru="Номер модуля.", en="Number of the module.")
    CONTROLS = Text(
        ru="Настройки, NAME=VALUE; остальные — как в demo.toml.",
        en="Controls, NAME=VALUE; the others stand as demo.toml says.",
    )
    NO_DEMO = Text(ru="В модуле {number} нет демонстрации.", en="Module {number} has no demo.")

    EXERCISE = Text(
        ru="Номер: 8 — первое несданное задание модуля, 8.1 — именно это.",
        en="Number: 8 is the first of the module that is not passed, 8.1 is that one.",
    )
    EXERCISES = Text(ru="Номера; без них — все.", en="Numbers; all of them if left out.")
    DEEP = Text(
        ru="Ещё и долгие проверки, до 15 секунд.", en="Also the long checks, up to 15 seconds."
    )
    GIVE_UP = Text(ru="Показать решение, не сдав задание.", en="Show it without having passed.")
    WORKSPACE = Text(
        ru="Папка с вашими решениями (workspace).", en="Folder of your solutions (workspace)."
    )
    SEED = Text(
        ru="Зерно случайных данных: повторить именно эту проверку.",
        en="Seed of the random data: to repeat this very check.",
    )
    TIMES = Text(ru="Сколько раз подряд (1).", en="How many times over (1).")

    MINUTES = Text(ru="{minutes} мин", en="{minutes} min")
    NEXT = Text(ru="Дальше: {command}", en="Next: {command}")
    ALL_DONE = Text(ru="Все задания сданы.", en="Every exercise is passed.")
    BEGUN = Text(ru="{number} {title}: файлы лежат в {folder}", en="{number} {title}: {folder}")
    ALREADY = Text(
        ru="Ваши файлы остались как были.", en="The files that you had are as they were."
    )
    EDIT = Text(ru="Правьте: {files}", en="Edit: {files}")
    TASK = Text(ru="Задание: {path}", en="The task: {path}")

    PASSED = Text(ru="Сдано: {points} из {of} баллов.", en="Passed: {points} of {of} points.")
    PASSED_QUICK = Text(
        ru="Быстрые проверки пройдены: {points} из {of} баллов. Остались долгие ({left}): "
        "./stend check {number} --deep",
        en="The quick checks pass: {points} of {of} points. The long ones are left ({left}): "
        "./stend check {number} --deep",
    )
    FAILED = Text(ru="Пока нет: {points} из {of} баллов.", en="Not yet: {points} of {of} points.")
    EXPECTED = Text(ru="ожидалось", en="expected")
    GOT = Text(ru="получено", en="got")
    WHERE = Text(ru="где", en="where")
    READ = Text(ru="почитать", en="read")
    MORE_FAILED = Text(ru="Не прошли ещё:", en="Also not passed:")
    PASSED_CHECKS = Text(ru="Пройдено проверок: {count}.", en="Checks passed: {count}.")
    HIDDEN_WHAT = Text(
        ru="О скрытой проверке известно, что она означает, но не что именно она шлёт.",
        en="Of a hidden check you are told what it means, and not what it sends.",
    )
    HIDDEN = Text(ru="скрытая проверка", en="hidden check")
    HINT_NUMBER = Text(ru="Подсказка {number} из {of}", en="Hint {number} of {of}")
    HINT_IS_THERE = Text(
        ru="Подсказка: ./stend hint {number}", en="For a hint: ./stend hint {number}"
    )
    SOLUTION_AT = Text(ru="Решение {name}: {folder}", en="Solution {name}: {folder}")
    WATCHING = Text(
        ru="Слежу за {folder}. Ctrl-C заканчивает.", en="Watching {folder}. Ctrl-C ends it."
    )

    TO_WRITE = Text(ru="Осталось написать: {place}", en="Still to be written: {place}")
    OWN_STAND = Text(
        ru="Запускаю свой стенд: заданиям он нужен, а работающего нет.",
        en="Starting a stand of its own: exercises need one, and none runs.",
    )
    LINTED = Text(
        ru="Заданий {exercises}, верных решений {right}, неверных {wrong}, поймано {killed}, "
        "отвергнуто верных {false_rejects}.",
        en="{exercises} exercises, {right} right solutions, {wrong} wrong, {killed} caught, "
        "{false_rejects} right ones refused.",
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)

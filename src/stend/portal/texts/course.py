"""The course: its map, an exercise and how it was judged."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "nav.course": Text("Курс", "Course"),
    "course.title": Text("Курс", "The course"),
    "course.intro": Text(
        "урок, живое демо, задания, которые проверяют себя сами, и тест",
        "a lesson, a live demo, exercises that check themselves, and a quiz",
    ),
    "course.map": Text("Карта курса", "Map of the course"),
    "course.progress": Text("Сколько сделано", "What is done"),
    "course.done_of": Text("{done} из {total}", "{done} of {total}"),
    "course.of": Text("из {total}", "of {total}"),
    "course.sum.modules": Text("модули", "modules"),
    "course.sum.exercises": Text("задания", "exercises"),
    "course.sum.points": Text("баллы", "points"),
    "course.next": Text("Следующий шаг", "The next step"),
    "course.is_next": Text("дальше", "next"),
    "course.go.begin": Text("Начать", "Begin"),
    "course.go.on": Text("Продолжить", "Go on"),
    "course.all_done": Text("Курс пройден целиком.", "The whole course is done."),
    "course.outcomes": Text("Чему научитесь", "What you will be able to do"),
    "course.steps_of": Text("Шаги модуля «{title}»", "Steps of the module {title}"),
    "course.no_steps": Text("Урока и заданий пока нет.", "No lesson and no exercises yet."),
    "course.step.lesson": Text("Урок", "Lesson"),
    "course.step.demo": Text("Демо", "Demo"),
    "course.step.notebook": Text("Тетрадь", "Notebook"),
    "course.step.exercise": Text("Задание", "Exercise"),
    "course.step.quiz": Text("Тест", "Quiz"),
    "course.state.new": Text("не начато", "not begun"),
    "course.state.begun": Text("начато", "begun"),
    "course.state.passed": Text("сдано", "passed"),
    "course.kind.design": Text("проектирование", "design"),
    "course.kind.code": Text("код", "code"),
    "course.kind.break": Text("эксперимент", "experiment"),
    "course.hardest": Text("самое трудное", "hardest"),
    "course.hardest.hint": Text(
        "Кто сдал его, тот прошёл весь модуль.", "Who passes it has passed the whole module."
    ),
    "course.minutes": Text("{minutes} мин", "{minutes} min"),
    "course.points": Text("баллов: {points}", "{points} points"),
    "course.points_of": Text("{points} из {total}", "{points} of {total}"),
    "course.quiz_taken": Text("последний раз", "last time"),
    "course.right_of": Text("{right} из {total}", "{right} of {total}"),
    "course.module": Text("Модуль {number}. {title}", "Module {number}. {title}"),
    "course.glossary": Text("Словарь", "Glossary"),
    "course.search": Text("Поиск", "Search"),
    "course.find": Text("Найти", "Find"),
    "course.find.hint": Text("Слово из уроков или заданий", "A word of the lessons or exercises"),
    "course.none.title": Text("В этой установке курса нет", "This installation has no course"),
    "course.none.what": Text(
        "Она собрана без папки course. Запустите стенд из репозитория или поставьте пакет целиком.",
        "It was made without the folder course. Start from the repository, or install the whole "
        "package.",
    ),
    "course.broken": Text(
        "Файлы курса или прогресса не читаются", "Files of the course or of the progress are wrong"
    ),
    "course.broken.next": Text("Файлы курса проверяет команда", "Files of the course are tried by"),
    "course.broken.again": Text("Открыть ещё раз", "Open again"),
    "course.diagram.source": Text("Диаграмма текстом", "The diagram as text"),
    "exercise.hints": Text("Подсказки и решение", "Hints and the solution"),
    "exercise.hint": Text("Подсказка {number} из {total}", "Hint {number} of {total}"),
    "exercise.hint.sure": Text(
        "Подсказку уже не спрятать. Показать?", "A hint cannot be unseen. Show it?"
    ),
    "exercise.hint.show": Text("Показать", "Show it"),
    "exercise.solution": Text("Решение", "Solution"),
    "exercise.give_up": Text("Сдаться и показать", "Give up and show it"),
    "exercise.give_up.sure": Text(
        "Решение откроется и до сдачи, но в прогрессе останется отметка, что вы его смотрели.",
        "The solution opens before a pass, too, and the progress will say that you have seen it.",
    ),
    "exercise.solution.closed": Text(
        "Решение откроется, когда задание будет сдано или вы сдадитесь.",
        "The solution opens once the exercise is passed, or you give up.",
    ),
    "exercise.solution.what": Text(
        "Верных решений больше одного; здесь их {count}. Показаны файлы, которые отличаются от "
        "исходных.",
        "There is more than one right solution; here are {count}. Shown are the files that differ "
        "from the starter.",
    ),
    "exercise.solution.binary": Text("Не текст.", "No text."),
    "exercise.back": Text("К заданию", "To the exercise"),
    "exercise.files": Text("Файлы и команды", "Files and commands"),
    "exercise.edit": Text("Правьте", "Edit"),
    "exercise.folder": Text("Папка с заданием", "Folder of the exercise"),
    "exercise.commands": Text("То же в терминале", "The same in a terminal"),
    "exercise.begin": Text("Взять задание", "Take the exercise"),
    "exercise.begin.what": Text(
        "Файлы лягут в вашу рабочую папку. Дальше правьте их в своём редакторе: после каждого "
        "сохранения здесь появится вердикт.",
        "Its files go to your workspace. Then edit them in your own editor: after every save the "
        "verdict appears here.",
    ),
    "exercise.begin.same": Text("То же в терминале:", "The same in a terminal:"),
    "exercise.verdict": Text("Вердикт", "Verdict"),
    "exercise.points_of": Text("{points} из {total}", "{points} of {total}"),
    "exercise.prog": Text(
        "проверок прошло: {passed}, не прошло: {failed}, не запускалось: {left}",
        "{passed} checks passed, {failed} did not, {left} did not run",
    ),
    "exercise.ending.passed": Text(
        "Сдано: {points} из {total} баллов.", "Passed: {points} of {total} points."
    ),
    "exercise.ending.quick": Text(
        "Быстрые проверки пройдены: {points} из {total} баллов. Долгих осталось: {left}.",
        "The quick checks pass: {points} of {total} points. Long ones left: {left}.",
    ),
    "exercise.ending.open": Text(
        "Открытые проверки пройдены, скрытые ещё нет: {hidden}. {points} из {total} баллов.",
        "The open checks pass, hidden ones do not yet: {hidden}. {points} of {total} points.",
    ),
    "exercise.ending.failed": Text(
        "Пока нет: {points} из {total} баллов.", "Not yet: {points} of {total} points."
    ),
    "exercise.ending.broken": Text(
        "Вердикта нет: ошиблась сама проверка.", "No verdict: a check itself went wrong."
    ),
    "exercise.expected": Text("ожидалось", "expected"),
    "exercise.got": Text("получено", "got"),
    "exercise.where": Text("где", "where"),
    "exercise.check_id": Text("проверка", "check"),
    "exercise.promise": Text("обещано", "promised"),
    "exercise.why": Text("почитать", "read"),
    "exercise.lesson": Text("урок", "the lesson"),
    "exercise.hidden": Text("скрытая", "hidden"),
    "exercise.hidden.what": Text(
        "О скрытой проверке известно, что она означает, но не что именно она шлёт.",
        "Of a hidden check you are told what it means, and not what it sends.",
    ),
    "exercise.status.pass": Text("прошла", "passed"),
    "exercise.status.fail": Text("не прошла", "not passed"),
    "exercise.status.error": Text("ошибка проверки", "error of the check"),
    "exercise.status.skipped": Text("пропущена", "skipped"),
    "exercise.trouble.late": Text(
        "Проверка не уложилась в {seconds} с и остановлена",
        "The check did not end within {seconds} s and was ended",
    ),
    "exercise.trouble.late.next": Text(
        "Посмотрите, не ждёт ли программа чего-то вечно, и проверьте снова.",
        "See whether your program waits for something for ever, and check again.",
    ),
    "exercise.trouble.refused": Text("Проверить не удалось", "It could not be checked"),
    "exercise.trouble.refused.next": Text(
        "Исправьте то, что названо, и проверьте снова.", "Mend what is named, and check again."
    ),
    "exercise.trouble.strange": Text(
        "Проверка ответила не так, как умеет читать портал",
        "The check answered in a way that the portal cannot read",
    ),
    "exercise.trouble.strange.next": Text(
        "Это ошибка стенда. Сообщите о ней, пожалуйста.",
        "This is a bug of the stand. Please report it.",
    ),
    "exercise.not_checked": Text("Ещё не проверено", "Not checked yet"),
    "exercise.not_checked.what": Text(
        "Сохраните файл или нажмите «Проверить».", "Save a file, or press Check now."
    ),
    "exercise.check": Text("Проверить", "Check now"),
    "exercise.deep": Text("С долгими", "With the long ones"),
    "exercise.deep.hint": Text(
        "Ещё и долгие проверки, до 15 секунд", "Also the long checks, up to 15 seconds"
    ),
    "exercise.checking": Text("проверяется…", "checking…"),
    "exercise.also": Text("Не прошли ещё", "Also not passed"),
    "exercise.passed_checks": Text("Прошли", "Passed"),
    "exercise.all_checks": Text("Что проверяется", "What is checked"),
    "exercise.checked": Text("{time} UTC, {seconds} с", "{time} UTC, {seconds} s"),
    "exercise.stale": Text("с тех пор сохранено новое", "saved again since"),
    "exercise.live": Text(
        "Вердикт появится после сохранения.", "The verdict appears after a save."
    ),
}

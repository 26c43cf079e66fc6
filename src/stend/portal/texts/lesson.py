"""A lesson, its live blocks, the quiz, the glossary, the search and the demo."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "lesson.read": Text("читать {minutes} мин", "{minutes} min to read"),
    "lesson.none": Text("Урока ещё нет", "There is no lesson yet"),
    "lesson.none.what": Text(
        "Задания модуля уже можно делать: они справа.",
        "The exercises of the module are there: see beside.",
    ),
    "lesson.link": Text("Ссылка на раздел", "Link to this section"),
    "lesson.copy": Text("Скопировать код", "Copy the code"),
    "lesson.beside": Text("Соседние модули", "Modules beside this one"),
    "lesson.before": Text("Предыдущий модуль", "Previous module"),
    "lesson.after": Text("Следующий модуль", "Next module"),
    "lesson.toc": Text("В этом уроке", "In this lesson"),
    "lesson.practice": Text("Практика", "Practice"),
    "lesson.terms": Text("Термины", "Terms"),
    "lesson.live": Text("Живой пример", "Live example"),
    "lesson.bytes": Text("Байты по полям", "Bytes by fields"),
    "lesson.run": Text("Выполнить", "Run"),
    "lesson.order": Text("Номер заказа", "Id of the order"),
    "lesson.order.newest": Text("последний заказ", "the newest order"),
    "lesson.not_run": Text("Ответ стенда появится здесь.", "The answer of the stand appears here."),
    "lesson.no_order": Text(
        "Заказов ещё нет: сначала создайте один.", "There are no orders yet: place one first."
    ),
    "lesson.no_events": Text(
        "За две секунды событий не пришло.", "No event came within two seconds."
    ),
    "lesson.event": Text("Событие", "Event"),
    "lesson.exchange": Text("Обмен", "Exchange"),
    "lesson.story": Text("История", "Story"),
    "lesson.in_playground": Text("В песочнице", "In the playground"),
    "lesson.demo": Text("Открыть демо", "Open the demo"),
    "lesson.no_stand": Text(
        "Выполнить это можно на запущенном стенде.", "It can be performed on a running stand."
    ),
    "notebook.run": Text("Выполнить в JupyterLab", "Run it in JupyterLab"),
    "notebook.run.what": Text(
        "Команда положит тетрадь в вашу папку и откроет её. Стенд должен работать.",
        "The command puts the notebook into your folder and opens it. The stand has to run.",
    ),
    "quiz.title": Text("Тест", "Quiz"),
    "quiz.intro": Text(
        "Вопросов: {count}. Каждый ответ объясняет себя, когда он дан.",
        "{count} questions. Every answer explains itself once it is given.",
    ),
    "quiz.none": Text("Теста в этом модуле ещё нет", "This module has no quiz yet"),
    "quiz.question": Text("Вопрос {number}", "Question {number}"),
    "quiz.send": Text("Ответить", "Answer"),
    "quiz.send_all": Text("Ответить на всё", "Answer all of them"),
    "quiz.again": Text("Пройти ещё раз", "Take it again"),
    "quiz.result": Text(
        "Верных ответов: {right} из {total}.", "{right} of {total} answers are right."
    ),
    "quiz.last": Text("В прошлый раз: {right} из {total}.", "Last time: {right} of {total}."),
    "quiz.right": Text("верно", "right"),
    "quiz.wrong": Text("неверно", "wrong"),
    "quiz.yours": Text("ваш ответ", "your answer"),
    "quiz.unanswered": Text(
        "Без ответа: {count}. Ответьте на все вопросы, тогда результат запомнится.",
        "Not answered: {count}. Answer all of them, and the result is kept.",
    ),
    "quiz.kept": Text("Результат сохранён.", "The result is kept."),
    "glossary.title": Text("Словарь", "Glossary"),
    "glossary.intro": Text("термины курса, ru и en", "terms of the course, ru and en"),
    "glossary.none": Text("Словаря ещё нет", "There is no glossary yet"),
    "glossary.none.what": Text(
        "В папке курса нет файла glossary.yaml.", "The course has no file glossary.yaml."
    ),
    "glossary.find": Text("Начало термина", "Beginning of a term"),
    "glossary.see": Text("Рядом", "See also"),
    "glossary.lessons": Text("Где объясняется", "Where it is explained"),
    "glossary.all": Text("Весь словарь", "The whole glossary"),
    "glossary.term": Text("Термин", "Term"),
    "glossary.other": Text("По-английски", "In Russian"),
    "glossary.meaning": Text("Что это", "What it is"),
    "search.title": Text("Поиск по курсу", "Search in the course"),
    "search.found": Text("Найдено: {count}", "Found: {count}"),
    "search.most": Text(
        "Показаны первые {count}. Добавьте слово, чтобы сузить.",
        "The first {count} are shown. Add a word to narrow it.",
    ),
    "search.none": Text("Ничего не нашлось", "Nothing was found"),
    "search.none.what": Text(
        "Слово ищется в любой форме, все слова запроса сразу. Уберите одно или откройте словарь.",
        "A word is found in any form, and all words of the query at once. Leave one out, or open "
        "the glossary.",
    ),
    "search.empty": Text("Что найти", "What to find"),
    "search.empty.what": Text(
        "Ищет по урокам, заданиям, вопросам и словарю на языке страницы.",
        "Looks in lessons, tasks, questions and the glossary, in the language of the page.",
    ),
    "search.kind.term": Text("термин", "term"),
    "search.kind.lesson": Text("урок", "lesson"),
    "search.kind.task": Text("задание", "exercise"),
    "search.kind.question": Text("вопрос", "question"),
}

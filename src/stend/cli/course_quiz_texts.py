"""What `stend quiz` prints beside the questions themselves."""

from enum import Enum

from stend.kit.languages import Language, Text


class QuizText(Enum):
    QUIZ = Text(
        ru="Ответить на вопросы модуля; каждый ответ объясняется.",
        en="Answer the questions of a module; every answer is explained.",
    )
    MODULE = Text(ru="Номер модуля.", en="Number of the module.")
    ANSWERS = Text(
        ru="Ответы сразу, без вопросов: id=1,другой-id=3.",
        en="The answers at once, nothing is asked: id=1,other-id=3.",
    )
    PROMPT = Text(ru="Ответ, 1–{most}: ", en="Answer, 1–{most}: ")
    RIGHT_IS = Text(ru="Верно {number}: {text}", en="Right is {number}: {text}")
    NO_ANSWER = Text(ru="Ответа нет.", en="No answer.")
    RESULT = Text(ru="Верных ответов: {right} из {of}.", en="Right answers: {right} of {of}.")
    BROKEN_OFF = Text(
        ru="Тест прерван, результат не записан.", en="The quiz was broken off, nothing is kept."
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)

"""Questions, their answers, and what becomes of them."""

from pathlib import Path

import pytest

from stend.course.errors import CourseFileError
from stend.course.texts.quiz import favours, grade, read_quiz
from tests.course.texts.small_course import change, make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path)


def test_a_quiz_is_read(folder: Path) -> None:
    quiz = read_quiz(folder)
    assert len(quiz.questions) == 8
    first = quiz.questions[1]
    assert (first.id, first.right, first.answers[1].why.ru) == ("question-1", 1, "Потому.")
    assert list(favours(quiz)) == []


def test_a_grade_tells_each_question(folder: Path) -> None:
    quiz = read_quiz(folder)
    right = {one.id: one.right for one in quiz.questions}
    assert grade(quiz, right).passed
    told = grade(quiz, {**right, "question-0": 3})
    assert (told.points, told.passed) == (7, False)
    assert told.marks[0].answer is not None
    assert told.marks[0].answer.text.en == "Answer 3"
    nothing = grade(quiz, {})
    assert (nothing.points, nothing.marks[0].answer) == (0, None)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"question-9": 0}, "no question question-9; there are question-0"),
        ({"question-0": 4}, "question-0 has no answer 4; they are counted from 0 to 3"),
        ({"question-0": -1}, "question-0 has no answer -1"),
    ],
)
def test_an_answer_that_is_not_there(folder: Path, given: dict[str, int], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        grade(read_quiz(folder), given)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("id: question-1", "id: question-0", "there twice: question-0"),
        ("    right: true\n", "", "0 right answers, exactly one expected"),
        ("    why: {", "    because: {", "why: Field required"),
        ("question-0", "Question 0", "String should match pattern"),
        ("- id: question-1\n", "- id: question-1\n  id: again\n", "the key id is there twice"),
        ("question: {", "question: [", "expected"),
    ],
)
def test_what_is_no_quiz_is_refused(folder: Path, before: str, after: str, told: str) -> None:
    change(folder / "quiz.yaml", before, after)
    with pytest.raises(CourseFileError, match=told):
        read_quiz(folder)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "0 documents"),
        ("a: 1", "valid tuple"),
        ("[]\n---\n[]", "2 documents"),
        ("[]", "at least 8"),
    ],
)
def test_a_file_of_another_shape(folder: Path, text: str, told: str) -> None:
    (folder / "quiz.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CourseFileError, match=told):
        read_quiz(folder)


def test_what_gives_the_right_answer_away(folder: Path) -> None:
    quiz = (folder / "quiz.yaml").read_text(encoding="utf-8")
    marked = "    right: true\n"
    first = (
        'text: { ru: "Вариант 0", en: "Answer 0" }\n    why: { ru: "Потому.", en: "Because." }\n'
    )
    text = quiz.replace("    right: true", "").replace(first, first + marked)
    (folder / "quiz.yaml").write_text(text, encoding="utf-8")
    assert list(favours(read_quiz(folder))) == [
        "the right answer is number 1 in 8 of 8 questions; half at most"
    ]
    text = text.replace('ru: "Вариант 0"', 'ru: "Вариант первый"')
    (folder / "quiz.yaml").write_text(text, encoding="utf-8")
    assert "the right answer is the longest in 8 of 8 questions (ru); half at most" in list(
        favours(read_quiz(folder))
    )

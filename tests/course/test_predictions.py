"""A prediction is read strictly, and compared with what the run has given."""

import random
from pathlib import Path

import pytest

from stend.course.amounts import NoAmountError, Unit, amount_of, shown
from stend.course.case import Case, FailedError
from stend.course.predictions import (
    PREDICTION_FILE,
    Amount,
    Choice,
    Choices,
    Idea,
    Within,
    compare,
    predicted,
    run_after,
)
from stend.kit.languages import Text


def _text(word: str) -> Text:
    return Text(ru=f"ру {word}", en=word)


WINS = Choice(
    "who-wins",
    _text("Who wins?"),
    {"first": _text("the first"), "second": _text("the second")},
    why=_text("The last write stays."),
    ideas={"first": _text("A lock would do that.")},
)
LOSES = Choices(
    "loses",
    _text("Who loses events?"),
    {name: _text(name) for name in ("polling", "webhook", "none")},
    why=_text("Nobody keeps them."),
    ideas={"polling": _text("Polling sees the last state alone.")},
)
TIME = Amount(
    "page-time",
    _text("How long?"),
    Unit.SECONDS,
    least=0.0,
    most=60.0,
    why=_text("Each round trip counts."),
    ideas=(Idea(0.15, 0.3, _text("One round trip is not all.")),),
)
QUESTIONS = (WINS, LOSES, TIME)
GOOD = 'who-wins = "second"\nloses = ["polling", "webhook"]\npage-time = "1.2 s"\n'


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path, random.Random(1), {})


def _write(case: Case, text: str) -> None:
    (case.folder / PREDICTION_FILE).write_text(text, encoding="utf-8")


def _refused(case: Case, text: str) -> FailedError:
    _write(case, text)
    ran: list[int] = []
    with pytest.raises(FailedError) as caught:
        run_after(case, QUESTIONS, lambda _: ran.append(1))
    assert not ran
    return caught.value


def test_answers_are_read(case: Case) -> None:
    _write(case, GOOD)
    assert predicted(case, QUESTIONS) == {
        "who-wins": "second",
        "loses": frozenset({"polling", "webhook"}),
        "page-time": 1.2,
    }


@pytest.mark.parametrize(
    ("text", "told", "where"),
    [
        ("", "Not predicted yet: who-wins, loses, page-time.", ""),
        (GOOD.replace('"second"', '""'), "Not predicted yet: who-wins.", ":1"),
        (GOOD.replace('["polling", "webhook"]', "[]"), "Not predicted yet: loses.", ":2"),
        (GOOD.replace("second", "third"), "who-wins: 'third' is no answer", ":1"),
        (GOOD.replace('"second"', "2"), "who-wins: 2 is no answer", ":1"),
        (GOOD.replace('["polling", "webhook"]', '"polling"'), "loses: 'polling' is no", ":2"),
        (GOOD.replace("webhook", "pigeon"), "loses: 'pigeon' is no answer", ":2"),
        (GOOD.replace("1.2 s", "1.2"), "a unit is wanted", ":3"),
        (GOOD.replace('"1.2 s"', "1.2"), "a unit is wanted", ":3"),
        (GOOD.replace('"1.2 s"', "true"), "page-time: True is no answer", ":3"),
        (GOOD.replace("1.2 s", "1.2 MB"), "The question is about a time", ":3"),
        (GOOD.replace("1.2 s", "fast"), "'fast' is no number", ":3"),
        (GOOD.replace("1.2 s", "2 h"), "2 h cannot be", ":3"),
        (GOOD.replace("1.2 s", "-1 s"), "-1 s cannot be", ":3"),
        (GOOD.replace("1.2 s", "1,200 ms"), "a fraction, or thousands", ":3"),
        (GOOD.replace("1.2 s", "1e999 s"), "is no number", ":3"),
        (GOOD + 'who-loses = "first"\n', "has the key who-loses", ":4"),
        ("who-wins = second\n", "is no TOML", ""),
    ],
)
def test_nothing_runs_before_everything_is_predicted(
    case: Case, text: str, told: str, where: str
) -> None:
    failed = _refused(case, text)
    assert told in failed.sentence.en
    assert failed.sentence.ru != failed.sentence.en
    assert failed.where == PREDICTION_FILE + where


def test_there_is_no_file(case: Case) -> None:
    with pytest.raises(FailedError, match=r"no file prediction\.toml"):
        predicted(case, QUESTIONS)


def test_an_experiment_runs_once(case: Case) -> None:
    _write(case, GOOD)
    ran: list[int] = []

    def experiment(_: Case) -> int:
        ran.append(1)
        return len(ran)

    assert run_after(case, QUESTIONS, experiment) == run_after(case, QUESTIONS, experiment) == 1


def test_what_agrees_passes(case: Case) -> None:
    _write(case, GOOD)
    predicted(case, QUESTIONS)
    compare(case, WINS, "second")
    compare(case, LOSES, {"webhook", "polling"})
    compare(case, TIME, 1.0, Within(share=0.25))
    compare(case, TIME, 0.7, Within(times=2))
    compare(case, TIME, 1.1, Within(amount=0.11))


def test_a_wrong_choice_gets_the_sentence_of_its_idea(case: Case) -> None:
    _write(case, GOOD.replace("second", "first"))
    predicted(case, QUESTIONS)
    with pytest.raises(FailedError) as caught:
        compare(case, WINS, "second")
    assert caught.value.sentence.en == (
        "Who wins? You predicted: the first. The run gave: the second. A lock would do that."
    )
    assert caught.value.sentence.ru == (
        "ру Who wins? Вы предсказали: ру the first. Запуск показал: ру the second. "
        "ру A lock would do that."
    )
    assert caught.value.where == f"{PREDICTION_FILE}:1"


def test_a_wrong_set_tells_what_was_left_out(case: Case) -> None:
    _write(case, GOOD.replace('["polling", "webhook"]', '["webhook"]'))
    predicted(case, QUESTIONS)
    with pytest.raises(FailedError, match=r"Polling sees the last state alone\."):
        compare(case, LOSES, {"webhook", "polling"})
    with pytest.raises(FailedError, match=r"Nobody keeps them\."):
        compare(case, LOSES, {"none"})


def test_a_wrong_number(case: Case) -> None:
    _write(case, GOOD.replace("1.2 s", "200 ms"))
    predicted(case, QUESTIONS)
    with pytest.raises(FailedError) as caught:
        compare(case, TIME, 1.234, Within(share=0.25))
    assert caught.value.sentence.en == (
        "How long? You predicted: 200 ms. The run gave: 1.23 s. One round trip is not all."
    )
    assert "1,23 с" in caught.value.sentence.ru
    assert caught.value.expected == "1.23 s (926 ms … 1.54 s)"


@pytest.mark.parametrize(
    ("question", "measured", "tolerance"),
    [
        (WINS, "third", None),
        (WINS, 1.0, None),
        (LOSES, "polling", None),
        (LOSES, {"pigeon"}, None),
        (LOSES, set(), None),
        (TIME, 1.0, None),
        (TIME, "1", Within(share=0.1)),
        (TIME, 1.0, Within()),
        (TIME, 1.0, Within(share=0.1, times=2)),
        (TIME, 1.0, Within(times=0.5)),
    ],
)
def test_what_the_author_has_got_wrong_is_no_verdict(
    case: Case, question: Choice | Choices | Amount, measured: str, tolerance: Within | None
) -> None:
    _write(case, GOOD)
    predicted(case, QUESTIONS)
    with pytest.raises(ValueError, match=r"."):
        compare(case, question, measured, tolerance)


def test_nothing_is_compared_that_was_not_read(case: Case) -> None:
    with pytest.raises(ValueError, match="was not read"):
        compare(case, WINS, "second")


@pytest.mark.parametrize(
    ("written", "unit", "amount"),
    [
        ("250 ms", Unit.SECONDS, 0.25),
        ("250мс", Unit.SECONDS, 0.25),
        ("1,5 мин", Unit.SECONDS, 90.0),
        ("1 200 с", Unit.SECONDS, 1200.0),
        ("2 KiB", Unit.BYTES, 2048.0),
        ("3 МБ", Unit.BYTES, 3e6),
        ("12.5 %", Unit.PERCENT, 12.5),
        ("1e3 rps", Unit.PER_SECOND, 1000.0),
        ("64", Unit.COUNT, 64.0),
        ("28 сут", Unit.SECONDS, 28 * 86400.0),
        ("3 years", Unit.SECONDS, 3 * 365 * 86400.0),
        ("864 000 /day", Unit.PER_SECOND, 10.0),
        ("11 Мбит/с", Unit.BITS_PER_SECOND, 11e6),
        ("1,5 MB/s", Unit.BITS_PER_SECOND, 12e6),
    ],
)
def test_amounts_in_both_languages(written: str, unit: Unit, amount: float) -> None:
    assert amount_of(written, unit) == pytest.approx(amount)


@pytest.mark.parametrize("written", ["", "s", "1 s s", "0x10 s", "1.2.3 s", "12 34 s", "nan s"])
def test_what_is_no_amount(written: str) -> None:
    with pytest.raises(NoAmountError):
        amount_of(written, Unit.SECONDS)


def test_amounts_are_shown_short() -> None:
    assert shown(0.0123, Unit.SECONDS).en == "12.3 ms"
    assert shown(12_345_678, Unit.BYTES).ru == "12,3 МБ"
    assert shown(64, Unit.COUNT).en == "64"
    assert shown(12e6, Unit.BITS_PER_SECOND).en == "12 Mbit/s"
    assert shown(1234.5, Unit.PER_SECOND).ru == "1234 /с"

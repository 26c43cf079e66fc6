"""A prediction that a learner writes down before an experiment, and what the run says of it.

`prediction.toml` has one line per question; as long as one of them is empty nothing is run:

    who-wins = "second"                 # Choice: one of the options
    loses = ["polling", "websocket"]    # Choices: some of them
    page-time = "1.2 s"                 # Amount: a number with its unit
"""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from stend.course.amounts import NoAmountError, Unit, amount_of, shown
from stend.course.case import Case
from stend.kit.languages import Text

PREDICTION_FILE = "prediction.toml"
_READ = "what was predicted"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the options.

    Attributes:
        id: the key in the file.
        asks: the question, as a learner reads it.
        options: what each word of the file means.
        why: why the run comes out as it does; told to whoever was wrong.
        ideas: what an answer mistakes, by the answer; told instead of `why`.
    """

    id: str
    asks: Text
    options: Mapping[str, Text]
    why: Text
    ideas: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choices:
    """Some of the options. Where it may be none of them, an option has to say so.

    Attributes:
        ideas: what it mistakes to name an option that is wrong, or to leave out one that is right.
    """

    id: str
    asks: Text
    options: Mapping[str, Text]
    why: Text
    ideas: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Idea:
    """A wrong idea that leads to numbers from `least` to `most`, in the question's unit."""

    least: float
    most: float
    told: Text


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with a unit.

    Attributes:
        least, most: beyond which it cannot be meant: the file is refused.
    """

    id: str
    asks: Text
    unit: Unit
    least: float
    most: float
    why: Text
    ideas: Sequence[Idea] = ()


Question = Choice | Choices | Amount
Answer = str | frozenset[str] | float


@dataclass(frozen=True, slots=True)
class Within:
    """How far a predicted number may be from the measured one: exactly one of these.

    Attributes:
        share: of the measured one: 0.3 is 30 % more or less.
        times: so many times more or less: 2 is from a half to the double.
        amount: in the question's unit.
    """

    share: float | None = None
    times: float | None = None
    amount: float | None = None

    def bounds(self, measured: float) -> tuple[float, float]:
        match self:
            case Within(share=float(share), times=None, amount=None):
                return measured - abs(measured) * share, measured + abs(measured) * share
            case Within(share=None, times=float() | int() as times, amount=None) if times >= 1:
                low, high = sorted((measured / times, measured * times))
                return low, high
            case Within(share=None, times=None, amount=float() | int() as amount):
                return measured - amount, measured + amount
        raise ValueError(f"exactly one of share, times (from 1) and amount is wanted: {self}")


def predicted(case: Case, questions: Sequence[Question]) -> Mapping[str, Answer]:
    """The answers of `prediction.toml`, by the ids of their questions.

    Raises:
        FailedError: it is no TOML, a question has no answer yet, or an answer is none.
    """
    return case.once(_READ, lambda: _read(case, questions))


def run_after(
    case: Case, questions: Sequence[Question], experiment: Callable[[Case], _T], name: str = "run"
) -> _T:
    """What the experiment gives; it runs once, and not before everything has been predicted.

    Raises:
        FailedError: as `predicted`.
    """
    predicted(case, questions)
    return case.once(f"experiment {name}", lambda: experiment(case))


def compare(
    case: Case,
    question: Question,
    measured: str | Collection[str] | float,
    tolerance: Within | None = None,
) -> None:
    """Passes where the prediction agrees with the run, after `predicted`.

    Args:
        measured: an option, options, or a number in the question's unit.
        tolerance: of a number.

    Raises:
        FailedError: it does not: what was predicted, what the run gave, and why.
        ValueError: the experiment gives what the question does not know.
    """
    answers = case.once(_READ, dict[str, Answer])
    if question.id not in answers:
        raise ValueError(f"{question.id} was not read: `predicted` comes first")
    answer = answers[question.id]
    if isinstance(question, Amount):
        _compare_amount(case, question, answer, measured, tolerance)
    elif isinstance(question, Choices):
        _compare_choices(case, question, answer, measured)
    elif not isinstance(measured, str) or measured not in question.options:
        raise ValueError(f"{question.id}: the run gave {measured!r}, which is no option")
    elif answer != measured:
        idea = question.ideas.get(str(answer), question.why)
        _refuse(case, question, _named(question, str(answer)), _named(question, measured), idea)


def _compare_choices(case: Case, question: Choices, answer: Answer, measured: object) -> None:
    if isinstance(measured, str | int | float) or not isinstance(measured, Collection):
        raise ValueError(f"{question.id}: the run gave {measured!r}, which is no set of options")
    right = frozenset(measured)
    if not right or (strange := right - question.options.keys()):
        told = sorted(strange) if right else "nothing"
        raise ValueError(f"{question.id}: the run gave {told}, which is no option")
    if answer == right or not isinstance(answer, frozenset):
        return
    wrong = [one for one in question.options if one in answer ^ right]
    ideas = [question.ideas[one] for one in wrong if one in question.ideas] or [question.why]
    why = Text(ru=" ".join(one.ru for one in ideas), en=" ".join(one.en for one in ideas))
    _refuse(case, question, _all_named(question, answer), _all_named(question, right), why)


def _compare_amount(
    case: Case, question: Amount, answer: Answer, measured: object, tolerance: Within | None
) -> None:
    if isinstance(measured, bool) or not isinstance(measured, int | float) or tolerance is None:
        raise ValueError(f"{question.id}: a number and a tolerance are wanted, got {measured!r}")
    low, high = tolerance.bounds(measured)
    if not isinstance(answer, float) or low <= answer <= high:
        return
    why = next((one.told for one in question.ideas if one.least <= answer <= one.most), None)
    given, found = shown(answer, question.unit), shown(measured, question.unit)
    least, most = shown(low, question.unit), shown(high, question.unit)
    allowed = f"{found.en} ({least.en} … {most.en})"
    _refuse(case, question, given, found, why or question.why, allowed)


def _refuse(
    case: Case,
    question: Question,
    given: Text,
    found: Text,
    why: Text,
    expected: str | None = None,
) -> NoReturn:
    case.fail(
        f"{question.asks.ru} Вы предсказали: {given.ru}. Запуск показал: {found.ru}. {why.ru}",
        f"{question.asks.en} You predicted: {given.en}. The run gave: {found.en}. {why.en}",
        expected=expected or found.en,
        got=given.en,
        where=_where(case, question.id),
    )


# ---- the file ----------------------------------------------------------------------------------


def _read(case: Case, questions: Sequence[Question]) -> dict[str, Answer]:
    given = _parsed(case)
    known = {one.id: one for one in questions}
    if strange := [one for one in given if one not in known]:
        case.fail(
            f"В {PREDICTION_FILE} есть ключ {strange[0]}, а такого вопроса нет.",
            f"{PREDICTION_FILE} has the key {strange[0]}, and there is no such question.",
            expected=", ".join(known),
            got=strange[0],
            where=_where(case, strange[0]),
        )
    if empty := [one for one in known if given.get(one, "") in ("", [])]:
        names = ", ".join(empty)
        case.fail(
            f"Ещё не предсказано: {names}. Сначала предсказание, потом запуск.",
            f"Not predicted yet: {names}. First the prediction, then the run.",
            expected=known[empty[0]].asks.en,
            where=_where(case, empty[0]),
        )
    return {one.id: _answer(case, one, given[one.id]) for one in questions}


def _parsed(case: Case) -> Mapping[str, object]:
    try:
        return tomllib.loads(case.read(PREDICTION_FILE))
    except tomllib.TOMLDecodeError as error:
        case.fail(
            f"{PREDICTION_FILE} — не TOML: {error}",
            f"{PREDICTION_FILE} is no TOML: {error}",
            where=PREDICTION_FILE,
        )


def _answer(case: Case, question: Question, given: object) -> Answer:
    match question:
        case Amount():
            return _amount(case, question, given)
        case Choices():
            listed = given if isinstance(given, list) else None
            if listed is None:
                _no_answer(case, question, given, '["…", "…"]')
            return frozenset(_option(case, question, one) for one in listed)
        case Choice():
            return _option(case, question, given)


def _option(case: Case, question: Choice | Choices, given: object) -> str:
    if not isinstance(given, str) or given not in question.options:
        _no_answer(case, question, given, ", ".join(question.options))
    return given


def _amount(case: Case, question: Amount, given: object) -> float:
    # A plain number needs no quotes, but one with a unit is a text in TOML.
    written = str(given) if isinstance(given, int | float) else given
    if not isinstance(written, str) or isinstance(given, bool):
        _no_answer(case, question, given, f'"12 {question.unit.value.en}"')
    where = _where(case, question.id)
    try:
        amount = amount_of(written, question.unit)
    except NoAmountError as error:
        told = error.text
        case.fail(f"{question.id}: {told.ru}", f"{question.id}: {told.en}", where=where)
    if not question.least <= amount <= question.most:
        low, high = shown(question.least, question.unit), shown(question.most, question.unit)
        case.fail(
            f"{question.id}: {written} — так быть не может: ответ лежит от {low.ru} до {high.ru}. "
            "Проверьте единицу.",
            f"{question.id}: {written} cannot be: the answer lies from {low.en} to {high.en}. "
            "Check the unit.",
            expected=f"{low.en} … {high.en}",
            got=written,
            where=where,
        )
    return amount


def _no_answer(case: Case, question: Question, given: object, expected: str) -> NoReturn:
    case.fail(
        f"{question.id}: {given!r} — не ответ на этот вопрос. {question.asks.ru}",
        f"{question.id}: {given!r} is no answer to the question. {question.asks.en}",
        expected=expected,
        got=repr(given),
        where=_where(case, question.id),
    )


def _where(case: Case, key: str) -> str:
    """`prediction.toml:7`"""
    line = re.compile(rf'^\s*["\']?{re.escape(key)}["\']?\s*=')
    for number, text in enumerate(case.read(PREDICTION_FILE).splitlines(), 1):
        if line.match(text):
            return f"{PREDICTION_FILE}:{number}"
    return PREDICTION_FILE


def _named(question: Choice | Choices, option: str) -> Text:
    return question.options[option]


def _all_named(question: Choices, chosen: frozenset[str]) -> Text:
    texts = [text for name, text in question.options.items() if name in chosen]
    return Text(ru=", ".join(one.ru for one in texts), en=", ".join(one.en for one in texts))

"""Every command explains itself in both languages, within 80 columns."""

import string
import subprocess
import sys
import unicodedata
from functools import cache

import pytest

from stend.cli.certificates_texts import CertificatesText
from stend.cli.compare_texts import CompareText
from stend.cli.course_making_texts import MakingText
from stend.cli.course_notebook_texts import NotebookText
from stend.cli.course_quiz_texts import QuizText
from stend.cli.course_report_texts import ReportHelp
from stend.cli.course_texts import CourseText
from stend.cli.fault_texts import FaultText
from stend.cli.new_texts import NewText
from stend.cli.open_texts import OpenText
from stend.cli.story_texts import StoryText
from stend.cli.tap_texts import TapText
from stend.cli.texts import T
from stend.cli.traffic_texts import TrafficText
from stend.kit.languages import Language
from tests.conftest import PROJECT

Words = (
    T
    | CertificatesText
    | CompareText
    | CourseText
    | FaultText
    | MakingText
    | NewText
    | NotebookText
    | OpenText
    | QuizText
    | ReportHelp
    | StoryText
    | TapText
    | TrafficText
)
COMMANDS: dict[str, Words] = {
    "certificates": CertificatesText.CERTIFICATES,
    "new": NewText.NEW,
    "up": T.UP,
    "down": T.DOWN,
    "serve": T.SERVE,
    "status": T.STATUS,
    "call": T.CALL,
    "story": StoryText.STORY,
    "open": OpenText.OPEN,
    "logs": T.LOGS,
    "doctor": T.DOCTOR,
    "test": T.TEST,
    "parity": T.PARITY,
    "bench": T.BENCH,
    "kafka": T.KAFKA,
    "compare": CompareText.COMPARE,
    "traffic": TrafficText.TRAFFIC,
    "kafka brokers": T.KAFKA_BROKERS,
    "kafka stop": T.KAFKA_STOP,
    "kafka start": T.KAFKA_START,
    "tap": TapText.TAP,
    "tap list": TapText.LIST,
    "tap show": TapText.SHOW,
    "tap follow": TapText.WATCH,
    "tap export": TapText.EXPORT,
    "tap verify": TapText.VERIFY,
    "tap clear": TapText.CLEAR,
    "fault": FaultText.FAULT,
    "fault kinds": FaultText.KINDS,
    "fault set": FaultText.SET,
    "fault list": FaultText.LIST,
    "fault clear": FaultText.CLEAR,
    "course": CourseText.COURSE,
    "course lint": CourseText.LINT,
    "course new": MakingText.NEW,
    "start": CourseText.START,
    "check": CourseText.CHECK,
    "watch": CourseText.WATCH,
    "hint": CourseText.HINT,
    "solution": CourseText.SOLUTION,
    "quiz": QuizText.QUIZ,
    "notebook": NotebookText.NOTEBOOK,
    "report": ReportHelp.REPORT,
    "init": MakingText.INIT,
}
_COLUMNS = 80


@cache
def said(*words: str, **environment: str) -> str:
    """What `stend WORDS` prints, to a terminal 80 columns wide."""
    own = {"PYTHONPATH": str(PROJECT / "src"), "COLUMNS": str(_COLUMNS), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-m", "stend", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=own | {"PYTHONUTF8": "1"} | environment,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def words_of(text: str) -> str:
    """Without frames and line breaks."""
    return " ".join("".join(" " if letter in "│╭╮╰╯─" else letter for letter in text).split())


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_in_the_language_and_fits_the_terminal(command: str, language: Language) -> None:
    text = said(*command.split(), "--help", "--lang", language)
    assert max(width(line) for line in text.splitlines()) <= _COLUMNS
    assert COMMANDS[command].value[language] in words_of(text)
    other = Language.EN if language is Language.RU else Language.RU
    assert COMMANDS[command].value[other] not in words_of(text)


@pytest.mark.parametrize("language", Language)
def test_the_overview_lists_every_command(language: Language) -> None:
    text = said("--help", "--lang", language)
    assert max(width(line) for line in text.splitlines()) <= _COLUMNS
    assert T.APP.value[language] in words_of(text)
    for command in COMMANDS:
        if " " not in command:
            assert f"│ {command} " in text


@pytest.mark.parametrize(
    ("words", "environment", "language"),
    [
        ((), {}, Language.EN),
        ((), {"LANG": "ru_RU.UTF-8"}, Language.RU),
        ((), {"LANG": "ru_RU.UTF-8", "LC_ALL": "en_US.UTF-8"}, Language.EN),
        ((), {"LANG": "ru_RU.UTF-8", "STEND_LANG": "en"}, Language.EN),
        (("--lang", "ru"), {"STEND_LANG": "en"}, Language.RU),
        (("--lang=ru",), {"STEND_LANG": "en"}, Language.RU),
    ],
)
def test_the_language_is_taken_from_the_option_then_stend_lang_then_the_locale(
    words: tuple[str, ...], environment: dict[str, str], language: Language
) -> None:
    assert T.APP.value[language] in words_of(said(*words, "--help", **environment))


@pytest.mark.parametrize(
    "text",
    [
        *T,
        *CertificatesText,
        *TapText,
        *FaultText,
        *StoryText,
        *OpenText,
        *CourseText,
        *MakingText,
        *NewText,
        *QuizText,
        *ReportHelp,
    ],
    ids=lambda text: text.name,
)
def test_both_languages_of_a_text_ask_for_the_same_values(
    text: Words,
) -> None:
    fields = [
        sorted(name for _, name, _, _ in string.Formatter().parse(words) if name)
        for words in (text.value.ru, text.value.en)
    ]
    assert fields[0] == fields[1]
    assert text.value.ru
    assert text.value.en

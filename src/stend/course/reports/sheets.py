"""Reports as rows for a spreadsheet, and as a table for a page of Markdown."""

import csv
import io
from collections.abc import Iterator, Mapping

from stend.course.reports.classes import ClassReport
from stend.course.reports.report import Done, ModuleReport, Report
from stend.kit.languages import Language

_COLUMNS = (
    "learner",
    "folder",
    "problem",
    "module",
    "exercise",
    "number",
    "title",
    "state",
    "points",
    "points_of",
    "tries",
    "hints",
    "gave_up",
    "failing",
    "started_at",
    "tried_at",
    "passed_at",
    "quiz_right",
    "quiz_of",
)
# A spreadsheet takes such a cell for a formula, and a formula may call programs: OWASP, CSV
# Injection. An apostrophe makes it a text again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_Row = Mapping[str, object]


def report_csv(report: Report, language: Language, learner: str = "", folder: str = "") -> str:
    return _csv(_rows(report, language, {"learner": learner, "folder": folder}))


def class_csv(report: ClassReport, language: Language) -> str:
    """One row for each learner and exercise; one for who could not be read, with the reason."""
    return _csv(_class_rows(report, language))


def _class_rows(report: ClassReport, language: Language) -> Iterator[_Row]:
    for member in report.members:
        learner = member.learner
        who = {"learner": member.label, "folder": str(learner.folder)}
        if member.report:
            yield from _rows(member.report, language, who)
        else:
            problem = learner.problem[language] if learner.problem else learner.reading.value
            yield {**who, "problem": problem}


def _rows(report: Report, language: Language, who: _Row) -> Iterator[_Row]:
    for module in report.modules:
        for done in module.exercises:
            yield {**who, **_row(module, done, language)}


def _row(module: ModuleReport, done: Done, language: Language) -> _Row:
    record, quiz = done.record, module.quiz
    return {
        "module": module.module.number,
        "exercise": done.exercise.id,
        "number": done.exercise.number,
        "title": done.exercise.row.title.text[language],
        "state": done.state.value,
        "points": done.points,
        "points_of": done.exercise.points,
        "tries": record.tries,
        "hints": record.hints,
        "gave_up": int(record.gave_up),
        "failing": record.failing,
        "started_at": record.started_at,
        "tried_at": record.tried_at,
        "passed_at": record.passed_at,
        "quiz_right": quiz.right if quiz else None,
        "quiz_of": quiz.of if quiz else None,
    }


def _csv(rows: Iterator[_Row]) -> str:
    out = io.StringIO()
    # RFC 4180 ends lines with CRLF.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in _COLUMNS])
    return out.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    plain = value.encode("utf-8", "replace").decode().replace("\0", "\\0")
    return f"'{plain}" if plain.startswith(_FORMULA) else plain

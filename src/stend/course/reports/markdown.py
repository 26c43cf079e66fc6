"""A report as Markdown, for the summary of a workflow and a comment at a pull request."""

from collections.abc import Iterable, Iterator

from stend.course.reports.report import Done, ModuleReport, Report
from stend.course.reports.words import MARKS, STATES
from stend.course.reports.words import ReportText as R
from stend.kit.languages import Language

_HEAD = (R.EXERCISE, R.STATE, R.POINTS, R.TRIES, R.HINTS, R.FAILS_AT)


def report_markdown(report: Report, language: Language, more: Iterable[str] = ()) -> str:
    """
    Args:
        more: sentences above the tables.
    """
    return "\n".join(_lines(report, language, more)) + "\n"


def _lines(report: Report, language: Language, more: Iterable[str]) -> Iterator[str]:
    told = R.PASSED_OF(
        language,
        passed=report.passed,
        exercises=len(report.exercises),
        points=report.points,
        points_of=report.points_of,
    )
    yield f"## {R.COURSE(language)}: {told}"
    for sentence in more:
        yield f"\n**{escaped(sentence)}**"
    for module in report.modules:
        if module.is_begun:
            yield ""
            yield from _module_lines(module, language)


def _module_lines(module: ModuleReport, language: Language) -> Iterator[str]:
    title = escaped(module.module.row.title.text[language])
    quiz = module.quiz
    told = f" · {R.QUIZ(language, right=quiz.right, of=quiz.of)}" if quiz else ""
    yield f"### {module.module.number}. {title} · {module.points}/{module.points_of}{told}"
    yield ""
    yield _row(word(language) for word in _HEAD)
    yield _row("---" for _ in _HEAD)
    for done in module.exercises:
        yield _row(_cells(done, language))


def _cells(done: Done, language: Language) -> Iterator[str]:
    record = done.record
    gave_up = f", {R.GAVE_UP(language)}" if record.gave_up else ""
    yield f"{done.exercise.number} {escaped(done.exercise.row.title.text[language])}"
    yield f"{MARKS[done.state]} {STATES[done.state](language)}{gave_up}"
    yield f"{done.points}/{done.exercise.points}"
    yield str(record.tries or "")
    yield str(record.hints or "")
    meaning = f": {escaped(done.failing.meaning.text[language])}" if done.failing else ""
    yield f"`{record.failing}`{meaning}" if record.failing else ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Every sign that Markdown could take for its own, and no line of its own."""
    one_line = " ".join(text.split())
    html = one_line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{one}" if one in "\\`*_[]|#~@!" else one for one in html)

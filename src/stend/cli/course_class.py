"""`stend report --merge`: what a class has done."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import set_cell_size

from stend.cli.course import refusing, say_wrapped
from stend.cli.course_report_files import ReportOptions, write, write_csv
from stend.cli.lines import printable
from stend.cli.session import Session

if TYPE_CHECKING:
    from stend.course.reports.classes import ClassReport, Failure
    from stend.course.reports.report import ModuleReport, Report, State

_NAME = 22
_FAILURES = 10


def class_command(session: Session, folders: list[Path], options: ReportOptions) -> None:
    from stend.course.reports.classes import class_of, class_to_json
    from stend.runtime.course import shelf

    with refusing(session):
        report = class_of(shelf(), folders)
    _write_files(session, report, options)
    if options.as_json:
        session.print_json(class_to_json(report))
    else:
        _print(session, report)


def _write_files(session: Session, report: "ClassReport", options: ReportOptions) -> None:
    if options.csv:
        from stend.course.reports.sheets import class_csv

        write_csv(session, options.csv, class_csv(report, session.language))
    if options.html:
        from stend.portal.reports.pages import class_page
        from stend.runtime.system import SystemClock

        write(session, options.html, class_page(report, session.language, SystemClock().now()))


def _print(session: Session, report: "ClassReport") -> None:
    if report.read:
        _print_table(session, report)
    for member in report.not_read:
        problem = member.learner.problem
        told = printable(problem[session.language]) if problem else ""
        say_wrapped(f"✕ {printable(member.label)}: {told}", "", "  ")
    for member in report.members:
        if member.learner.note:
            note = printable(member.learner.note[session.language])
            say_wrapped(f"! {printable(member.label)}: {note}", "", "  ")
    for member, one in report.read:
        if one.unknown:
            _print_unknown(session, member.label, one)
    _print_failures(session, report)


def _print_table(session: Session, report: "ClassReport") -> None:
    from stend.course.reports.words import MARKS, STATES
    from stend.course.reports.words import ReportText as R

    language = session.language
    modules = report.read[0][1].modules
    numbers = "".join(f"{one.module.number:>3}" for one in modules)
    head = f"{R.PASSED(language):>7} {R.POINTS(language):>9} "
    print(f"{_name(R.LEARNER(language))} {head}{numbers}")  # noqa: T201 - the output of a command
    for member, one in report.read:
        passed = f"{one.passed}/{len(one.exercises)}"
        points = f"{one.points}/{one.points_of}"
        marks = "".join(f"  {MARKS[_state(module)]}" for module in one.modules)
        print(f"{_name(member.label)} {passed:>7} {points:>9} {marks}")  # noqa: T201 - as above
    legend = " · ".join(f"{mark} {STATES[state](language)}" for state, mark in MARKS.items())
    say_wrapped(f"{R.MODULE(language)}: {legend}", "", "  ")


def _state(module: "ModuleReport") -> "State":
    """Of a module as a whole: what fails again is what a teacher looks for first."""
    from stend.course.reports.report import State

    if any(one.state is State.FAILS_AGAIN for one in module.exercises):
        return State.FAILS_AGAIN
    if module.is_done:
        return State.PASSED
    return State.BEGUN if module.is_begun else State.NEW


def _name(text: str) -> str:
    """Exactly as wide as its column, in letters of any width."""
    return set_cell_size(printable(text), _NAME)


def _print_unknown(session: Session, label: str, report: "Report") -> None:
    from stend.course.reports.words import ReportText as R

    told = R.UNKNOWN(session.language, names=", ".join(report.unknown))
    say_wrapped(f"! {printable(label)}: {told}", "", "  ")


def _print_failures(session: Session, report: "ClassReport") -> None:
    from stend.course.reports.words import ReportText as R

    failures = report.failures()
    if not failures:
        return
    print()  # noqa: T201 - as above
    print(f"{R.FAILURES(session.language)}:")  # noqa: T201 - as above
    for one in failures[:_FAILURES]:
        _print_failure(session, one)
    if len(failures) > _FAILURES:
        print(f"  … (+{len(failures) - _FAILURES})")  # noqa: T201 - as above


def _print_failure(session: Session, one: "Failure") -> None:
    meaning = f": {one.row.meaning.text[session.language]}" if one.row else ""
    told = f"{len(one.members):>3} × {one.done.exercise.number} {one.check}{meaning}"
    say_wrapped(told, "", "      ")

"""`stend report`: what one learner has done."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stend.cli.course import refusing, say_wrapped
from stend.cli.course_report_files import ReportOptions, fail, write, write_csv
from stend.cli.course_report_texts import ReportHelp as H
from stend.cli.lines import cut, printable
from stend.cli.session import Exit, Session

if TYPE_CHECKING:
    from stend.course.rechecking import Rechecked
    from stend.course.reports.report import Done, ModuleReport, Report
    from stend.course.shelf import Shelf
    from stend.course.workspace import Workspace

_TITLE = 34


def report_command(session: Session, folders: list[Path], options: ReportOptions) -> None:
    """Exit code 1: with `--check`, something that was passed fails now."""
    _refuse_what_makes_no_sense(session, folders, options)
    if options.merge:
        from stend.cli.course_class import class_command

        class_command(session, folders, options)
        return
    _one(session, options)


def _refuse_what_makes_no_sense(
    session: Session, folders: list[Path], options: ReportOptions
) -> None:
    if not options.merge:
        if folders:
            names = " ".join(map(str, folders))
            fail(session, H.FOLDERS_ALONE, names=names, first=folders[0])
        if options.deep and not options.recheck:
            fail(session, H.DEEP_ALONE)
        return
    if not folders:
        fail(session, H.NO_FOLDERS)
    for given, name, instead in (
        (options.recheck, "--check", H.CHECK_EACH),
        (options.deep, "--deep", H.CHECK_EACH),
        (options.workspace is not None, "--workspace", H.GIVE_FOLDERS),
        (options.markdown is not None, "--markdown", H.NO_MARKDOWN),
    ):
        if given:
            told = instead(session.language)
            fail(session, H.NOT_TOGETHER, one="--merge", other=name, instead=told)


def _one(session: Session, options: ReportOptions) -> None:
    from stend.course.reports.learners import name_in
    from stend.course.reports.report import report_of, report_to_json
    from stend.runtime.course import shelf, workspace

    with refusing(session):
        course, place = shelf(), workspace(options.workspace)
        checked = _recheck(session, course, place, options.deep) if options.recheck else ()
        report = report_of(course, place.book.read())
    learner = name_in(place.folder)
    sentences = _sentences(session, checked)
    _write_files(session, report, learner, place.folder, sentences, options)
    if options.as_json:
        told = {**report_to_json(report), "learner": learner}
        session.print_json({**told, **_checked_to_json(checked)} if options.recheck else told)
    else:
        _print(session, report, learner)
        for sentence in sentences:
            say_wrapped(sentence)
    raise SystemExit(_code(checked))


def _recheck(
    session: Session, course: "Shelf", place: "Workspace", deep: bool
) -> tuple["Rechecked", ...]:
    from stend.course.rechecking import recheck
    from stend.runtime.course import fresh_seed, run_of
    from stend.runtime.system import SystemClock

    def told(one: "Rechecked") -> None:
        # Progress, beside what a script reads.
        mark = "●" if one.verdict.passed else "✕"
        line = f"{mark} {one.verdict.exercise.id} {one.verdict.points}/{one.verdict.points_asked}"
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the output of a command

    return recheck(course, place, lambda: run_of(fresh_seed(), deep=deep), SystemClock().now, told)


def _code(checked: tuple["Rechecked", ...]) -> Exit:
    if any(one.has_regressed for one in checked):
        return Exit.DOMAIN_ERROR
    return Exit.FAILURE if any(one.is_undecided for one in checked) else Exit.OK


def _sentences(session: Session, checked: tuple["Rechecked", ...]) -> tuple[str, ...]:
    from stend.course.reports.words import ReportText as R

    regressed = [one.verdict.exercise.number for one in checked if one.has_regressed]
    undecided = [one.verdict.exercise.number for one in checked if one.is_undecided]
    return tuple(
        text(session.language, names=", ".join(numbers))
        for text, numbers in ((R.REGRESSED, regressed), (R.UNDECIDED, undecided))
        if numbers
    )


def _checked_to_json(checked: tuple["Rechecked", ...]) -> dict[str, object]:
    return {
        "checked": [one.verdict.to_json() for one in checked],
        "regressed": [one.verdict.exercise.id for one in checked if one.has_regressed],
        "undecided": [one.verdict.exercise.id for one in checked if one.is_undecided],
    }


def _write_files(
    session: Session,
    report: "Report",
    learner: str | None,
    folder: Path,
    sentences: tuple[str, ...],
    options: ReportOptions,
) -> None:
    from stend.course.reports.markdown import report_markdown
    from stend.course.reports.sheets import report_csv

    language = session.language
    if options.csv:
        rows = report_csv(report, language, learner or "", str(folder))
        write_csv(session, options.csv, rows)
    if options.markdown:
        write(session, options.markdown, report_markdown(report, language, sentences))
    if options.html:
        from stend.portal.reports.pages import report_page
        from stend.runtime.system import SystemClock

        page = report_page(report, language, learner, SystemClock().now())
        write(session, options.html, page)


def _print(session: Session, report: "Report", learner: str | None) -> None:
    from stend.course.reports.words import ReportText as R

    language = session.language
    told = R.PASSED_OF(
        language,
        passed=report.passed,
        exercises=len(report.exercises),
        points=report.points,
        points_of=report.points_of,
    )
    say_wrapped(f"{printable(learner) if learner else R.COURSE(language)}: {told}")
    begun = [one for one in report.modules if one.is_begun]
    for module in begun:
        _print_module(session, module)
    if not begun and report.exercises:
        number = report.exercises[0].exercise.number
        say_wrapped(R.NOTHING(language, number=number))
    if report.unknown:
        say_wrapped(R.UNKNOWN(language, names=", ".join(report.unknown)))


def _print_module(session: Session, module: "ModuleReport") -> None:
    from stend.course.reports.words import ReportText as R

    language = session.language
    mark = "●" if module.is_done else "○"
    title = cut(module.module.row.title.text[language], _TITLE + 4)
    points = f"{module.points}/{module.points_of}"
    quiz = module.quiz
    told = R.QUIZ(language, right=quiz.right, of=quiz.of) if quiz else ""
    print(f"{mark} {module.module.number:>2}  {title:<{_TITLE + 4}} {points:>8}  {told}".rstrip())  # noqa: T201
    for done in module.exercises:
        _print_done(session, done)


def _print_done(session: Session, done: "Done") -> None:
    from stend.course.reports.words import MARKS
    from stend.course.reports.words import ReportText as R

    language, record = session.language, done.record
    title = cut(done.exercise.row.title.text[language], _TITLE - 4)
    details = [
        *([R.TRIES_OF(language, count=record.tries)] if record.tries else []),
        *([R.HINTS_OF(language, count=record.hints)] if record.hints else []),
    ]
    points = f"{done.points}/{done.exercise.points}"
    line = f"   {MARKS[done.state]} {done.exercise.number:<5} {title:<{_TITLE - 4}} {points:>10}"
    print(f"{line}  {', '.join(details)}".rstrip())  # noqa: T201 - the output of a command
    if record.gave_up:
        say_wrapped(R.GAVE_UP(language), " " * 11)
    if record.failing:
        meaning = f": {done.failing.meaning.text[language]}" if done.failing else ""
        say_wrapped(f"✕ {record.failing}{meaning}", " " * 11, " " * 13)

"""The commands of the course, and their options."""

from pathlib import Path
from typing import Annotated

import typer

from stend.cli.course_making_texts import MakingText
from stend.cli.course_notebook_texts import NotebookText
from stend.cli.course_quiz_texts import QuizText
from stend.cli.course_report_texts import ReportHelp
from stend.cli.course_texts import CourseText
from stend.cli.options import CONTEXT, argument, option
from stend.cli.session import Session
from stend.cli.texts import T


def add_course(app: typer.Typer, session: Session) -> None:
    _add_path(app, session)
    _add_checking(app, session)
    _add_help(app, session)
    _add_quiz(app, session)
    _add_report(app, session)
    _add_init(app, session)
    _add_notebook(app, session)


def _add_path(app: typer.Typer, session: Session) -> None:
    json_option = option(session, T.JSON, "--json")
    workspace_option = option(session, CourseText.WORKSPACE, "--workspace")
    course = typer.Typer(
        help=CourseText.COURSE(session.language),
        invoke_without_command=True,
        context_settings=CONTEXT,
    )
    app.add_typer(course, name="course")

    @course.callback()
    def path(
        context: typer.Context,
        as_json: Annotated[bool, json_option] = False,
        workspace: Annotated[Path | None, workspace_option] = None,
    ) -> None:
        if context.invoked_subcommand is None:
            from stend.cli.course import course_command

            course_command(session, workspace, as_json)

    @course.command(help=CourseText.LINT(session.language))
    def lint(
        exercises: Annotated[list[str] | None, argument(session, CourseText.EXERCISES)] = None,
        times: Annotated[int, option(session, CourseText.TIMES, "--times", min=1)] = 1,
        deep: Annotated[bool, option(session, CourseText.DEEP, "--deep")] = False,
        port_base: Annotated[int | None, option(session, T.PORT_BASE, "--port-base")] = None,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        from stend.cli.course_lint import lint_command

        lint_command(session, exercises or [], times, deep, port_base, as_json)

    @course.command(help=CourseText.DEMO(session.language))
    def demo(
        module: Annotated[int, argument(session, CourseText.MODULE)],
        controls: Annotated[list[str] | None, argument(session, CourseText.CONTROLS)] = None,
        port_base: Annotated[int | None, option(session, T.PORT_BASE, "--port-base")] = None,
    ) -> None:
        from stend.cli.course_demo import demo_command

        demo_command(session, module, controls or [], port_base)

    @course.command(help=MakingText.NEW(session.language))
    def new(
        module: Annotated[int, argument(session, MakingText.MODULE)],
        name: Annotated[str, argument(session, MakingText.EXERCISE_NAME)],
        kind: Annotated[str, option(session, MakingText.KIND, "--kind")],
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        from stend.cli.course_new import new_command

        new_command(session, module, name, kind, as_json)


def _add_checking(app: typer.Typer, session: Session) -> None:
    workspace_option = option(session, CourseText.WORKSPACE, "--workspace")
    deep_option = option(session, CourseText.DEEP, "--deep")
    port_option = option(session, T.PORT_BASE, "--port-base")

    @app.command(help=CourseText.CHECK(session.language))
    def check(
        exercise: Annotated[str, argument(session, CourseText.EXERCISE)],
        deep: Annotated[bool, deep_option] = False,
        seed: Annotated[int | None, option(session, CourseText.SEED, "--seed")] = None,
        workspace: Annotated[Path | None, workspace_option] = None,
        port_base: Annotated[int | None, port_option] = None,
        as_json: Annotated[bool, option(session, T.JSON, "--json")] = False,
    ) -> None:
        from stend.cli.course_check import Asked, check_command

        check_command(session, exercise, workspace, Asked(deep, seed, port_base), as_json)

    @app.command(help=CourseText.WATCH(session.language))
    def watch(
        exercise: Annotated[str, argument(session, CourseText.EXERCISE)],
        deep: Annotated[bool, deep_option] = False,
        workspace: Annotated[Path | None, workspace_option] = None,
        port_base: Annotated[int | None, port_option] = None,
    ) -> None:
        from stend.cli.course_check import Asked, watch_command

        watch_command(session, exercise, workspace, Asked(deep, None, port_base))


def _add_help(app: typer.Typer, session: Session) -> None:
    json_option = option(session, T.JSON, "--json")
    workspace_option = option(session, CourseText.WORKSPACE, "--workspace")

    @app.command(help=CourseText.START(session.language))
    def start(
        exercise: Annotated[str, argument(session, CourseText.EXERCISE)],
        workspace: Annotated[Path | None, workspace_option] = None,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        from stend.cli.course import start_command

        start_command(session, exercise, workspace, as_json)

    @app.command(help=CourseText.HINT(session.language))
    def hint(
        exercise: Annotated[str, argument(session, CourseText.EXERCISE)],
        workspace: Annotated[Path | None, workspace_option] = None,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        from stend.cli.course import hint_command

        hint_command(session, exercise, workspace, as_json)

    @app.command(help=CourseText.SOLUTION(session.language))
    def solution(
        exercise: Annotated[str, argument(session, CourseText.EXERCISE)],
        give_up: Annotated[bool, option(session, CourseText.GIVE_UP, "--give-up")] = False,
        workspace: Annotated[Path | None, workspace_option] = None,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        from stend.cli.course import solution_command

        solution_command(session, exercise, workspace, give_up, as_json)


def _add_quiz(app: typer.Typer, session: Session) -> None:
    workspace_option = option(session, CourseText.WORKSPACE, "--workspace")

    @app.command(help=QuizText.QUIZ(session.language))
    def quiz(
        module: Annotated[int, argument(session, QuizText.MODULE)],
        answers: Annotated[str | None, option(session, QuizText.ANSWERS, "--answers")] = None,
        workspace: Annotated[Path | None, workspace_option] = None,
        as_json: Annotated[bool, option(session, T.JSON, "--json")] = False,
    ) -> None:
        from stend.cli.course_quiz import quiz_command

        quiz_command(session, module, answers, workspace, as_json)


def _add_report(app: typer.Typer, session: Session) -> None:
    workspace_option = option(session, CourseText.WORKSPACE, "--workspace")

    @app.command(help=ReportHelp.REPORT(session.language))
    def report(
        folders: Annotated[list[Path] | None, argument(session, ReportHelp.FOLDERS)] = None,
        merge: Annotated[bool, option(session, ReportHelp.MERGE, "--merge")] = False,
        recheck: Annotated[bool, option(session, ReportHelp.RECHECK, "--check")] = False,
        deep: Annotated[bool, option(session, CourseText.DEEP, "--deep")] = False,
        html: Annotated[Path | None, option(session, ReportHelp.HTML, "--html")] = None,
        csv: Annotated[Path | None, option(session, ReportHelp.CSV, "--csv")] = None,
        markdown: Annotated[Path | None, option(session, ReportHelp.MARKDOWN, "--markdown")] = None,
        workspace: Annotated[Path | None, workspace_option] = None,
        as_json: Annotated[bool, option(session, T.JSON, "--json")] = False,
    ) -> None:
        from stend.cli.course_report import report_command
        from stend.cli.course_report_files import ReportOptions

        options = ReportOptions(workspace, merge, recheck, deep, as_json, html, csv, markdown)
        report_command(session, folders or [], options)


def _add_init(app: typer.Typer, session: Session) -> None:
    language_option = option(session, MakingText.LANGUAGE, "--language")

    @app.command(help=MakingText.INIT(session.language))
    def init(
        folder: Annotated[Path, argument(session, MakingText.FOLDER)],
        language: Annotated[str | None, language_option] = None,
        as_json: Annotated[bool, option(session, T.JSON, "--json")] = False,
    ) -> None:
        from stend.cli.course_init import init_command

        init_command(session, folder, language, as_json)


def _add_notebook(app: typer.Typer, session: Session) -> None:
    workspace_option = option(session, CourseText.WORKSPACE, "--workspace")
    port_option = option(session, T.PORT_BASE, "--port-base")
    only_files_option = option(session, NotebookText.ONLY_FILES, "--only-files")
    browser_option = option(session, NotebookText.NO_BROWSER, "--no-browser")

    @app.command(help=NotebookText.NOTEBOOK(session.language))
    def notebook(
        module: Annotated[int | None, argument(session, NotebookText.MODULE)] = None,
        only_files: Annotated[bool, only_files_option] = False,
        no_browser: Annotated[bool, browser_option] = False,
        workspace: Annotated[Path | None, workspace_option] = None,
        port_base: Annotated[int | None, port_option] = None,
        as_json: Annotated[bool, option(session, T.JSON, "--json")] = False,
    ) -> None:
        from stend.cli.course_notebook import NotebookOptions, notebook_command

        options = NotebookOptions(module, workspace, port_base, only_files, not no_browser, as_json)
        notebook_command(session, options)

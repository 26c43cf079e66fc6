"""What `stend report` and its options are, in both languages."""

from enum import Enum

from stend.kit.languages import Language, Text


class ReportHelp(Enum):
    REPORT = Text(
        ru="Что сделано: таблица, файл для браузера, строки для таблиц; и вся группа сразу.",
        en="What has been done: a table, a page, rows for a spreadsheet; and a whole class.",
    )
    FOLDERS = Text(ru="Папки учеников, для --merge.", en="Folders of learners, for --merge.")
    MERGE = Text(
        ru="Собрать учеников из папок: репозитории или workspace.",
        en="Put learners together from folders: repositories or workspaces.",
    )
    RECHECK = Text(
        ru="Сначала проверить заново всё начатое.", en="First check anew all that was begun."
    )
    HTML = Text(ru="Записать страницу в этот файл.", en="Write a page into this file.")
    CSV = Text(ru="Записать строки в этот файл.", en="Write rows into this file.")
    MARKDOWN = Text(ru="Записать Markdown в этот файл.", en="Write Markdown into this file.")

    NO_FOLDERS = Text(
        ru="--merge ждёт папки учеников: ./stend report --merge class/*",
        en="--merge wants folders of learners: ./stend report --merge class/*",
    )
    FOLDERS_ALONE = Text(
        ru="Папки ({names}) имеют смысл только с --merge: ./stend report --merge {names}. "
        "Отчёт по одной папке: ./stend report --workspace {first}",
        en="Folders ({names}) go with --merge only: ./stend report --merge {names}. "
        "A report on one folder: ./stend report --workspace {first}",
    )
    NOT_TOGETHER = Text(
        ru="{one} и {other} вместе не работают. {instead}",
        en="{one} and {other} do not go together. {instead}",
    )
    CHECK_EACH = Text(
        ru="Проверьте каждого отдельно: ./stend report --check --workspace DIR",
        en="Check one at a time: ./stend report --check --workspace DIR",
    )
    GIVE_FOLDERS = Text(
        ru="Назовите папки: ./stend report --merge DIR",
        en="Name folders: ./stend report --merge DIR",
    )
    NO_MARKDOWN = Text(
        ru="Для группы есть --html, --csv и --json.", en="For a class take --html, --csv or --json."
    )
    DEEP_ALONE = Text(
        ru="--deep имеет смысл только с --check.", en="--deep goes with --check only."
    )
    CANNOT_WRITE = Text(
        ru="Файл {path} не записать: {reason}", en="The file {path} cannot be written: {reason}"
    )
    WRITTEN = Text(ru="Записано: {path}", en="Written: {path}")

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)

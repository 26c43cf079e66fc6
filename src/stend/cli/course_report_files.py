"""What `stend report` was asked for, and the files that it writes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from stend.cli.course_report_texts import ReportHelp as H
from stend.cli.session import Session


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """
    Attributes:
        recheck: check everything anew that was begun.
    """

    workspace: Path | None = None
    merge: bool = False
    recheck: bool = False
    deep: bool = False
    as_json: bool = False
    html: Path | None = None
    csv: Path | None = None
    markdown: Path | None = None


def write_csv(session: Session, path: Path, rows: str) -> None:
    # Excel takes a file without this mark for one of the system's old encoding.
    write(session, path, f"\N{ZERO WIDTH NO-BREAK SPACE}{rows}")


def write(session: Session, path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        fail(session, H.CANNOT_WRITE, path=path, reason=error.strerror or str(error))
    print(H.WRITTEN(session.language, path=path), file=sys.stderr)  # noqa: T201 - as above


def fail(session: Session, text: H, **values: object) -> NoReturn:
    from stend.kit.languages import Text

    session.fail_with(Text(*(value.format(**values) for value in (text.value.ru, text.value.en))))

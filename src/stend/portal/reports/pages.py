"""Reports on the course as one HTML file: no script, nothing that is fetched, readable on paper."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from stend.course.reports.classes import ClassReport
from stend.course.reports.report import Report
from stend.course.reports.words import MARKS, STATES, ReportText
from stend.kit.languages import Language
from stend.kit.place import told

_SHEETS = ("tokens.css", "report.css")
_FONT = re.compile(r'url\("fonts/([\w-]+\.woff2)"\)')
# A page of figures has no code on it that would need the other family.
_LEFT_OUT = re.compile(
    r'@font-face \{ font-family: "JetBrains Mono".*?\n\s*unicode-range[^}]*\}\n', re.DOTALL
)
_DARK = "@media (prefers-color-scheme: dark)"


def report_page(report: Report, language: Language, learner: str | None, made: datetime) -> str:
    """
    Args:
        learner: a name as somebody gave it; None: there is none.
    """
    return _page("report.html", language, {"report": report, "learner": learner, "made": made})


def class_page(report: ClassReport, language: Language, made: datetime) -> str:
    shown = {"report": report, "failures": report.failures(), "made": made}
    return _page("report_class.html", language, shown)


def _page(template: str, language: Language, shown: Mapping[str, object]) -> str:
    environment = Environment(
        loader=PackageLoader("stend.portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = {
        "language": language,
        "R": ReportText,
        "marks": MARKS,
        "states": STATES,
        "style": _style(),
        "stend": told("./stend"),
    }
    return environment.get_template(template).render({**words, **shown})


def _style() -> str:
    static = files("stend.portal").joinpath("static")
    sheets = [static.joinpath(name).read_text(encoding="utf-8") for name in _SHEETS]
    # Paper is white, whatever the screen was.
    text = _LEFT_OUT.sub("", "\n".join(sheets)).replace(_DARK, f"@media screen and {_DARK[7:]}")

    def inlined(found: re.Match[str]) -> str:
        content = base64.b64encode(static.joinpath("fonts", found[1]).read_bytes()).decode()
        return f'url("data:font/woff2;base64,{content}")'

    return _FONT.sub(inlined, text)

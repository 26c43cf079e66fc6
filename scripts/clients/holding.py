"""What has to hold of an answer: `header ETag ~ ^"`, `$.status = placed`, `text has <fault`.

One expression is evaluated here for httpYac, and written as JavaScript for Postman and Bruno.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

_FORM = re.compile(r"(header \S+|text|\$\S*) (=|~|has|in|>) (.+)", re.DOTALL)
_PART = re.compile(r"\.(\w+)|\[(\d+)\]|\['([^']+)'\]")
Json = object


class ExpressionError(Exception):
    """An expression that nobody understands."""


@dataclass(frozen=True, slots=True)
class Check:
    """
    Attributes:
        subject: `header NAME`, `text` (the whole body) or a path of members that begins with `$`.
        operator: `=` is equal, `~` matches, `has` contains, `in` is one of, `>` is more than.
        value: JSON, or else a text as it stands; an expression of JavaScript after `~`.
    """

    subject: str
    operator: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Check":
        """
        Raises:
            ExpressionError: it has another form.
        """
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise ExpressionError(f"{text!r} is no `SUBJECT OPERATOR VALUE`")
        check = cls(found[1], found[2], found[3])
        if check.subject.startswith("$"):
            parts_of(check.subject)
        return check

    def __str__(self) -> str:
        return f"{self.subject} {self.operator} {self.value}"

    def holds(self, found: Json, expected: str) -> bool:
        """
        Args:
            expected: the value, with its variables replaced.
        """
        if self.value.startswith("{{"):
            return str(found) == expected
        wanted = value_of(expected)
        if self.operator == "=":
            return found == wanted
        if self.operator == "~":
            return re.search(expected, str(found)) is not None
        if self.operator == "has":
            return isinstance(found, str | list) and wanted in found
        if self.operator == ">":
            return isinstance(found, int) and isinstance(wanted, int) and found > wanted
        return isinstance(wanted, list) and found in wanted

    def javascript(self, variable: Callable[[str], str]) -> str:
        """One statement, after `json`, `text` and `header(name)` have been defined.

        Args:
            variable: the expression that reads the variable in `{{…}}`.
        """
        subject = self._javascript_subject()
        if self.operator == "~":
            return f"expect(String({subject})).to.match(new RegExp({_quoted(self.value)}));"
        if self.value.startswith("{{"):
            expected = variable(self.value[2:-2])
        else:
            expected = _quoted(value_of(self.value))
        verb = {"=": "eql", "has": "include", ">": "above"}.get(self.operator)
        if verb:
            return f"expect({subject}).to.{verb}({expected});"
        return f"expect({subject}).to.be.oneOf({expected});"

    def _javascript_subject(self) -> str:
        if self.subject.startswith("header "):
            return f"header({_quoted(self.subject[7:])})"
        return "text" if self.subject == "text" else "json" + self.subject[1:]


def value_of(text: str) -> Json:
    """JSON where it is JSON, otherwise the text itself."""
    try:
        found: Json = json.loads(text)
    except ValueError:
        return text
    return found


def parts_of(path: str) -> list[str | int]:
    """
    Raises:
        ExpressionError: the path is none.
    """
    parts: list[str | int] = []
    position = 1
    while position < len(path):
        found = _PART.match(path, position)
        if found is None:
            raise ExpressionError(f"{path} is no path: `$.member[0]['other member']`")
        parts.append(int(found[2]) if found[2] else found[1] or found[3])
        position = found.end()
    return parts


def at(value: Json, path: str) -> Json:
    """What stands at a path; None where nothing does. `length` is that of a list."""
    for part in parts_of(path):
        if isinstance(value, list) and part == "length":
            value = len(value)
        elif isinstance(value, list):
            value = value[part] if isinstance(part, int) and part < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _quoted(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)

"""What a span tells of a statement, and the comment that tells the statement's span. Pure.

Sources: sqlcommenter (google.github.io/sqlcommenter/spec); OpenTelemetry's semantic conventions for
database client spans, "Generating a summary of the query".
"""

import re
from functools import lru_cache
from urllib.parse import quote

from stend.chassis.tracing.spans import Span

# Statements of the services are few; those that are made anew each time must not fill the memory.
_KNOWN_STATEMENTS = 512
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_TEXT = re.compile(r"'(?:[^']|'')*'")
_INNERMOST = re.compile(r"\([^()]*\)")
_VERB = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|MERGE|CALL)\b", re.IGNORECASE)
# Of what is selected from a subquery nothing but its alias is left.
_TARGET = re.compile(
    r"\b(?:FROM|INTO|UPDATE|TABLE)\s+(?:ONLY\s+)?(?!AS\b)[`\"]?([\w.$\"`]+)", re.IGNORECASE
)
_FUNCTION = re.compile(r"SELECT\s+([\w.]+)\s*\(", re.IGNORECASE)


@lru_cache(maxsize=_KNOWN_STATEMENTS)
def summary_of(statement: str) -> str:
    """The verb and what it is done to, such as `SELECT orders.orders`."""
    bare = _TEXT.sub("''", _COMMENT.sub(" ", statement)).strip(" \t\n;")
    outer = _without_parentheses(bare)
    if not outer:
        # A server that is asked nothing only has to answer.
        return "ping"
    verb = outer.split(None, 1)[0].upper()
    if verb == "WITH" and (main := _VERB.search(outer)):
        verb, outer = main.group(1).upper(), outer[main.start() :]
    target = _TARGET.search(outer) or _FUNCTION.match(bare)
    return f"{verb} {target.group(1)}".replace('"', "").replace("`", "") if target else verb


def _without_parentheses(text: str) -> str:
    """What stands outside of all of them: the statement without its subqueries."""
    found = 1
    while found:
        text, found = _INNERMOST.subn(" ", text)
    return text.strip()


def commented(statement: str, span: Span, *, with_parameters: bool) -> str:
    """The statement with the context of its span, which the server's log and the wire then show.

    Args:
        with_parameters: the driver reads `%` in the statement as the mark of a parameter.
    """
    pairs = (f"{name}='{quote(value, safe='')}'" for name, value in span.carrier())
    comment = f" /*{','.join(pairs)}*/"
    return statement + (comment.replace("%", "%%") if with_parameters else comment)

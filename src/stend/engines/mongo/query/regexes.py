"""Regular expressions of PCRE2, which MongoDB has, by the `regex` module.

A pattern is translated piece by piece. What the two read differently is written out, and what has
no equal is refused: `\\d`, `\\w`, `\\s` and `\\b` know ASCII only, `\\Z` stands before a last
newline, `^` of several lines never after it, and no letter is a dotless i unless written so.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import regex
from bson import Regex

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.patterns import Translation, UntranslatableError
from stend.engines.mongo.query.values import flags_of

# PCRE2 gives up after ten million steps; this is about as long.
TIMEOUT_S: Final = 1.0

_INVALID: Final = 51091
_MATCH_LIMIT: Final = 51156


def regex_of(value: "Regex[str]") -> Callable[[str], bool]:
    """Whether the pattern of a value of BSON is found in a string.

    Raises:
        MongoError: it is invalid, or one that this server does not run.
    """
    pattern = compile_pattern(_text(value.pattern), flags_of(value))

    def found(text: str) -> bool:
        try:
            return pattern.search(text, timeout=TIMEOUT_S) is not None
        except TimeoutError:
            raise too_long() from None

    return found


def too_long() -> MongoError:
    """The error of a match that takes too many steps."""
    return MongoError(
        _MATCH_LIMIT,
        "Error occurred while executing the regular expression. Result code: match limit exceeded",
    )


def _text(pattern: str | bytes) -> str:
    return pattern.decode() if isinstance(pattern, bytes) else pattern


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, options: str) -> "regex.Pattern[str]":
    """The compiled pattern with these options, of `imsux`.

    Raises:
        MongoError: it is invalid, or one that this server does not run.
    """
    if "\0" in pattern:
        raise MongoError(Code.BadValue, "Regular expression cannot contain an embedded null byte")
    try:
        return regex.compile(Translation(pattern, options).run(), regex.VERSION0)
    except (UntranslatableError, regex.error, OverflowError, RecursionError) as error:
        raise MongoError(_INVALID, f"Regular expression is invalid: {error}") from None

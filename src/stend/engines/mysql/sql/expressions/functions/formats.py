"""DATE_FORMAT, TIME_FORMAT and STR_TO_DATE: formats with `%`, known before anything runs."""

import re

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.expressions.functions.call import gives_ascii
from stend.engines.mysql.sql.typed import Typed, quoted_text
from stend.engines.mysql.tables.types import Kind, SqlType

# What to_char of PostgreSQL is asked; {0} is the moment.
_WRITTEN = {
    "a": "to_char({0}, 'Dy')",
    "b": "to_char({0}, 'Mon')",
    "c": "to_char({0}, 'FMMM')",
    "D": "my.day_suffix(extract(day FROM {0})::int)",
    "d": "to_char({0}, 'DD')",
    "e": "to_char({0}, 'FMDD')",
    "f": "to_char({0}, 'US')",
    "H": "to_char({0}, 'HH24')",
    "h": "to_char({0}, 'HH12')",
    "I": "to_char({0}, 'HH12')",
    "i": "to_char({0}, 'MI')",
    "j": "to_char({0}, 'DDD')",
    "k": "to_char({0}, 'FMHH24')",
    "l": "to_char({0}, 'FMHH12')",
    "M": "to_char({0}, 'FMMonth')",
    "m": "to_char({0}, 'MM')",
    "p": "to_char({0}, 'AM')",
    "r": "to_char({0}, 'HH12:MI:SS AM')",
    "S": "to_char({0}, 'SS')",
    "s": "to_char({0}, 'SS')",
    "T": "to_char({0}, 'HH24:MI:SS')",
    "U": "lpad(my.week({0}::date, 0, false)::text, 2, '0')",
    "u": "lpad(my.week({0}::date, 1, false)::text, 2, '0')",
    "V": "lpad((my.week({0}::date, 2, true) % 100)::text, 2, '0')",
    "v": "lpad((my.week({0}::date, 3, true) % 100)::text, 2, '0')",
    "W": "to_char({0}, 'FMDay')",
    "w": "extract(dow FROM {0})::text",
    "X": "lpad((my.week({0}::date, 2, true) / 100)::text, 4, '0')",
    "x": "lpad((my.week({0}::date, 3, true) / 100)::text, 4, '0')",
    "Y": "to_char({0}, 'YYYY')",
    "y": "to_char({0}, 'YY')",
}
_OF_TIME = frozenset("fHhIiklprSsT")
_PIECE = re.compile(r"%(.)|((?:[^%]|%\Z)+)", re.DOTALL)


def formatted(moment: str, template: str, is_time: str | None = None) -> Typed:
    """The moment as the format says; of an empty one NULL.

    Args:
        is_time: of TIME_FORMAT, the TIME itself: its hours may be more than 23.
    """
    if not template:
        return gives_ascii("NULL::text")
    pieces = []
    for letter, text in _PIECE.findall(template):
        if not letter:
            pieces.append(f"{quoted_text(text)}::text")
        elif letter in _WRITTEN:
            pieces.append(_written(letter, moment, is_time))
        else:
            pieces.append(f"{quoted_text(letter)}::text")
    joined = " || ".join(pieces)
    sql = f"(CASE WHEN {moment} IS NOT NULL THEN {joined} END)"
    return gives_ascii(sql)


def _written(letter: str, moment: str, span: str | None) -> str:
    if span is not None:
        if letter not in _OF_TIME:
            raise not_supported(f"%{letter} in a format of a time")
        if letter in "HkT":
            raise_free = f"my.time_as_text({span}, 0)"
            hours = f"split_part({raise_free}, ':', 1)"
            return {"T": raise_free, "H": hours, "k": f"regexp_replace({hours}, '^(-?)0', '\\1')"}[
                letter
            ]
    return _WRITTEN[letter].format(moment)


# A piece of the text that is read, and the letter by which my.str_to_date knows it.
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_READ = {
    "Y": (r"(\d{1,4})", "Y"),
    "y": (r"(\d{1,2})", "Y"),
    "m": (r"(\d{1,2})", "m"),
    "c": (r"(\d{1,2})", "m"),
    "b": ("(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)", "b"),
    "M": (f"({_MONTHS})", "b"),
    "d": (r"(\d{1,2})", "d"),
    "e": (r"(\d{1,2})", "d"),
    "D": (r"(\d{1,2})(?:st|nd|rd|th)", "d"),
    "H": (r"(\d{1,2})", "H"),
    "k": (r"(\d{1,2})", "H"),
    "h": (r"(\d{1,2})", "h"),
    "I": (r"(\d{1,2})", "h"),
    "l": (r"(\d{1,2})", "h"),
    "i": (r"(\d{1,2})", "i"),
    "s": (r"(\d{1,2})", "s"),
    "S": (r"(\d{1,2})", "s"),
    "f": (r"(\d{1,6})", "f"),
    "p": ("(AM|PM)", "p"),
    "W": (f"(?:{_DAYS})", ""),
    "a": ("(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)", ""),
}
_EXPANDED = {"T": "%H:%i:%s", "r": "%h:%i:%s %p"}


def read_by_format(text: str, template: str) -> Typed:
    """STR_TO_DATE.

    Raises:
        MySqlError: a format that names a part of a date without the others.
    """
    template = re.sub(r"%([Tr])", lambda found: _EXPANDED[found[1]], template)
    pattern, fields = _reading_pattern(template)
    letters = set(fields)
    dates, times = letters & set("Ymbd"), letters & set("Hhisfp")
    if dates and not ({"Y", "d"} <= dates and dates & {"m", "b"}):
        raise not_supported("A format of STR_TO_DATE without a year, a month or a day")
    if not dates and not times:
        raise not_supported("A format of STR_TO_DATE without a date and a time")
    sql = f"my.str_to_date({text}, {quoted_text(pattern)}, {quoted_text(fields)})"
    places = 6 if "f" in letters else 0
    if not times:
        return Typed(f"{sql}::date", SqlType(Kind.DATE), True)
    if not dates:
        sql = f"({sql} - '2000-01-01'::timestamp)"
        return Typed(sql, SqlType(Kind.TIME, precision=places), True)
    return Typed(sql, SqlType(Kind.DATETIME, precision=places), True)


def _reading_pattern(template: str) -> tuple[str, str]:
    """The regular expression, and what its groups are. The text may end before the format does,
    once a date is there."""
    pattern, fields, closing = r"^\s*", "", ""
    for letter, plain in _PIECE.findall(template):
        if plain:
            piece, field = re.sub(r"\s+", r"\\s*", re.sub(r"([^\w\s])", r"\\\1", plain)), ""
        elif letter in _READ:
            piece, field = _READ[letter]
            piece = rf"\s*{piece}"
        else:
            raise not_supported(f"%{letter} in a format of STR_TO_DATE")
        if len(set(fields) & set("Ymbd")) == 3:
            pattern, closing = f"{pattern}(?:$|", closing + ")"
        pattern += piece
        fields += field
    return pattern + closing, fields

"""What each step of a rule does with a value."""

import re
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias

from stend.course.tables.moments import rewritten
from stend.course.tables.problems import RefusedError, shown
from stend.kit.json import JsonValue


class Missing(Enum):
    MISSING = "missing"


MISSING: Final = Missing.MISSING
# MISSING is what is not there; null is there.
Value: TypeAlias = JsonValue | Missing

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,18})?")
_AMOUNT = re.compile(r"(-?)(\d{1,18})(?:\.(\d{1,18}))?")
# Every key that a dictionary does not name.
ANY_KEY = "*"


def concat(values: Sequence[Value], separator: str) -> Value:
    """What is empty is left out; nothing of nothing."""
    told = [_told("concat", one) for one in values if not is_empty(one)]
    return separator.join(told) if told else MISSING


def first(values: Sequence[Value]) -> Value:
    return next((one for one in values if not is_empty(one)), MISSING)


def is_empty(value: Value) -> bool:
    """Missing, null, or an empty text, array or object; 0 and false are not."""
    return value is MISSING or value is None or value in ("", [], {})


def omit_empty(value: Value) -> Value:
    return MISSING if is_empty(value) else value


def split(value: Value, separator: str, at: int) -> Value:
    """
    Args:
        at: which of the parts, from 1; where there are fewer, nothing.
    """
    parts = _text_of("split", value).split(separator)
    return parts[at - 1] if at <= len(parts) else MISSING


def lookup(value: Value, name: str, dictionary: Mapping[str, str]) -> Value:
    key = _told("lookup", value)
    found = dictionary.get(key, dictionary.get(ANY_KEY))
    if found is None:
        raise RefusedError(
            f"В справочнике {name} нет ключа «{shown(key)}». Допишите его, или строку с ключом *.",
            f"The dictionary {name} has no key {shown(key)!r}. Add it, or a row with the key *.",
        )
    return found


def moment(value: Value, from_: str, to: str, zone: tzinfo | None) -> Value:
    return rewritten(_text_of("date", value), from_, to, zone)


def to_decimal(value: Value, digits: int) -> Value:
    """Minor units to a text: 23970 is `239.70`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _unfit("to_decimal", value, "целое число", "an integer")
    if not digits:
        return str(value)
    sign, whole = "-" if value < 0 else "", abs(value)
    return f"{sign}{whole // 10**digits}.{whole % 10**digits:0{digits}}"


def to_minor(value: Value, digits: int) -> Value:
    """A decimal to minor units: `239.7` is 23970. Nothing is rounded."""
    # A float is taken as it is written in JSON.
    told = value if isinstance(value, str) else repr(value)
    found = _AMOUNT.fullmatch(told) if not isinstance(value, bool) else None
    if found is None:
        raise _unfit("to_minor", value, "число вида 239.70", "a number like 239.70")
    fraction = (found[3] or "").rstrip("0")
    if len(fraction) > digits:
        raise RefusedError(
            f"to_minor {digits}: у «{shown(told)}» больше знаков после точки; округлять нельзя.",
            f"to_minor {digits}: {shown(told)!r} has more digits behind the point; rounding is not "
            "allowed.",
        )
    amount = Decimal(f"{found[1]}{found[2]}.{fraction or 0}") * 10**digits
    return int(amount)


def number(value: Value) -> Value:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    told = _text_of("number", value)
    if not _NUMBER.fullmatch(told):
        raise _unfit("number", value, "число вида 12 или 1.5", "a number like 12 or 1.5")
    return float(told) if "." in told else int(told)


def text(value: Value) -> Value:
    return _told("text", value)


def upper(value: Value) -> Value:
    return _text_of("upper", value).upper()


def lower(value: Value) -> Value:
    return _text_of("lower", value).lower()


def trim(value: Value) -> Value:
    return _text_of("trim", value).strip()


def _text_of(step: str, value: Value) -> str:
    if not isinstance(value, str):
        raise _unfit(step, value, "текст", "a text")
    return value


def _told(step: str, value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return _text_of(step, value)


def _unfit(step: str, value: Value, ru: str, en: str) -> RefusedError:
    return RefusedError(
        f"{step}: нужен {ru}, а в сообщении {shown(value)}.",
        f"{step}: {en} is expected, the message has {shown(value)}.",
    )

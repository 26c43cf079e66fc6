"""Says in two languages why a value was refused by a JSON Schema."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from stend.kit.languages import Text

_SHOWN = 80


def why_refused(error: Any) -> Text:
    """
    Args:
        error: a `ValidationError` of jsonschema-rs.
    """
    make = _SENTENCES.get(error.kind.name)
    shown = _shown(error.instance)
    if make is None:
        return Text(
            ru=f"{shown} нарушает {error.kind.name}.", en=f"{shown} breaks {error.kind.name}."
        )
    ru, en = make(shown, error.kind)
    return Text(ru=ru, en=en)


def _shown(value: object) -> str:
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_Pair = tuple[str, str]


def _limit(ru: str, en: str) -> Callable[[str, Any], _Pair]:
    return lambda value, kind: (
        f"{value}: {ru} {_shown(kind.limit)}.",
        f"{value}: {en} {_shown(kind.limit)}.",
    )


def _names(kind: Any) -> str:
    return ", ".join(str(one) for one in kind.unexpected)


_SENTENCES: Mapping[str, Callable[[str, Any], _Pair]] = {
    "type": lambda value, kind: (
        f"{value}: тип должен быть {', '.join(kind.types)}.",
        f"{value}: the type has to be {', '.join(kind.types)}.",
    ),
    "required": lambda _, kind: (
        f"Нет обязательного {kind.property}.",
        f"The required {kind.property} is missing.",
    ),
    "enum": lambda value, kind: (
        f"{value} нет среди допустимых: {_shown(kind.options)}.",
        f"{value} is none of {_shown(kind.options)}.",
    ),
    "const": lambda value, kind: (
        f"{value}: должно быть {_shown(kind.expected_value)}.",
        f"{value} has to be {_shown(kind.expected_value)}.",
    ),
    "minimum": _limit("меньше допустимого", "less than"),
    "maximum": _limit("больше допустимого", "more than"),
    "exclusiveMinimum": _limit("должно быть больше", "has to be more than"),
    "exclusiveMaximum": _limit("должно быть меньше", "has to be less than"),
    "minLength": _limit("короче допустимого", "shorter than"),
    "maxLength": _limit("длиннее допустимого", "longer than"),
    "minItems": _limit("элементов меньше допустимого", "fewer items than"),
    "maxItems": _limit("элементов больше допустимого", "more items than"),
    "minProperties": _limit("полей меньше допустимого", "fewer members than"),
    "maxProperties": _limit("полей больше допустимого", "more members than"),
    "pattern": lambda value, kind: (
        f"{value} не подходит под {kind.pattern}.",
        f"{value} does not match {kind.pattern}.",
    ),
    "format": lambda value, kind: (
        f"{value} не в формате {kind.format}.",
        f"{value} is no {kind.format}.",
    ),
    "additionalProperties": lambda _, kind: (
        f"Лишнее: {_names(kind)}.",
        f"Not allowed here: {_names(kind)}.",
    ),
    "unevaluatedProperties": lambda _, kind: (
        f"Лишнее: {_names(kind)}.",
        f"Not allowed here: {_names(kind)}.",
    ),
    "uniqueItems": lambda value, _: (f"{value}: есть повторы.", f"{value} has duplicates."),
    "multipleOf": lambda value, kind: (
        f"{value} не кратно {_shown(kind.multiple_of)}.",
        f"{value} is no multiple of {_shown(kind.multiple_of)}.",
    ),
    "anyOf": lambda value, _: (
        f"{value} не подходит ни под один вариант anyOf.",
        f"{value} fits no branch of anyOf.",
    ),
    "oneOf": lambda value, kind: (
        f"{value} должно подходить ровно под один вариант oneOf.",
        f"{value} has to fit exactly one branch of oneOf.",
    ),
    "not": lambda value, _: (f"{value} запрещено в not.", f"{value} is what not forbids."),
    "falseSchema": lambda value, _: (f"{value} здесь не бывает.", f"{value} cannot be here."),
    "propertyNames": lambda value, _: (
        f"Недопустимое имя поля в {value}.",
        f"A name that is not allowed in {value}.",
    ),
}

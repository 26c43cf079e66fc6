"""Functions of JSON (section 14.17 of the manual), with paths that are literals."""

import re
from dataclasses import dataclass, replace

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.conversions import (
    constant_text,
    json_document,
    to_json,
    to_text,
)
from stend.engines.mysql.sql.expressions.functions.call import (
    Call,
    Function,
    gives_ascii,
    gives_integer,
)
from stend.engines.mysql.sql.typed import (
    BIN_COLLATION,
    BOOLEAN,
    JSON,
    TEXT,
    Coercibility,
    Typed,
    quoted_text,
)
from stend.engines.mysql.tables.types import Kind

_LEG = re.compile(
    r"""\s*(?:
    \.\s*(?P<key>[^\W\d][\w$]*|\$[\w$]*)
    | \.\s*"(?P<quoted>(?:[^"\\]|\\.)*)"
    | \.\s*(?P<all_keys>\*)
    | \[\s*(?P<index>\d{1,9})\s*\]
    | \[\s*last\s*(?:-\s*(?P<back>\d{1,9})\s*)?(?P<last>\])
    | \[\s*(?P<all>\*)\s*\]
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Path:
    """
    Attributes:
        sql: an array of steps for `my.json_steps`.
        is_wild: it may find several values.
    """

    sql: str
    is_wild: bool
    is_root: bool


def parsed_path(value: Typed) -> Path:
    """
    Raises:
        MySqlError: ER_INVALID_JSON_PATH; no literal; `**` and ranges, which are not done.
    """
    text = constant_text(value, "A path of JSON")
    rest = text.strip()
    if not rest.startswith("$"):
        raise _bad_path(1)
    steps, place, is_wild = [], 1, False
    while place < len(rest):
        found = _LEG.match(rest, place)
        if found is None:
            if re.match(r"\s*(?:\*\*|\[\s*(?:\d+|last)[^\]]*\bto\b)", rest[place:]):
                raise not_supported("`**` or a range in a path of JSON")
            raise _bad_path(place + 1)
        steps.append(_step(found))
        is_wild = is_wild or steps[-1][0] in "*#"
        place = found.end()
    listed = ", ".join(quoted_text(one) for one in steps)
    return Path(f"ARRAY[{listed}]::text[]", is_wild, not steps)


def _bad_path(place: int) -> MySqlError:
    return MySqlError(
        MyError.ER_INVALID_JSON_PATH,
        f"Invalid JSON path expression. The error is around character position {place}.",
    )


def _step(found: re.Match[str]) -> str:
    if found["key"] is not None:
        return "k" + found["key"]
    if found["quoted"] is not None:
        return "k" + re.sub(r"\\(.)", r"\1", found["quoted"])
    if found["index"] is not None:
        return "i" + str(int(found["index"]))
    if found["last"] is not None:
        return "l" + str(int(found["back"] or 0))
    return "*" if found["all_keys"] else "#"


def _document(call: Call, index: int = 0) -> str:
    return json_document(call[index], call.facts)


def extracted(document: str, paths: list[Path]) -> Typed:
    """JSON_EXTRACT."""
    if len(paths) == 1 and not paths[0].is_wild:
        return Typed(f"my.json_get({document}, {paths[0].sql})", JSON, True)
    found = " || ".join(f"my.json_steps({document}, {one.sql})" for one in paths)
    sql = f"(CASE WHEN {document} IS NOT NULL THEN my.json_found({found}) END)"
    return Typed(sql, JSON, True)


def _extract(call: Call) -> Typed:
    return extracted(_document(call), [parsed_path(one) for one in call.arguments[1:]])


def _unquote(call: Call) -> Typed:
    if call[0].type.kind is Kind.JSON:
        sql = f"my.json_unquote({call[0].sql})"
    elif call[0].type.is_text or call[0].type.kind is Kind.NULL:
        sql = f"my.json_unquote_text({call.text(0)})"
    else:
        raise not_supported("JSON_UNQUOTE of what is no text and no JSON")
    type_ = replace(TEXT, collation=BIN_COLLATION)
    return Typed(sql, type_, True, coercibility=Coercibility.IMPLICIT)


def _array(call: Call) -> Typed:
    parts = ", ".join(to_json(one, call.facts) for one in call.arguments)
    return Typed(f"jsonb_build_array({parts})", JSON, False)


def _object(call: Call) -> Typed:
    if len(call) % 2:
        raise MySqlError(
            MyError.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT,
            "Incorrect parameter count in the call to native function 'JSON_OBJECT'",
        )
    parts = []
    for index in range(0, len(call), 2):
        key = to_text(call[index], call.facts)
        parts += [f"my.json_name({key})", to_json(call[index + 1], call.facts)]
    return Typed(f"jsonb_build_object({', '.join(parts)})", JSON, False)


def _at_path(call: Call, document: str, index: int) -> str:
    """The document, or what a path that is the argument `index` finds in it."""
    if len(call) <= index:
        return document
    path = parsed_path(call[index])
    if path.is_wild:
        raise not_supported(f"A wildcard in the path of {call.name}")
    return f"my.json_get({document}, {path.sql})"


def _length(call: Call) -> Typed:
    return gives_integer(f"my.json_length({_at_path(call, _document(call), 1)})")


def _keys(call: Call) -> Typed:
    return Typed(f"my.json_keys({_at_path(call, _document(call), 1)})", JSON, True)


def _contains(call: Call) -> Typed:
    document = _at_path(call, _document(call), 2)
    return Typed(f"my.json_contains({document}, {_document(call, 1)})", BOOLEAN, True)


def _contains_path(call: Call) -> Typed:
    word = constant_text(call[1], "'one' or 'all'").lower()
    if word not in ("one", "all"):
        raise MySqlError(
            MyError.ER_JSON_BAD_ONE_OR_ALL_ARG,
            "The oneOrAll argument to json_contains_path may take these values: 'one' or 'all'.",
        )
    document = _document(call)
    tests = [
        f"(cardinality(my.json_steps({document}, {parsed_path(one).sql})) > 0)"
        for one in call.arguments[2:]
    ]
    joined = f" {'OR' if word == 'one' else 'AND'} ".join(tests)
    return Typed(f"(CASE WHEN {document} IS NOT NULL THEN {joined} END)", BOOLEAN, True)


_PUTS = {
    "JSON_SET": "true, true",
    "JSON_INSERT": "true, false",
    "JSON_REPLACE": "false, true",
}


def _put(call: Call) -> Typed:
    if len(call) % 2 == 0:
        raise MySqlError(
            MyError.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT,
            f"Incorrect parameter count in the call to native function '{call.name}'",
        )
    sql = _document(call)
    for index in range(1, len(call), 2):
        path = parsed_path(call[index])
        if path.is_wild:
            raise _wildcard_error()
        value = to_json(call[index + 1], call.facts)
        sql = f"my.json_put({sql}, {path.sql}, {value}, {_PUTS[call.name]})"
    return Typed(sql, JSON, True)


def _wildcard_error() -> MySqlError:
    return MySqlError(
        MyError.ER_INVALID_JSON_PATH_WILDCARD,
        "In this situation, path expressions may not contain the * and ** tokens or an array "
        "range.",
    )


def _remove(call: Call) -> Typed:
    sql = _document(call)
    for one in call.arguments[1:]:
        path = parsed_path(one)
        if path.is_wild:
            raise _wildcard_error()
        if path.is_root:
            raise MySqlError(
                MyError.ER_JSON_VACUOUS_PATH,
                "The path expression '$' is not allowed in this context.",
            )
        sql = f"my.json_remove({sql}, {path.sql})"
    return Typed(sql, JSON, True)


def _type(call: Call) -> Typed:
    return gives_ascii(f"my.json_type({_document(call)})", 51)


def _valid(call: Call) -> Typed:
    if call[0].type.kind is Kind.JSON:
        return gives_integer(f"(CASE WHEN {call[0].sql} IS NOT NULL THEN 1::bigint END)")
    if call[0].type.is_text:
        return gives_integer(f"my.json_valid({call.text(0)})")
    if call[0].type.kind is Kind.NULL:
        return gives_integer("NULL::bigint")
    return gives_integer(f"(CASE WHEN {call[0].sql} IS NOT NULL THEN 0::bigint END)")


def _depth(call: Call) -> Typed:
    return gives_integer(f"my.json_depth({_document(call)})")


def _quote(call: Call) -> Typed:
    return gives_ascii(f"to_jsonb({call.text(0)})::text")


def member_of(call: Call) -> Typed:
    """`value MEMBER OF (array)`."""
    value, array = to_json(call[0], call.facts), _document(call, 1)
    value = f"(CASE WHEN {call[0].sql} IS NOT NULL THEN {value} END)"
    return Typed(f"my.json_is_member({value}, {array})", BOOLEAN, True)


TABLE = {
    "JSON_ARRAY": Function(0, None, _array),
    "JSON_CONTAINS": Function(2, 3, _contains),
    "JSON_CONTAINS_PATH": Function(3, None, _contains_path),
    "JSON_DEPTH": Function(1, 1, _depth),
    "JSON_EXTRACT": Function(2, None, _extract),
    "JSON_INSERT": Function(3, None, _put),
    "JSON_KEYS": Function(1, 2, _keys),
    "JSON_LENGTH": Function(1, 2, _length),
    "JSON_OBJECT": Function(0, None, _object),
    "JSON_QUOTE": Function(1, 1, _quote),
    "JSON_REMOVE": Function(2, None, _remove),
    "JSON_REPLACE": Function(3, None, _put),
    "JSON_SET": Function(3, None, _put),
    "JSON_TYPE": Function(1, 1, _type),
    "JSON_UNQUOTE": Function(1, 1, _unquote),
    "JSON_VALID": Function(1, 1, _valid),
}

"""Functions of texts (section 14.8 of the manual)."""

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.collations import combined
from stend.engines.mysql.sql.expressions.comparing import text_key
from stend.engines.mysql.sql.expressions.conversions import text_length, to_bytes, to_text
from stend.engines.mysql.sql.expressions.functions.call import (
    Call,
    Function,
    gives_ascii,
    gives_integer,
)
from stend.engines.mysql.sql.typed import BIN_COLLATION, BLOB, Typed, quoted_text
from stend.engines.mysql.tables.types import BYTES, Kind, SqlType


def _has_bytes(call: Call) -> bool:
    return any(one.type.kind in BYTES for one in call.arguments)


def _no_bytes(call: Call) -> None:
    if _has_bytes(call):
        raise not_supported(f"{call.name} of a binary string")


def _sum_of_lengths(call: Call) -> int | None:
    lengths = [text_length(one.type) for one in call.arguments]
    return None if None in lengths else sum(one for one in lengths if one is not None)


def _concat(call: Call) -> Typed:
    convert = to_bytes if _has_bytes(call) else to_text
    parts = [convert(one, call.facts) for one in call.arguments]
    sql = f"({' || '.join(parts)})" if len(parts) > 1 else parts[0]
    return call.gives_text(
        sql, call.arguments, length=_sum_of_lengths(call), nullable=call.nullable
    )


def _concat_ws(call: Call) -> Typed:
    _no_bytes(call)
    parts = ", ".join(call.text(index) for index in range(len(call)))
    sql = f"concat_ws({parts})"
    # With one part that is NULL there is still a text, without a separator there is none.
    separator = call.text(0)
    sql = f"(CASE WHEN {separator} IS NOT NULL THEN {sql} END)"
    return call.gives_text(sql, call.arguments, nullable=call[0].nullable)


def _same_length(call: Call, sql: str) -> Typed:
    return call.gives_text(sql, [call[0]], length=text_length(call[0].type), nullable=call.nullable)


def _case(call: Call) -> Typed:
    if _has_bytes(call):
        return call[0]
    function = "lower" if call.name in ("LOWER", "LCASE") else "upper"
    return _same_length(call, f"{function}({call.text(0)})")


def _char_length(call: Call) -> Typed:
    if _has_bytes(call):
        return gives_integer(f"length({call.bytes_(0)})::bigint", nullable=call.nullable)
    return gives_integer(f"length({call.text(0)})::bigint", nullable=call.nullable)


def _length(call: Call) -> Typed:
    sql = call.bytes_(0) if _has_bytes(call) else call.text(0)
    return gives_integer(f"octet_length({sql})::bigint", nullable=call.nullable)


def _bit_length(call: Call) -> Typed:
    return gives_integer(f"({_length(call).sql} * 8)", nullable=call.nullable)


def _left(call: Call) -> Typed:
    _no_bytes(call)
    count = f"my.clamped({call.integer(1)}, 0, 2147483647)::int"
    if call.name == "LEFT":
        return _same_length(call, f"left({call.text(0)}, {count})")
    return _same_length(call, f"right({call.text(0)}, {count})")


def _substring(call: Call) -> Typed:
    _no_bytes(call)
    count = call.integer(2) if len(call) > 2 else "2147483647::bigint"
    return _same_length(call, f"my.substring({call.text(0)}, {call.integer(1)}, {count})")


def _pad(call: Call) -> Typed:
    _no_bytes(call)
    filling = call.text(2) if len(call) > 2 else "' '::text"
    is_left = "true" if call.name == "LPAD" else "false"
    sql = f"my.pad({call.text(0)}, {call.integer(1)}, {filling}, {is_left})"
    return call.gives_text(sql, [call[0], *call.arguments[2:]])


def _trim_spaces(call: Call) -> Typed:
    _no_bytes(call)
    function = "ltrim" if call.name == "LTRIM" else "rtrim"
    return _same_length(call, f"{function}({call.text(0)}, ' ')")


def trim(call: Call, part: Typed | None, position: str) -> Typed:
    """`TRIM([BOTH | LEADING | TRAILING] part FROM text)`."""
    _no_bytes(call)
    asked = to_text(part, call.facts) if part is not None else "' '::text"
    at_start = "false" if position == "TRAILING" else "true"
    at_end = "false" if position == "LEADING" else "true"
    return _same_length(call, f"my.trim({call.text(0)}, {asked}, {at_start}, {at_end})")


def _repeat(call: Call) -> Typed:
    _no_bytes(call)
    return call.gives_text(f"my.repeat({call.text(0)}, {call.integer(1)})", [call[0]])


def _space(call: Call) -> Typed:
    return gives_ascii(f"my.repeat(' ', {call.integer(0)})")


def _replace(call: Call) -> Typed:
    _no_bytes(call)
    parts = [call.text(index) for index in range(3)]
    return call.gives_text(
        f"replace({parts[0]}, {parts[1]}, {parts[2]})", call.arguments, nullable=call.nullable
    )


def _insert(call: Call) -> Typed:
    _no_bytes(call)
    sql = f"my.insert({call.text(0)}, {call.integer(1)}, {call.integer(2)}, {call.text(3)})"
    return call.gives_text(sql, [call[0], call[3]])


def _reverse(call: Call) -> Typed:
    _no_bytes(call)
    return _same_length(call, f"reverse({call.text(0)})")


def locate(call: Call) -> Typed:
    """`LOCATE(part, text[, start])`, `POSITION(part IN text)`."""
    return _located(call, 0, 1, call.integer(2) if len(call) > 2 else "1::bigint")


def _instr(call: Call) -> Typed:
    return _located(call, 1, 0, "1::bigint")


def _located(call: Call, part: int, text: int, start: str) -> Typed:
    _no_bytes(call)
    collation, _ = combined((call[part], call[text]))
    function = "my.locate" if collation == BIN_COLLATION else "my.locate_folded"
    sql = f"{function}({call.text(part)}, {call.text(text)}, {start})"
    return gives_integer(sql, nullable=call.nullable)


def _substring_index(call: Call) -> Typed:
    _no_bytes(call)
    sql = f"my.substring_index({call.text(0)}, {call.text(1)}, {call.integer(2)})"
    return call.gives_text(sql, call.arguments[:2], length=text_length(call[0].type))


def _find_in_set(call: Call) -> Typed:
    _no_bytes(call)
    collation, _ = combined((call[0], call[1]))
    fold = "{}" if collation == BIN_COLLATION else "my.fold({})"
    part, text = (fold.format(call.text(index)) for index in (0, 1))
    return gives_integer(f"my.find_in_set({part}, {text})", nullable=call.nullable)


def _strcmp(call: Call) -> Typed:
    _no_bytes(call)
    collation, _ = combined(call.arguments)
    one, two = text_key(call.text(0), collation), text_key(call.text(1), collation)
    sql = (
        f"(CASE WHEN {one} < {two} THEN -1 WHEN {one} > {two} THEN 1 WHEN {one} = {two} THEN 0 END)"
    )
    return gives_integer(f"{sql}::bigint", nullable=call.nullable)


def _ascii(call: Call) -> Typed:
    data = call.bytes_(0)
    first = f"WHEN length({data}) > 0 THEN get_byte({data}, 0)"
    sql = f"(CASE {first} WHEN {data} IS NOT NULL THEN 0 END)"
    return gives_integer(f"{sql}::bigint", nullable=call.nullable)


def _ord(call: Call) -> Typed:
    _no_bytes(call)
    data = f"convert_to(left({call.text(0)}, 1), 'UTF8')"
    sql = f"('x' || lpad(encode({data}, 'hex'), 16, '0'))::bit(64)::bigint"
    return gives_integer(f"({sql})", nullable=call.nullable)


def _field(call: Call) -> Typed:
    kinds_are = [one.type.is_text for one in call.arguments if one.type.kind is not Kind.NULL]
    if all(kinds_are):
        collation, _ = combined(call.arguments)
        keys = [text_key(call.text(index), collation) for index in range(len(call))]
    elif all(one.type.is_number or one.type.kind is Kind.NULL for one in call.arguments):
        keys = [call.double(index) for index in range(len(call))]
    else:
        raise not_supported("FIELD of texts and numbers together")
    tests = " ".join(
        f"WHEN {keys[0]} = {key} THEN {place}" for place, key in enumerate(keys[1:], 1)
    )
    return gives_integer(f"(CASE {tests} ELSE 0 END)::bigint", nullable=False)


def _elt(call: Call) -> Typed:
    _no_bytes(call)
    index = call.integer(0)
    tests = " ".join(f"WHEN {place} THEN {call.text(place)}" for place in range(1, len(call)))
    return call.gives_text(f"(CASE {index} {tests} END)", call.arguments[1:])


def _hex(call: Call) -> Typed:
    if call[0].type.is_number and not call[0].type.is_text:
        bits = f"my.bits(({call[0].sql})::numeric)"
        if call[0].type.kind in (Kind.DOUBLE, Kind.FLOAT, Kind.BOOLEAN):
            bits = call.integer(0)
        return gives_ascii(f"upper(to_hex({bits}))", 16, nullable=call.nullable)
    return gives_ascii(f"upper(encode({call.bytes_(0)}, 'hex'))", nullable=call.nullable)


def _unhex(call: Call) -> Typed:
    return Typed(f"my.unhex({call.text(0)})", BLOB, True)


def _to_base64(call: Call) -> Typed:
    return gives_ascii(f"encode({call.bytes_(0)}, 'base64')", nullable=call.nullable)


def _from_base64(call: Call) -> Typed:
    return Typed(f"my.from_base64({call.text(0)})", BLOB, True)


def _quote(call: Call) -> Typed:
    _no_bytes(call)
    return call.gives_text(f"my.quote({call.text(0)})", [call[0]], nullable=False)


def char(call: Call, charset: str) -> Typed:
    """`CHAR(n, … USING charset)`; without a charset the result is bytes."""
    codes = [f"my.char_bytes(({call.integer(index)})::numeric)" for index in range(len(call))]
    sql = f"({' || '.join(codes)})" if len(codes) > 1 else codes[0]
    if not charset:
        return Typed(sql, SqlType(Kind.VARBINARY, length=4 * len(call)), False)
    if charset.lower() not in ("utf8mb4", "utf8", "utf8mb3"):
        raise not_supported(f"CHAR with the character set {charset}")
    return gives_ascii(f"my.bytes_as_text({sql})", 4 * len(call))


def _format(call: Call) -> Typed:
    if len(call) > 2:
        raise not_supported("FORMAT with a locale")
    number = call.double(0)
    if call[0].type.kind not in (Kind.DOUBLE, Kind.FLOAT) and not call[0].type.is_text:
        number = f"({call[0].sql})"
        if call[0].type.kind is Kind.BOOLEAN:
            number = f"({call.integer(0)})"
        return gives_ascii(
            f"my.format({number}::numeric, {call.integer(1)})", 80, nullable=call.nullable
        )
    places = f"my.clamped({call.integer(1)}, 0, 30)::bigint"
    rounded = f"my.round({number}, {places})::text::numeric"
    return gives_ascii(f"my.format({rounded}, {places})", 80, nullable=call.nullable)


def _charset(call: Call) -> Typed:
    return _name_of_signs(call, "utf8mb4")


def _collation(call: Call) -> Typed:
    return _name_of_signs(call, call[0].type.collation)


def _name_of_signs(call: Call, of_text: str) -> Typed:
    """The name that a text has; numbers and bytes have `binary`."""
    type_ = call[0].type
    if not (type_.is_text or type_.is_number or type_.kind in BYTES | {Kind.NULL}):
        raise not_supported(f"{call.name} of what is no text")
    name = of_text if type_.is_text else "binary"
    return gives_ascii(f"{quoted_text(name)}::text", 64, nullable=False)


TABLE = {
    "ASCII": Function(1, 1, _ascii),
    "BIT_LENGTH": Function(1, 1, _bit_length),
    "CHARACTER_LENGTH": Function(1, 1, _char_length),
    "CHARSET": Function(1, 1, _charset),
    "CHAR_LENGTH": Function(1, 1, _char_length),
    "COLLATION": Function(1, 1, _collation),
    "CONCAT": Function(1, None, _concat),
    "CONCAT_WS": Function(2, None, _concat_ws),
    "ELT": Function(2, None, _elt),
    "FIELD": Function(2, None, _field),
    "FIND_IN_SET": Function(2, 2, _find_in_set),
    "FORMAT": Function(2, 3, _format),
    "FROM_BASE64": Function(1, 1, _from_base64),
    "HEX": Function(1, 1, _hex),
    "INSERT": Function(4, 4, _insert),
    "INSTR": Function(2, 2, _instr),
    "LCASE": Function(1, 1, _case),
    "LEFT": Function(2, 2, _left),
    "LENGTH": Function(1, 1, _length),
    "LOCATE": Function(2, 3, locate),
    "LOWER": Function(1, 1, _case),
    "LPAD": Function(3, 3, _pad),
    "LTRIM": Function(1, 1, _trim_spaces),
    "MID": Function(3, 3, _substring),
    "OCTET_LENGTH": Function(1, 1, _length),
    "ORD": Function(1, 1, _ord),
    "QUOTE": Function(1, 1, _quote),
    "REPEAT": Function(2, 2, _repeat),
    "REPLACE": Function(3, 3, _replace),
    "REVERSE": Function(1, 1, _reverse),
    "RIGHT": Function(2, 2, _left),
    "RPAD": Function(3, 3, _pad),
    "RTRIM": Function(1, 1, _trim_spaces),
    "SPACE": Function(1, 1, _space),
    "STRCMP": Function(2, 2, _strcmp),
    "SUBSTR": Function(2, 3, _substring),
    "SUBSTRING": Function(2, 3, _substring),
    "SUBSTRING_INDEX": Function(3, 3, _substring_index),
    "TO_BASE64": Function(1, 1, _to_base64),
    "UCASE": Function(1, 1, _case),
    "UNHEX": Function(1, 1, _unhex),
    "UPPER": Function(1, 1, _case),
}

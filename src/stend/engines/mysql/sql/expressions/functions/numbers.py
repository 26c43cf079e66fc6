"""Functions of numbers (section 14.6 of the manual)."""

from dataclasses import replace

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.collations import combined
from stend.engines.mysql.sql.expressions.arithmetic import (
    decimal,
    double_type,
    precision_of,
    remainder,
    scale_of,
)
from stend.engines.mysql.sql.expressions.conversions import (
    constant_integer,
    to_double,
    to_number,
    to_numeric,
)
from stend.engines.mysql.sql.expressions.functions.call import (
    Call,
    Function,
    gives_ascii,
    gives_double,
    gives_integer,
)
from stend.engines.mysql.sql.expressions.unifying import converted, unified
from stend.engines.mysql.sql.typed import BIGINT, BIN_COLLATION, Typed
from stend.engines.mysql.tables.types import INTEGERS, Kind

_PI_DIGITS = 6
_REALS = (Kind.DOUBLE, Kind.FLOAT)


def _number(call: Call, index: int = 0) -> Typed:
    return to_number(call[index], call.facts)


def _abs(call: Call) -> Typed:
    number = _number(call)
    if number.type.kind is Kind.FLOAT:
        return gives_double(f"abs({to_double(number, call.facts)})")
    sql = f"abs({number.sql})"
    if number.type.kind in INTEGERS and not (number.type.unsigned):
        sql = f"abs(({number.sql})::bigint)"
        number = replace(number, type=BIGINT)
    return replace(number, sql=sql, constant=None, is_column=False)


def _sign(call: Call) -> Typed:
    return gives_integer(f"sign(({_number(call).sql}))::bigint", nullable=call.nullable)


def _ceiling(call: Call) -> Typed:
    number = _number(call)
    function = "floor" if call.name == "FLOOR" else "ceil"
    if number.type.kind in INTEGERS or number.type.kind is Kind.NULL:
        return replace(number, constant=None, is_column=False)
    if number.type.kind in _REALS:
        return gives_double(f"{function}({to_double(number, call.facts)})")
    if precision_of(number) - scale_of(number) < 18:
        return gives_integer(f"{function}({number.sql})::bigint", nullable=call.nullable)
    whole = precision_of(number) - scale_of(number) + 1
    return decimal(f"{function}({number.sql})", whole, 0, call.nullable, 0)


def _round(call: Call) -> Typed:
    number = _number(call)
    is_rounding = call.name == "ROUND"
    function = "round" if is_rounding else "trunc"
    places = call.integer(1) if len(call) > 1 else "0::bigint"
    nullable = call.nullable
    if number.type.kind in _REALS:
        name = "my.round" if is_rounding else "my.truncate"
        known = constant_integer(call[1]) if len(call) > 1 else 0
        sql = f"{name}({to_double(number, call.facts)}, {places})"
        return Typed(sql, double_type(max(0, known) if known is not None else None), nullable)
    count = f"my.clamped({places}, -80, 30)::int"
    if number.type.kind in INTEGERS:
        sql = f"{function}(({number.sql})::numeric, {count})"
        type_ = replace(number.type, kind=Kind.BIGINT, display_width=None)
        sql = sql if type_.unsigned else f"({sql})::bigint"
        return Typed(sql, type_, nullable, coercibility=number.coercibility)
    known = constant_integer(call[1]) if len(call) > 1 else 0
    scale = scale_of(number) if known is None else max(0, min(known, 30))
    whole = precision_of(number) - scale_of(number) + (1 if is_rounding else 0)
    # With places that are not known before, the scale stays, and what is rounded away are zeros.
    sql = f"round({function}({number.sql}, {count}), {scale})"
    return decimal(sql, whole + scale, scale, nullable, scale)


def _mod(call: Call) -> Typed:
    return remainder(_number(call, 0), _number(call, 1), call.facts)


def _power(call: Call) -> Typed:
    return gives_double(f"my.power({call.double(0)}, {call.double(1)})")


def _sqrt(call: Call) -> Typed:
    value = call.double(0)
    return gives_double(f"(CASE WHEN {value} >= 0 THEN sqrt({value}) END)")


def _log(call: Call) -> Typed:
    if call.facts.is_strict:
        raise not_supported("A logarithm in a change of rows")
    if call.name == "LOG" and len(call) == 2:
        base, value = call.double(0), call.double(1)
        sql = f"(CASE WHEN {value} > 0 AND {base} > 0 AND {base} <> 1 "
        return gives_double(f"{sql}THEN ln({value}) / ln({base}) END)")
    value = call.double(0)
    form = {"LOG2": "ln({0}) / ln(2::double precision)", "LOG10": "log({0})"}
    sql = form.get(call.name, "ln({0})").format(value)
    return gives_double(f"(CASE WHEN {value} > 0 THEN {sql} END)")


def _simple(function: str) -> Function:
    return Function(1, 1, lambda call: gives_double(f"{function}({call.double(0)})"))


def _arc(call: Call) -> Typed:
    value = call.double(0)
    return gives_double(f"(CASE WHEN abs({value}) <= 1 THEN {call.name.lower()}({value}) END)")


def _atan(call: Call) -> Typed:
    if len(call) == 2:
        return gives_double(f"atan2({call.double(0)}, {call.double(1)})")
    return gives_double(f"atan({call.double(0)})")


def _cot(call: Call) -> Typed:
    return gives_double(f"my.cot({call.double(0)})")


def _pi(call: Call) -> Typed:
    del call
    return Typed("pi()", double_type(_PI_DIGITS), False)


def _rand(call: Call) -> Typed:
    if len(call):
        raise not_supported("RAND with a seed")
    return gives_double("random()")


def _conv(call: Call) -> Typed:
    sql = f"my.conv({call.text(0)}, {call.integer(1)}, {call.integer(2)})"
    return gives_ascii(sql, 65)


def _base(call: Call) -> Typed:
    base = 2 if call.name == "BIN" else 8
    return gives_ascii(f"my.conv({call.text(0)}, 10, {base})", 64)


def _crc32(call: Call) -> Typed:
    return gives_integer(f"my.crc32({call.bytes_(0)})", nullable=call.nullable)


def _bit_count(call: Call) -> Typed:
    bits = f"my.bits({to_numeric(call[0], call.facts)})"
    return gives_integer(f"bit_count(({bits})::bit(64))", nullable=call.nullable)


def _extreme(call: Call) -> Typed:
    is_least = call.name == "LEAST"
    values = call.arguments
    texts = [one for one in values if one.type.is_text]
    if texts and len(texts) != len([one for one in values if one.type.kind is not Kind.NULL]):
        raise not_supported(f"{call.name} of texts and other values together")
    type_ = unified(values)
    given = [converted(one, type_, call.facts).sql for one in values]
    is_mixed = type_.is_text and len(texts) == 0
    if is_mixed or type_.kind in (Kind.NULL, Kind.JSON):
        raise not_supported(f"{call.name} of these values")
    _, coercibility = combined(values)
    if type_.is_text:
        if type_.collation == BIN_COLLATION:
            raise not_supported(f"{call.name} of texts with the collation {BIN_COLLATION}")
        sql = f"my.{call.name.lower()}_text({', '.join(given)})"
    else:
        tests = " OR ".join(f"({one}) IS NULL" for one in given)
        sql = f"{'least' if is_least else 'greatest'}({', '.join(given)})"
        sql = f"(CASE WHEN NOT ({tests}) THEN {sql} END)"
    return Typed(sql, type_, call.nullable, coercibility=coercibility)


def _inet_aton(call: Call) -> Typed:
    return gives_integer(f"my.inet_aton({call.text(0)})")


def _inet_ntoa(call: Call) -> Typed:
    return gives_ascii(f"my.inet_ntoa({call.integer(0)})", 15)


TABLE = {
    "ABS": Function(1, 1, _abs),
    "ACOS": Function(1, 1, _arc),
    "ASIN": Function(1, 1, _arc),
    "ATAN": Function(1, 2, _atan),
    "ATAN2": Function(1, 2, _atan),
    "BIN": Function(1, 1, _base),
    "BIT_COUNT": Function(1, 1, _bit_count),
    "CEIL": Function(1, 1, _ceiling),
    "CEILING": Function(1, 1, _ceiling),
    "CONV": Function(3, 3, _conv),
    "COS": _simple("cos"),
    "COT": Function(1, 1, _cot),
    "CRC32": Function(1, 1, _crc32),
    "DEGREES": _simple("degrees"),
    "EXP": _simple("exp"),
    "FLOOR": Function(1, 1, _ceiling),
    "GREATEST": Function(2, None, _extreme),
    "INET_ATON": Function(1, 1, _inet_aton),
    "INET_NTOA": Function(1, 1, _inet_ntoa),
    "LEAST": Function(2, None, _extreme),
    "LN": Function(1, 1, _log),
    "LOG": Function(1, 2, _log),
    "LOG10": Function(1, 1, _log),
    "LOG2": Function(1, 1, _log),
    "MOD": Function(2, 2, _mod),
    "OCT": Function(1, 1, _base),
    "PI": Function(0, 0, _pi),
    "POW": Function(2, 2, _power),
    "POWER": Function(2, 2, _power),
    "RADIANS": _simple("radians"),
    "RAND": Function(0, 1, _rand),
    "ROUND": Function(1, 2, _round),
    "SIGN": Function(1, 1, _sign),
    "SIN": _simple("sin"),
    "SQRT": Function(1, 1, _sqrt),
    "TAN": _simple("tan"),
    "TRUNCATE": Function(2, 2, _round),
}

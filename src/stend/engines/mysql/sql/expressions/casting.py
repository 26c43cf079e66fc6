"""CAST, CONVERT, COLLATE, typed literals such as DATE '2024-01-31'."""

from dataclasses import replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.collations import collated, combined, known_collation
from stend.engines.mysql.sql.expressions.context import Context
from stend.engines.mysql.sql.expressions.conversions import (
    to_bytes,
    to_date,
    to_datetime,
    to_double,
    to_json,
    to_number,
    to_numeric,
    to_text,
    to_time,
)
from stend.engines.mysql.sql.expressions.literals import MAX_PRECISION, MAX_SCALE, MAX_UNSIGNED
from stend.engines.mysql.sql.expressions.moments import (
    date_sql,
    datetime_sql,
    parsed_moment,
    parsed_time,
    time_sql,
)
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.typed import (
    BIGINT,
    DOUBLE,
    JSON,
    UNSIGNED,
    Coercibility,
    Typed,
    as_value,
)
from stend.engines.mysql.tables.types import BYTES, INTEGERS, Kind, SqlType

_MIN, _MAX = -(2**63), 2**63 - 1
_TEXT_TARGETS = frozenset({exp.DType.CHAR, exp.DType.NCHAR, exp.DType.VARCHAR, exp.DType.TEXT})
_BYTES_TARGETS = frozenset({exp.DType.BINARY, exp.DType.VARBINARY, exp.DType.BLOB})
_UTF8 = frozenset({"utf8mb4", "utf8", "utf8mb3"})


def cast(node: exp.Expression, context: Context) -> Typed:
    """`CAST(x AS t)`, `CONVERT(x, t)`, `CONVERT(x USING charset)`, `BINARY x`, `DATE '…'`.

    Raises:
        MySqlError: a type that this server does not cast to.
    """
    inner, target = node.args["this"], node.args["to"]
    if isinstance(inner, exp.AtTimeZone):
        return _at_time_zone(inner, target, context)
    if any(node.args.get(name) for name in ("format", "safe", "action", "default")):
        raise not_supported("This form of CAST")
    kind = target.this
    value = context.translate(inner)
    if kind is exp.DType.CHARACTER_SET:
        return _converted_charset(value, target.args["kind"].name, context.facts)
    return cast_to(value, target, context.facts)


def _sizes(target: exp.Expression) -> list[int]:
    sizes = []
    for one in target.expressions:
        if not isinstance(one, exp.DataTypeParam) or not isinstance(one.this, exp.Literal):
            raise not_supported("An array as the type of CAST")
        if not one.this.name.isdecimal():
            raise not_supported(f"{one.this.name} as the size of a type")
        sizes.append(int(one.this.name))
    return sizes


def cast_to(value: Typed, target: exp.Expression, facts: Facts) -> Typed:
    """The value as one of the type that sqlglot parsed."""
    kind, sizes = target.this, _sizes(target)
    size = sizes[0] if sizes else None
    if target.args.get("values") or target.args.get("nested"):
        raise not_supported("This type of CAST")
    if kind in _TEXT_TARGETS:
        return _as_text(value, size, facts)
    if kind in _BYTES_TARGETS:
        return _as_bytes(value, size, facts)
    if kind is exp.DType.DECIMAL:
        return as_decimal(value, *_decimal_size(sizes), facts)
    if kind in (exp.DType.BIGINT, exp.DType.UBIGINT):
        return _as_integer(value, kind is exp.DType.UBIGINT, facts)
    if kind in _MOMENTS:
        return _as_moment(value, _MOMENTS[kind], size or 0, facts)
    return _as_other(value, kind, facts)


_MOMENTS = {
    exp.DType.DATE: Kind.DATE,
    exp.DType.DATETIME: Kind.DATETIME,
    exp.DType.TIME: Kind.TIME,
}


def _as_other(value: Typed, kind: exp.DType, facts: Facts) -> Typed:
    if kind is exp.DType.DOUBLE:
        return Typed(to_double(value, facts), DOUBLE, value.nullable)
    if kind is exp.DType.FLOAT:
        sql = f"({to_double(value, facts)})::real"
        return Typed(sql, SqlType(Kind.FLOAT), value.nullable)
    if kind is exp.DType.JSON:
        return as_json(value, facts)
    if kind is exp.DType.YEAR:
        raise not_supported("CAST to YEAR")
    raise not_supported(f"CAST to {kind.value}")


def as_json(value: Typed, facts: Facts) -> Typed:
    """A text is parsed, another value becomes a JSON scalar; NULL stays NULL."""
    if value.type.is_text:
        return Typed(f"my.json({value.sql})", JSON, value.nullable)
    if value.type.kind is Kind.NULL:
        return Typed("NULL::jsonb", JSON)
    json = to_json(value, facts)
    sql = f"(CASE WHEN {value.sql} IS NOT NULL THEN {json} END)" if value.nullable else json
    return Typed(sql, JSON, value.nullable)


def _as_text(value: Typed, size: int | None, facts: Facts) -> Typed:
    text = to_text(value, facts)
    collation, coercibility = combined([value])
    if value.type.is_number or not value.type.is_text:
        coercibility = Coercibility.IMPLICIT
    sql = f"left({text}, {size})" if size is not None else text
    kind = Kind.LONGTEXT if size is None else Kind.VARCHAR
    return Typed(
        sql,
        SqlType(kind, length=size, collation=collation),
        value.nullable,
        None,
        False,
        coercibility,
    )


def _as_bytes(value: Typed, size: int | None, facts: Facts) -> Typed:
    data = to_bytes(value, facts)
    if size is None:
        return Typed(data, SqlType(Kind.LONGBLOB), value.nullable)
    sql = f"substr({data} || decode(repeat('00', {size}), 'hex'), 1, {size})"
    return Typed(sql, SqlType(Kind.VARBINARY, length=size), value.nullable)


def _decimal_size(sizes: list[int]) -> tuple[int, int]:
    precision = sizes[0] if sizes else 10
    scale = sizes[1] if len(sizes) > 1 else 0
    if scale > MAX_SCALE:
        raise MySqlError(
            MyError.ER_TOO_BIG_SCALE,
            f"Too big scale {scale} specified for column 'cast'. Maximum is {MAX_SCALE}.",
        )
    if precision > MAX_PRECISION:
        raise MySqlError(
            MyError.ER_TOO_BIG_PRECISION,
            f"Too-big precision {precision} specified for 'cast'. Maximum is {MAX_PRECISION}.",
        )
    if scale > (precision or 10):
        raise MySqlError(
            MyError.ER_M_BIGGER_THAN_D,
            "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column 'cast').",
        )
    return precision or 10, scale


def as_decimal(value: Typed, precision: int, scale: int, facts: Facts) -> Typed:
    """Rounded to the scale; what does not fit is the greatest that does."""
    if value.type.is_text and value.type.kind is not Kind.ENUM:
        sql = f"my.decimal({value.sql})"
    else:
        sql = to_numeric(value, facts)
    greatest = f"{'9' * (precision - scale) or '0'}.{'9' * scale}".rstrip(".")
    sql = f"round(my.clamped(round({sql}, {scale}), -{greatest}, {greatest}), {scale})"
    type_ = SqlType(Kind.DECIMAL, precision=precision, scale=scale)
    return Typed(sql, type_, value.nullable)


def _as_integer(value: Typed, unsigned: bool, facts: Facts) -> Typed:
    if value.type.is_text and value.type.kind is not Kind.ENUM:
        low, high = (_MIN, MAX_UNSIGNED) if unsigned else (_MIN, _MAX)
        whole = f"my.clamped(my.integer({value.sql}), {low}, {high})"
    else:
        number = as_value(to_number(value, facts))
        if number.type.kind in INTEGERS or number.type.kind is Kind.NULL:
            whole = f"({number.sql})::numeric"
        elif number.type.kind is Kind.DECIMAL:
            whole = f"my.clamped(round({number.sql}), {_MIN}, {MAX_UNSIGNED if unsigned else _MAX})"
        else:
            double = f"round({to_double(number, facts)})::numeric"
            whole = f"my.clamped({double}, {_MIN}, {MAX_UNSIGNED if unsigned else _MAX})"
    # The same 64 bits, read without or with a sign.
    if unsigned:
        return Typed(f"my.unbits(my.bits({whole}))", UNSIGNED, value.nullable)
    return Typed(f"my.bits({whole})", BIGINT, value.nullable)


def _as_moment(value: Typed, kind: Kind, places: int, facts: Facts) -> Typed:
    if places > 6:
        raise MySqlError(
            MyError.ER_TOO_BIG_PRECISION,
            f"Too-big precision {places} specified for 'CAST'. Maximum is 6.",
        )
    if kind is Kind.DATE:
        return Typed(to_date(value, facts), SqlType(Kind.DATE), True)
    if kind is Kind.TIME:
        sql = f"my.seconds_as_time(round(extract(epoch FROM {to_time(value, facts)}), {places}))"
        return Typed(sql, SqlType(Kind.TIME, precision=places), True)
    sql = f"my.in_range(({to_datetime(value, facts)})::timestamp({places}))"
    return Typed(sql, SqlType(Kind.DATETIME, precision=places), True)


def _converted_charset(value: Typed, charset: str, facts: Facts) -> Typed:
    if charset.lower() == "binary":
        return _as_bytes(value, None, facts)
    if charset.lower() not in _UTF8:
        raise MySqlError(MyError.ER_UNKNOWN_CHARACTER_SET, f"Unknown character set: '{charset}'")
    typed = _as_text(value, None, facts)
    return replace(typed, coercibility=Coercibility.IMPLICIT)


def typed_literal(value: Typed, kind: Kind) -> Typed:
    """`DATE '2024-01-31'` and the like.

    Raises:
        MySqlError: ER_WRONG_VALUE.
    """
    text = value.constant.value if value.constant else None
    if isinstance(text, str):
        moment = parsed_moment(text)
        if kind is Kind.TIME:
            span = parsed_time(text)
            if span is not None and not span.is_of_moment and not span.is_cut:
                return Typed(time_sql(span.value), SqlType(kind, precision=span.places), False)
        elif moment is not None and moment.has_time == (kind is not Kind.DATE):
            if kind is Kind.DATE:
                return Typed(date_sql(moment.value), SqlType(kind), False)
            type_ = SqlType(kind, precision=moment.places)
            return Typed(datetime_sql(moment.value), type_, False)
    shown = value.sql if text is None else str(text)
    raise MySqlError(MyError.ER_WRONG_VALUE, f"Incorrect {kind.value.upper()} value: '{shown}'")


def _at_time_zone(inner: exp.Expression, target: exp.Expression, context: Context) -> Typed:
    value = context.translate(inner.this)
    zone = inner.args["zone"]
    if value.type.kind is not Kind.TIMESTAMP or target.this is not exp.DType.DATETIME:
        raise not_supported("AT TIME ZONE of what is no TIMESTAMP")
    if not isinstance(zone, exp.Literal) or zone.name not in ("+00:00", "UTC"):
        raise not_supported("AT TIME ZONE of another zone than UTC")
    places = (_sizes(target) or [0])[0]
    sql = f"({value.sql} AT TIME ZONE 'UTC')::timestamp({places})"
    return Typed(f"({sql})", SqlType(Kind.DATETIME, precision=places), value.nullable)


def collate(node: exp.Expression, context: Context) -> Typed:
    """`x COLLATE c`."""
    name = node.args["expression"].name
    inner = node.this
    if isinstance(inner, (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)):
        # COLLATE binds closer than these, which the parser does not know.
        raise not_supported("COLLATE after an operator without parentheses")
    value = context.translate(inner)
    if value.type.kind in BYTES:
        raise MySqlError(
            MyError.ER_COLLATION_CHARSET_MISMATCH,
            f"COLLATION '{known_collation(name)}' is not valid for CHARACTER SET 'binary'",
        )
    if not value.type.is_text:
        value = _as_text(value, None, context.facts)
    return collated(value, name)

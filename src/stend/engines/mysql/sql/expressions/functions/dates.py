"""Functions of dates and times (section 14.7 of the manual)."""

from dataclasses import replace

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.conversions import (
    constant_integer,
    constant_text,
    places_of,
    point_sql,
    to_datetime,
    to_numeric,
    to_text,
    to_time,
    zone_sql,
)
from stend.engines.mysql.sql.expressions.functions.call import (
    Call,
    Function,
    gives_ascii,
    gives_integer,
)
from stend.engines.mysql.sql.expressions.functions.formats import formatted, read_by_format
from stend.engines.mysql.sql.expressions.moments import (
    date_sql,
    datetime_sql,
    parsed_moment,
    parsed_time,
    time_sql,
)
from stend.engines.mysql.sql.typed import Typed
from stend.engines.mysql.tables.types import INTEGERS, TEMPORAL, Kind, SqlType

DATE = SqlType(Kind.DATE)


def _places(call: Call) -> int:
    if not len(call):
        return 0
    places = constant_integer(call[0])
    if places is None or not 0 <= places <= 6:
        raise MySqlError(
            MyError.ER_TOO_BIG_PRECISION,
            f"Too-big precision {places} specified for '{call.name.lower()}'. Maximum is 6.",
        )
    return places


def _now(call: Call) -> Typed:
    places = _places(call)
    moment = call.facts.utc_now if call.name.startswith("UTC") else call.facts.local_now
    unit = 10 ** (6 - places)
    moment = moment.replace(microsecond=moment.microsecond // unit * unit)
    return Typed(datetime_sql(moment), SqlType(Kind.DATETIME, precision=places), False)


def _sysdate(call: Call) -> Typed:
    places = _places(call)
    zone = zone_sql(call.facts.time_zone)
    sql = f"date_trunc('second', clock_timestamp() AT TIME ZONE {zone})"
    if places:
        raise not_supported("SYSDATE with digits after the second")
    return Typed(sql, SqlType(Kind.DATETIME, precision=0), False)


def _today(call: Call) -> Typed:
    moment = call.facts.utc_now if call.name.startswith("UTC") else call.facts.local_now
    return Typed(date_sql(moment), DATE, False)


def _time_now(call: Call) -> Typed:
    places = _places(call)
    moment = call.facts.utc_now if call.name.startswith("UTC") else call.facts.local_now
    unit = 10 ** (6 - places)
    moment = moment.replace(microsecond=moment.microsecond // unit * unit)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return Typed(time_sql(moment - midnight), SqlType(Kind.TIME, precision=places), False)


def _field(name: str) -> Function:
    return Function(
        1, 1, lambda call: gives_integer(f"extract({name} FROM {_whole(call)})::bigint")
    )


def _whole(call: Call) -> str:
    """A date, of which no part is 0: MySQL gives such parts, which are nowhere here."""
    value = call[0]
    if value.type.is_text:
        value = replace(value, sql=f"my.whole_date({call.text(0)})", constant=None)
    return to_datetime(value, call.facts)


def _by_date(template: str) -> Function:
    return Function(1, 1, lambda call: gives_integer(template.format(call.date(0))))


def _name_of_day(template: str) -> Function:
    return Function(1, 1, lambda call: gives_ascii(f"to_char({call.date(0)}, '{template}')", 9))


def time_of(call: Call, index: int) -> tuple[str, int]:
    """An argument as a TIME: of a moment, its time of day. With its digits after the second."""
    value = call[index]
    places = places_of(value.type)
    if value.type.is_text:
        text = value.constant.value if value.constant else None
        places = 6
        if isinstance(text, str):
            span = parsed_time(text)
            places = span.places if span else 0
    elif value.type.kind not in TEMPORAL and value.type.kind not in INTEGERS:
        places = 6
    return to_time(value, call.facts), places


# A part's microseconds, and how many of it the next greater one has.
_PARTS_OF_TIME = {
    "HOUR": (3_600_000_000, None),
    "MINUTE": (60_000_000, 60),
    "SECOND": (1_000_000, 60),
    "MICROSECOND": (1, 1_000_000),
}


def part_of_time(call: Call) -> Typed:
    """EXTRACT of a part of a time: below 0 where the time is."""
    return _part(call, f"my.in_microseconds({time_of(call, 0)[0]})")


def _plain_part_of_time(call: Call) -> Typed:
    return _part(call, f"abs(my.in_microseconds({time_of(call, 0)[0]}))")


def _part(call: Call, count: str) -> Typed:
    size, base = _PARTS_OF_TIME[call.name]
    rest = f" % {base}" if base else ""
    return gives_integer(f"({count} / {size}{rest})")


def _date(call: Call) -> Typed:
    return Typed(call.date(0), DATE, True)


def _time(call: Call) -> Typed:
    sql, places = time_of(call, 0)
    return Typed(sql, SqlType(Kind.TIME, precision=places), True)


def moment_places(value: Typed) -> int:
    """Digits after the second of a value that is taken for a moment."""
    if value.type.is_text:
        text = value.constant.value if value.constant else None
        if isinstance(text, str):
            moment = parsed_moment(text)
            return moment.places if moment else 0
        return 6
    return places_of(value.type) if value.type.kind in TEMPORAL else 0


def _timestamp(call: Call) -> Typed:
    places = moment_places(call[0])
    sql = call.moment(0)
    if len(call) > 1:
        span, more = time_of(call, 1)
        places = max(places, more)
        sql = f"my.in_range({sql} + {span})"
    return Typed(sql, SqlType(Kind.DATETIME, precision=places), True)


def _last_day(call: Call) -> Typed:
    sql = f"(date_trunc('month', {call.moment(0)}) + interval '1 month - 1 day')::date"
    return Typed(f"({sql})", DATE, True)


def _datediff(call: Call) -> Typed:
    return gives_integer(f"({call.date(0)} - {call.date(1)})::bigint")


def _to_days(call: Call) -> Typed:
    return gives_integer(f"({call.date(0)} - '0001-01-01'::date + 366)::bigint")


def _from_days(call: Call) -> Typed:
    days = call.integer(0)
    return Typed(f"my.from_days({days})", DATE, True)


def _to_seconds(call: Call) -> Typed:
    days = _to_days(call).sql
    moment = call.moment(0)
    return gives_integer(f"({days} * 86400 + floor(extract(epoch FROM {moment}::time))::bigint)")


def _week(call: Call) -> Typed:
    if call.name == "WEEKOFYEAR":
        mode = "3"
    elif len(call) > 1:
        mode = call.integer(1)
    else:
        mode = "0"
    with_year = "true" if call.name == "YEARWEEK" else "false"
    return gives_integer(f"my.week({call.date(0)}, {mode}::bigint, {with_year})")


def _timediff(call: Call) -> Typed:
    sorts = {_sort_of(one) for one in call.arguments}
    if len(sorts) > 1 or Kind.NULL in sorts:
        return Typed("NULL::interval", SqlType(Kind.TIME, precision=0))
    if Kind.TIME in sorts:
        (one, first), (two, second) = time_of(call, 0), time_of(call, 1)
        return _time_of(f"({one} - {two})", max(first, second))
    places = max(moment_places(one) for one in call.arguments)
    return _time_of(f"({call.moment(0)} - {call.moment(1)})", places)


def _sort_of(value: Typed) -> Kind:
    """DATE, DATETIME or TIME, which TIMEDIFF does not mix; NULL."""
    if value.type.kind in (Kind.DATE, Kind.NULL):
        return value.type.kind
    return Kind.DATETIME if _is_moment(value) else Kind.TIME


def _time_of(difference: str, places: int) -> Typed:
    sql = f"my.seconds_as_time(extract(epoch FROM {difference}))"
    return Typed(sql, SqlType(Kind.TIME, precision=places), True)


def _is_moment(value: Typed) -> bool:
    if not value.type.is_text:
        return value.type.kind in (Kind.DATE, Kind.DATETIME, Kind.TIMESTAMP)
    text = constant_text(value, "A text in TIMEDIFF or ADDTIME")
    moment = parsed_moment(text)
    if moment is None or "-" not in text.strip()[1:]:
        return False
    if not moment.has_time:
        raise not_supported("A date as a text in TIMEDIFF or ADDTIME")
    return True


def _addtime(call: Call) -> Typed:
    span, more = time_of(call, 1)
    sign = "+" if call.name == "ADDTIME" else "-"
    value = call[0]
    if not _is_moment(value):
        own, places = time_of(call, 0)
        typed = _time_of(f"({own} {sign} {span})", max(places, more))
    else:
        places = max(moment_places(value), more)
        sql = f"my.in_range({call.moment(0)} {sign} {span})"
        typed = Typed(sql, SqlType(Kind.DATETIME, precision=places), True)
    if not value.type.is_text:
        return typed
    # A text has all six digits after the second, or none.
    exact = replace(typed, type=replace(typed.type, precision=6))
    return gives_ascii(f"regexp_replace({to_text(exact, call.facts)}, '\\.0+$', '')", 29)


def _unix_timestamp(call: Call) -> Typed:
    if not len(call):
        return gives_integer(f"{int(call.facts.now.timestamp())}::bigint", nullable=False)
    if call[0].type.kind is Kind.TIMESTAMP:
        point = call[0].sql
    else:
        point = point_sql(call.moment(0), call.facts.time_zone)
    places = moment_places(call[0])
    seconds = f"greatest(extract(epoch FROM {point}), 0)"
    seconds = f"(CASE WHEN {point} IS NOT NULL THEN {seconds} END)"
    if places == 0:
        return gives_integer(f"floor({seconds})::bigint")
    type_ = SqlType(Kind.DECIMAL, precision=11 + places, scale=places)
    return Typed(f"trunc({seconds}, {places})", type_, True)


def _from_unixtime(call: Call) -> Typed:
    zone = zone_sql(call.facts.time_zone)
    value = call[0]
    places = min(value.type.scale or 0, 6) if value.type.kind is Kind.DECIMAL else 0
    if value.type.kind in (Kind.DOUBLE, Kind.FLOAT) or value.type.is_text:
        places = 6
    number = f"round({to_numeric(value, call.facts)}, {places})"
    if value.type.is_text:
        number = f"my.decimal({value.sql})"
    sql = f"(CASE WHEN {number} BETWEEN 0 AND 32536771199.999999 THEN "
    sql += f"('1970-01-01 00:00:00+00'::timestamptz + {number} * interval '1 second')"
    typed = Typed(f"{sql} AT TIME ZONE {zone} END)", SqlType(Kind.DATETIME, precision=places))
    if len(call) == 1:
        return typed
    return formatted(typed.sql, constant_text(call[1], "A format of a date"))


def _convert_tz(call: Call) -> Typed:
    places = moment_places(call[0])
    zones = [_zone(call, index) for index in (1, 2)]
    sql = f"my.convert_tz({call.moment(0)}, {zones[0]}, {zones[1]})"
    return Typed(sql, SqlType(Kind.DATETIME, precision=places), True)


def _zone(call: Call, index: int) -> str:
    sql = call.text(index)
    own = call.facts.time_zone.replace("'", "")
    return f"(CASE WHEN upper({sql}) = 'SYSTEM' THEN '{own}' ELSE {sql} END)"


def _date_format(call: Call) -> Typed:
    return formatted(_whole(call), constant_text(call[1], "A format of a date"))


def _time_format(call: Call) -> Typed:
    sql, _ = time_of(call, 0)
    template = constant_text(call[1], "A format of a time")
    return formatted(f"('2000-01-01'::timestamp + {sql})", template, is_time=sql)


def _str_to_date(call: Call) -> Typed:
    return read_by_format(call.text(0), constant_text(call[1], "A format of a date"))


def _makedate(call: Call) -> Typed:
    return Typed(f"my.makedate({call.integer(0)}, {call.integer(1)})", DATE, True)


def _maketime(call: Call) -> Typed:
    hours, minutes = call.integer(0), call.integer(1)
    value = call[2]
    places = min(value.type.scale or 0, 6) if value.type.kind is Kind.DECIMAL else 0
    if value.type.is_text or value.type.kind in (Kind.DOUBLE, Kind.FLOAT):
        places = 6
    seconds = to_numeric(value, call.facts)
    test = f"{minutes} BETWEEN 0 AND 59 AND {seconds} >= 0 AND {seconds} < 60"
    total = f"({minutes} * 60 + {seconds})"
    total = f"(abs({hours})::numeric * 3600 + {total}) * CASE WHEN {hours} < 0 THEN -1 ELSE 1 END"
    sql = f"(CASE WHEN {test} THEN my.seconds_as_time({total}) END)"
    return Typed(sql, SqlType(Kind.TIME, precision=places), True)


def _sec_to_time(call: Call) -> Typed:
    value = call[0]
    places = min(value.type.scale or 0, 6) if value.type.kind is Kind.DECIMAL else 0
    is_text = value.type.is_text
    number = f"my.decimal({value.sql})" if is_text else to_numeric(value, call.facts)
    places = 6 if value.type.is_text or value.type.kind in (Kind.DOUBLE, Kind.FLOAT) else places
    return Typed(f"my.seconds_as_time({number})", SqlType(Kind.TIME, precision=places), True)


def _time_to_sec(call: Call) -> Typed:
    sql, _ = time_of(call, 0)
    return gives_integer(f"(my.in_microseconds({sql}) / 1000000)")


def _period_add(call: Call) -> Typed:
    months = f"(my.period_months({call.integer(0)}) + {call.integer(1)})"
    return gives_integer(f"({months} / 12 * 100 + {months} % 12 + 1)")


def _period_diff(call: Call) -> Typed:
    return gives_integer(
        f"(my.period_months({call.integer(0)}) - my.period_months({call.integer(1)}))"
    )


TABLE = {
    "ADDTIME": Function(2, 2, _addtime),
    "CONVERT_TZ": Function(3, 3, _convert_tz),
    "CURDATE": Function(0, 0, _today),
    "CURRENT_DATE": Function(0, 0, _today),
    "CURRENT_TIME": Function(0, 1, _time_now),
    "CURRENT_TIMESTAMP": Function(0, 1, _now),
    "CURTIME": Function(0, 1, _time_now),
    "DATE": Function(1, 1, _date),
    "DATEDIFF": Function(2, 2, _datediff),
    "DATE_FORMAT": Function(2, 2, _date_format),
    "DAY": _field("day"),
    "DAYNAME": _name_of_day("FMDay"),
    "DAYOFMONTH": _field("day"),
    "DAYOFWEEK": _by_date("(extract(dow FROM {0})::bigint + 1)"),
    "DAYOFYEAR": _field("doy"),
    "FROM_DAYS": Function(1, 1, _from_days),
    "FROM_UNIXTIME": Function(1, 2, _from_unixtime),
    "HOUR": Function(1, 1, _plain_part_of_time),
    "LAST_DAY": Function(1, 1, _last_day),
    "LOCALTIME": Function(0, 1, _now),
    "LOCALTIMESTAMP": Function(0, 1, _now),
    "MAKEDATE": Function(2, 2, _makedate),
    "MAKETIME": Function(3, 3, _maketime),
    "MICROSECOND": Function(1, 1, _plain_part_of_time),
    "MINUTE": Function(1, 1, _plain_part_of_time),
    "MONTH": _field("month"),
    "MONTHNAME": _name_of_day("FMMonth"),
    "NOW": Function(0, 1, _now),
    "PERIOD_ADD": Function(2, 2, _period_add),
    "PERIOD_DIFF": Function(2, 2, _period_diff),
    "QUARTER": _field("quarter"),
    "SECOND": Function(1, 1, _plain_part_of_time),
    "SEC_TO_TIME": Function(1, 1, _sec_to_time),
    "STR_TO_DATE": Function(2, 2, _str_to_date),
    "SUBTIME": Function(2, 2, _addtime),
    "SYSDATE": Function(0, 1, _sysdate),
    "TIME": Function(1, 1, _time),
    "TIMEDIFF": Function(2, 2, _timediff),
    "TIMESTAMP": Function(1, 2, _timestamp),
    "TIME_FORMAT": Function(2, 2, _time_format),
    "TIME_TO_SEC": Function(1, 1, _time_to_sec),
    "TO_DAYS": Function(1, 1, _to_days),
    "TO_SECONDS": Function(1, 1, _to_seconds),
    "UNIX_TIMESTAMP": Function(0, 1, _unix_timestamp),
    "UTC_DATE": Function(0, 0, _today),
    "UTC_TIME": Function(0, 1, _time_now),
    "UTC_TIMESTAMP": Function(0, 1, _now),
    "WEEK": Function(1, 2, _week),
    "WEEKDAY": _by_date("(extract(isodow FROM {0})::bigint - 1)"),
    "WEEKOFYEAR": Function(1, 1, _week),
    "YEAR": _field("year"),
    "YEARWEEK": Function(1, 2, _week),
}

-- A moment written as MySQL lets it be written; NULL where no moment is written there. What
-- follows a moment would be cut off with a warning by MySQL: it is an error here.
CREATE OR REPLACE FUNCTION my.datetime_parts(t text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    parts text[];
    digits text;
BEGIN
    parts := regexp_match(t, '^\s*(\d{4}|\d{2})[^\w\s]+(\d{1,2})[^\w\s]+(\d{1,2})'
        '(?:(?:[T]|\s+)(\d{1,2})(?:[^\w\s]+(\d{1,2})(?:[^\w\s]+(\d{1,2})(?:\.(\d*))?)?)?)?\s*$');
    IF parts IS NOT NULL THEN
        RETURN parts;
    END IF;
    digits := substring(t FROM '^\s*(\d{14}|\d{12}|\d{8}|\d{6})(?:\.\d*)?\s*$');
    IF digits IS NULL THEN
        RETURN NULL;
    ELSIF length(digits) IN (12, 6) THEN
        parts := regexp_match(digits, '^(..)(..)(..)(..)?(..)?(..)?$');
    ELSE
        parts := regexp_match(digits, '^(....)(..)(..)(..)?(..)?(..)?$');
    END IF;
    RETURN parts || substring(t FROM '\.(\d*)');
END
$body$;

CREATE OR REPLACE FUNCTION my.full_year(digits text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN length(digits) > 2 THEN digits::int
    WHEN digits::int < 70 THEN digits::int + 2000 ELSE digits::int + 1900 END;

-- Days of the year 0 are nowhere here; the zero date is NULL in MySQL, too, where it is forbidden.
CREATE OR REPLACE FUNCTION my.refuse_year_0(month int, day int) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31 THEN
        PERFORM my.fail(1235, 'A date before 0001-01-01 is not supported by this server');
    END IF;
END
$body$;

CREATE OR REPLACE FUNCTION my.datetime(t text) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    parts text[] := my.datetime_parts(t);
    seconds double precision;
BEGIN
    IF parts IS NULL THEN
        IF t ~ '^\s*\d{4}-\d{1,2}-\d{1,2}' THEN
            PERFORM my.fail(1292, 'Truncated incorrect datetime value: ''' || left(t, 128) || '''');
        END IF;
        RETURN NULL;
    END IF;
    IF coalesce(parts[4]::int, 0) > 23 OR coalesce(parts[5]::int, 0) > 59
        OR coalesce(parts[6]::int, 0) > 59 THEN
        RETURN NULL;
    ELSIF my.full_year(parts[1]) = 0 THEN
        PERFORM my.refuse_year_0(parts[2]::int, parts[3]::int);
        RETURN NULL;
    END IF;
    RETURN make_timestamp(my.full_year(parts[1]), parts[2]::int, parts[3]::int,
        coalesce(parts[4]::int, 0), coalesce(parts[5]::int, 0), coalesce(parts[6]::int, 0))
        + make_interval(secs => round(('0.' || coalesce(parts[7], '') || '0')::numeric, 6)
            ::double precision);
EXCEPTION WHEN datetime_field_overflow THEN
    RETURN NULL;
END
$body$;

-- A text for functions that give the parts of a date: MySQL knows a month and a day 0 there.
CREATE OR REPLACE FUNCTION my.whole_date(t text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    parts text[] := my.datetime_parts(t);
BEGIN
    IF parts[2]::int = 0 OR parts[3]::int = 0 OR my.full_year(parts[1]) = 0 THEN
        PERFORM my.fail(1235, 'A date with a part that is 0 is not supported by this server');
    END IF;
    RETURN t;
END
$body$;

CREATE OR REPLACE FUNCTION my.datetime_strict(t text, kind text) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    moment timestamp := my.datetime(t);
BEGIN
    IF moment IS NULL AND t IS NOT NULL THEN
        PERFORM my.fail(1292, 'Incorrect ' || kind || ' value: ''' || left(t, 128) || '''');
    END IF;
    RETURN moment;
END
$body$;

CREATE OR REPLACE FUNCTION my.time(t text) RETURNS interval
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    parts text[];
    seconds numeric;
BEGIN
    IF length(btrim(t)) >= 12 AND (my.datetime_parts(t))[4] IS NOT NULL THEN
        RETURN my.datetime(t) - date_trunc('day', my.datetime(t));
    ELSIF t ~ '^\s*\d{4}-' THEN
        RETURN my.fail(1292, 'Truncated incorrect time value: ''' || left(t, 128) || '''')::interval;
    END IF;
    parts := regexp_match(t, '^\s*(-)?(?:(\d+)\s+)?(\d+)(?::(\d{1,2}))?(?::(\d{1,2}))?'
        '(?:\.(\d*))?\s*$');
    IF parts IS NULL THEN
        IF t ~ '^\s*-?\d' THEN
            PERFORM my.fail(1292, 'Truncated incorrect time value: ''' || left(t, 128) || '''');
        END IF;
        RETURN NULL;
    ELSIF parts[2] IS NULL AND parts[4] IS NULL THEN
        parts := ARRAY[parts[1], NULL] || regexp_match(
            lpad(parts[3], greatest(6, length(parts[3])), '0'), '^(\d+)(\d\d)(\d\d)$')
            || parts[6];
    ELSIF parts[5] IS NULL AND parts[6] IS NOT NULL THEN
        RETURN my.fail(1292, 'Truncated incorrect time value: ''' || left(t, 128) || '''')::interval;
    END IF;
    IF coalesce(parts[4]::int, 0) > 59 OR coalesce(parts[5]::int, 0) > 59 THEN
        RETURN NULL;
    END IF;
    seconds := coalesce(parts[2], '0')::numeric * 86400 + parts[3]::numeric * 3600
        + coalesce(parts[4], '0')::numeric * 60 + coalesce(parts[5], '0')::numeric
        + round(('0.' || coalesce(parts[6], '') || '0')::numeric, 6);
    RETURN my.seconds_as_time(CASE WHEN parts[1] = '-' THEN -seconds ELSE seconds END);
END
$body$;

CREATE OR REPLACE FUNCTION my.time_strict(t text) RETURNS interval
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    found interval := my.time(t);
BEGIN
    IF found IS NULL AND t IS NOT NULL THEN
        PERFORM my.fail(1292, 'Incorrect time value: ''' || left(t, 128) || '''');
    END IF;
    RETURN found;
END
$body$;

-- Hours only: days would compare alike but print otherwise.
CREATE OR REPLACE FUNCTION my.microseconds(count bigint) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN make_interval(hours => (count / 3600000000)::int, mins => (count / 60000000 % 60)::int)
    + (count % 60000000) * interval '1 microsecond';

-- A TIME of that many seconds, within MySQL's range.
CREATE OR REPLACE FUNCTION my.seconds_as_time(seconds numeric) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN my.microseconds(my.clamped(round(seconds * 1000000), -3020399000000, 3020399000000)::bigint);

-- A sum with a TIME: beyond MySQL's range it is NULL.
CREATE OR REPLACE FUNCTION my.time_sum(microseconds numeric, is_strict boolean) RETURNS interval
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF abs(microseconds) <= 3020399000000 THEN
        RETURN my.microseconds(microseconds::bigint);
    ELSIF is_strict THEN
        PERFORM my.fail(1441, 'Datetime function: time field overflow');
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION my.in_microseconds(span interval) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (extract(epoch FROM span) * 1000000)::bigint;

CREATE OR REPLACE FUNCTION my.time_as_text(span interval, places int) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    count bigint := my.in_microseconds(span);
    rest bigint := abs(count);
BEGIN
    RETURN CASE WHEN count < 0 THEN '-' ELSE '' END
        || CASE WHEN rest >= 360000000000 THEN (rest / 3600000000)::text
            ELSE lpad((rest / 3600000000)::text, 2, '0') END
        || ':' || lpad((rest / 60000000 % 60)::text, 2, '0')
        || ':' || lpad((rest / 1000000 % 60)::text, 2, '0')
        || CASE WHEN places > 0
            THEN '.' || left(lpad((rest % 1000000)::text, 6, '0'), places) ELSE '' END;
END
$body$;

CREATE OR REPLACE FUNCTION my.datetime_as_text(moment timestamp, places int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_char(moment, 'YYYY-MM-DD HH24:MI:SS')
    || CASE WHEN places > 0 THEN '.' || left(to_char(moment, 'US'), places) ELSE '' END;

-- MySQL's years go from 0 to 9999: beyond them is NULL. The year 0 is nowhere here.
CREATE OR REPLACE FUNCTION my.in_range(moment timestamp) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF moment >= '0001-01-01' AND moment < '10000-01-01' THEN
        RETURN moment;
    END IF;
    IF moment >= '0001-01-01 BC' AND moment < '0001-01-01' THEN
        PERFORM my.fail(1235, 'A date before 0001-01-01 is not supported by this server');
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION my.add(moment timestamp, months numeric, microseconds numeric)
RETURNS timestamp LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF abs(months) > 120000 OR abs(microseconds) > 315537897600000000 THEN
        RETURN NULL;
    END IF;
    RETURN my.in_range(moment + make_interval(months => months::int)
        + make_interval(days => div(microseconds, 86400000000)::int)
        + mod(microseconds, 86400000000)::bigint * interval '1 microsecond');
END
$body$;

CREATE OR REPLACE FUNCTION my.add_strict(moment timestamp, months numeric, microseconds numeric)
RETURNS timestamp LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    moved timestamp := my.add(moment, months, microseconds);
BEGIN
    IF moved IS NULL AND moment IS NOT NULL AND months IS NOT NULL AND microseconds IS NOT NULL THEN
        PERFORM my.fail(1441, 'Datetime function: date_add_interval field overflow');
    END IF;
    RETURN moved;
END
$body$;

-- Of a text that holds a date or a moment: the sum is written as the text was, with a time where
-- there was one or one was added.
CREATE OR REPLACE FUNCTION my.add_to_text(t text, months numeric, microseconds numeric,
    has_time boolean) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    moved timestamp := my.add(my.datetime(t), months, microseconds);
BEGIN
    IF has_time OR t ~ '[T ]\s*\d' OR t ~ '^\s*\d{12}' THEN
        RETURN my.datetime_as_text(moved, CASE WHEN moved = date_trunc('second', moved)
            THEN 0 ELSE 6 END);
    END IF;
    RETURN to_char(moved, 'YYYY-MM-DD');
END
$body$;

CREATE OR REPLACE FUNCTION my.months_between(low timestamp, high timestamp) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    months bigint;
BEGIN
    IF low > high THEN
        RETURN -my.months_between(high, low);
    END IF;
    months := (extract(year FROM high) - extract(year FROM low)) * 12
        + extract(month FROM high) - extract(month FROM low);
    IF extract(day FROM high) < extract(day FROM low)
        OR (extract(day FROM high) = extract(day FROM low) AND high::time < low::time) THEN
        months := months - 1;
    END IF;
    RETURN months;
END
$body$;

-- WEEK() as section 14.7 of the manual tells of its modes; the year of the week times 100 is
-- added for YEARWEEK().
CREATE OR REPLACE FUNCTION my.week(day date, mode bigint, with_year boolean) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    bits int := (mode & 7)::int;
    monday_first boolean := bits & 1 <> 0;
    week_year boolean := with_year OR bits & 2 <> 0;
    first_weekday boolean := (bits & 4 <> 0) <> NOT (bits & 1 <> 0);
    year int := extract(year FROM day);
    first_day date := make_date(year, 1, 1);
    weekday int;
    days int;
BEGIN
    weekday := CASE WHEN monday_first THEN extract(isodow FROM first_day)::int - 1
        ELSE extract(dow FROM first_day)::int END;
    IF day - first_day < 7 - weekday THEN
        IF NOT week_year
            AND (CASE WHEN first_weekday THEN weekday <> 0 ELSE weekday >= 4 END) THEN
            RETURN 0;
        END IF;
        IF (CASE WHEN first_weekday THEN weekday <> 0 ELSE weekday >= 4 END) THEN
            year := year - 1;
            days := first_day - make_date(year, 1, 1);
            first_day := make_date(year, 1, 1);
            weekday := (weekday + 53 * 7 - days) % 7;
            week_year := true;
        END IF;
    END IF;
    days := day - first_day + weekday;
    IF (CASE WHEN first_weekday THEN weekday <> 0 ELSE weekday >= 4 END) THEN
        days := days - 7;
    END IF;
    IF week_year AND days >= 52 * 7 THEN
        weekday := (weekday + (make_date(year + 1, 1, 1) - first_day)) % 7;
        IF (CASE WHEN first_weekday THEN weekday = 0 ELSE weekday < 4 END) THEN
            year := year + 1;
            days := 0;
        END IF;
    END IF;
    RETURN days / 7 + 1 + CASE WHEN with_year THEN year * 100 ELSE 0 END;
END
$body$;

CREATE OR REPLACE FUNCTION my.day_suffix(day int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN day || CASE
    WHEN day BETWEEN 11 AND 13 THEN 'th'
    WHEN day % 10 = 1 THEN 'st'
    WHEN day % 10 = 2 THEN 'nd'
    WHEN day % 10 = 3 THEN 'rd'
    ELSE 'th'
END;

-- When the clocks of a zone show a moment: the first time where they show it twice, and where they
-- skip it, the time at which they do so.
CREATE OR REPLACE FUNCTION my.point(moment timestamp, zone text) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    found timestamptz := moment AT TIME ZONE zone;
    before interval := ((found - interval '24 hours') AT TIME ZONE zone)
        - ((found - interval '24 hours') AT TIME ZONE 'UTC');
    earlier timestamptz := (moment - before) AT TIME ZONE 'UTC';
    low timestamptz;
    middle timestamptz;
BEGIN
    IF found AT TIME ZONE zone = moment THEN
        RETURN CASE WHEN earlier < found AND earlier AT TIME ZONE zone = moment
            THEN earlier ELSE found END;
    END IF;
    low := found - interval '24 hours';
    WHILE found - low > interval '1 second' LOOP
        middle := date_trunc('second', low + (found - low) / 2);
        IF (middle AT TIME ZONE zone) - (middle AT TIME ZONE 'UTC') = before THEN
            low := middle;
        ELSE
            found := middle;
        END IF;
    END LOOP;
    RETURN date_trunc('second', found);
END
$body$;

CREATE OR REPLACE FUNCTION my.convert_tz(moment timestamp, source text, target text)
RETURNS timestamp LANGUAGE plpgsql STABLE PARALLEL SAFE AS $body$
DECLARE
    point timestamptz;
BEGIN
    IF source ~ '^[+-]\d{1,2}:\d\d$' THEN
        point := moment AT TIME ZONE source::interval;
    ELSIF source ~ '^[A-Za-z]' THEN
        point := my.point(moment, source);
    ELSE
        RETURN NULL;
    END IF;
    IF target ~ '^[+-]\d{1,2}:\d\d$' THEN
        RETURN point AT TIME ZONE target::interval;
    ELSIF target ~ '^[A-Za-z]' THEN
        RETURN point AT TIME ZONE target;
    END IF;
    RETURN NULL;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN NULL;
END
$body$;

-- A number in a date's or a time's place: 20240131, 101112.
CREATE OR REPLACE FUNCTION my.datetime_of(x numeric) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF x = 0 THEN
        PERFORM my.fail(1235, 'The zero date is not supported by this server');
    END IF;
    RETURN my.datetime(x::text);
END
$body$;

CREATE OR REPLACE FUNCTION my.time_of(x numeric) RETURNS interval
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF abs(x) > 8385959 THEN
        PERFORM my.fail(1292, 'Truncated incorrect time value: ''' || x || '''');
    END IF;
    RETURN my.time(x::text);
END
$body$;

-- STR_TO_DATE: `fields` names what each captured part is, by the letters of the format.
CREATE OR REPLACE FUNCTION my.str_to_date(t text, pattern text, fields text) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    parts text[] := regexp_match(t, pattern, 'i');
    year int := 2000;
    month int := 1;
    day int := 1;
    hour int := 0;
    minute int := 0;
    second int := 0;
    fraction numeric := 0;
    is_twelve boolean := false;
    is_afternoon boolean := false;
    part text;
BEGIN
    IF parts IS NULL THEN
        RETURN NULL;
    END IF;
    FOR place IN 1 .. length(fields) LOOP
        part := parts[place];
        CONTINUE WHEN part IS NULL;
        CASE substr(fields, place, 1)
            WHEN 'Y' THEN year := my.full_year(part);
            WHEN 'm' THEN month := part::int;
            WHEN 'b' THEN month := (strpos('janfebmaraprmayjunjulaugsepoctnovdec',
                lower(left(part, 3))) + 2) / 3;
            WHEN 'd' THEN day := part::int;
            WHEN 'H' THEN hour := part::int;
            WHEN 'h' THEN hour := part::int; is_twelve := true;
            WHEN 'i' THEN minute := part::int;
            WHEN 's' THEN second := part::int;
            WHEN 'f' THEN fraction := ('0.' || part || '0')::numeric;
            WHEN 'p' THEN is_afternoon := upper(part) = 'PM';
        END CASE;
    END LOOP;
    IF is_twelve THEN
        IF hour NOT BETWEEN 1 AND 12 THEN
            RETURN NULL;
        END IF;
        hour := hour % 12 + CASE WHEN is_afternoon THEN 12 ELSE 0 END;
    END IF;
    IF hour > 23 OR minute > 59 OR second > 59 THEN
        RETURN NULL;
    ELSIF year = 0 THEN
        PERFORM my.refuse_year_0(month, day);
        RETURN NULL;
    END IF;
    RETURN make_timestamp(year, month, day, hour, minute, second)
        + make_interval(secs => fraction::double precision);
EXCEPTION WHEN datetime_field_overflow THEN
    RETURN NULL;
END
$body$;

-- Days before the year 1 are the zero date in MySQL, which is nowhere here.
CREATE OR REPLACE FUNCTION my.from_days(days bigint) RETURNS date
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF days NOT BETWEEN 366 AND 3652424 THEN
        PERFORM my.fail(1235, 'A date before 0001-01-01 or after 9999-12-31 is not supported by '
            'this server');
    END IF;
    RETURN '0001-01-01'::date + (days - 366)::int;
END
$body$;

CREATE OR REPLACE FUNCTION my.makedate(year bigint, day bigint) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN day > 0 AND day < 3660000 AND year BETWEEN 0 AND 9999 THEN
    my.in_range((make_date(my.full_year(CASE WHEN year < 100 THEN lpad(year::text, 2, '0')
        ELSE year::text END), 1, 1) + (day - 1)::int)::timestamp)::date END;

CREATE OR REPLACE FUNCTION my.period_months(period bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    year bigint := period / 100;
BEGIN
    IF period % 100 NOT BETWEEN 1 AND 12 OR period < 0 THEN
        PERFORM my.fail(1210, 'Incorrect arguments to period_add');
    END IF;
    IF year < 70 THEN
        year := year + 2000;
    ELSIF year < 100 THEN
        year := year + 1900;
    END IF;
    RETURN year * 12 + period % 100 - 1;
END
$body$;

-- Dates in a number's place: 20240131, 20240131235959.
CREATE OR REPLACE FUNCTION my.datetime_as_number(moment timestamp) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_char(moment, 'YYYYMMDDHH24MISS.US')::numeric;

CREATE OR REPLACE FUNCTION my.time_as_number(span interval) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN replace(my.time_as_text(span, 6), ':', '')::numeric;

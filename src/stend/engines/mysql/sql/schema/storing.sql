-- Values on their way into columns, in strict mode: what does not fit is an error.
CREATE OR REPLACE FUNCTION my.store_number(x numeric, low numeric, high numeric, name text)
RETURNS numeric LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF x < low OR x > high THEN
        PERFORM my.fail(1264, 'Out of range value for column ''' || name || ''' at row 1');
    END IF;
    RETURN x;
END
$body$;

-- The same, but not before it is asked for.
CREATE OR REPLACE FUNCTION my.late(x anyelement) RETURNS anyelement
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $body$
BEGIN
    RETURN x;
END
$body$;

-- What has a minus does not fit even where rounding would take it away.
CREATE OR REPLACE FUNCTION my.not_negative(x numeric, name text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF x < 0 THEN
        PERFORM my.fail(1264, 'Out of range value for column ''' || name || ''' at row 1');
    END IF;
    RETURN x;
END
$body$;

CREATE OR REPLACE FUNCTION my.number_in(t text, kind text, name text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    digits text := substring(t FROM '^\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)');
BEGIN
    IF digits IS NULL AND t IS NOT NULL THEN
        IF kind = 'double' THEN
            PERFORM my.fail(1265, 'Data truncated for column ''' || name || ''' at row 1');
        END IF;
        PERFORM my.fail(1366, 'Incorrect ' || kind || ' value: ''' || left(t, 128)
            || ''' for column ''' || name || ''' at row 1');
    ELSIF btrim(t, E' \t\n\v\f\r') <> digits THEN
        PERFORM my.fail(1265, 'Data truncated for column ''' || name || ''' at row 1');
    ELSIF substring(digits FROM '[eE]-0*([0-9]+)$')::numeric > 400 THEN
        RETURN 0;
    ELSIF substring(digits FROM '[eE][+]?0*([0-9]+)$')::numeric > 400 THEN
        PERFORM my.fail(1264, 'Out of range value for column ''' || name || ''' at row 1');
    END IF;
    RETURN digits::numeric;
END
$body$;

CREATE OR REPLACE FUNCTION my.store_double(t text, name text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    x numeric := my.number_in(t, 'double', name);
BEGIN
    IF abs(x) >= 1.797693134862315808e308 THEN
        PERFORM my.fail(1264, 'Out of range value for column ''' || name || ''' at row 1');
    END IF;
    RETURN CASE WHEN abs(x) < 2.4703282292062328e-324 THEN 0 ELSE x::double precision END;
END
$body$;

CREATE OR REPLACE FUNCTION my.store_float(x double precision, name text) RETURNS real
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF abs(x) > 3.4028234663852886e38 THEN
        PERFORM my.fail(1264, 'Out of range value for column ''' || name || ''' at row 1');
    END IF;
    -- Nearer to 0 than to the least FLOAT.
    RETURN CASE WHEN abs(x) <= 7.006492321624085e-46 THEN 0 ELSE x::real END;
END
$body$;

-- Spaces at the end that are too many are cut off; nothing else is.
CREATE OR REPLACE FUNCTION my.store_text(t text, size int, name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF length(t) > size THEN
        IF length(rtrim(t, ' ')) > size THEN
            PERFORM my.fail(1406, 'Data too long for column ''' || name || ''' at row 1');
        END IF;
        RETURN left(t, size);
    END IF;
    RETURN t;
END
$body$;

CREATE OR REPLACE FUNCTION my.store_bytes(b bytea, size int, name text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF length(b) > size THEN
        PERFORM my.fail(1406, 'Data too long for column ''' || name || ''' at row 1');
    END IF;
    RETURN b;
END
$body$;

CREATE OR REPLACE FUNCTION my.store_long_text(t text, size int, name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF octet_length(t) > size THEN
        PERFORM my.fail(1406, 'Data too long for column ''' || name || ''' at row 1');
    END IF;
    RETURN t;
END
$body$;

CREATE OR REPLACE FUNCTION my.store_enum(t text, members text[], name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    member text;
BEGIN
    IF t IS NULL THEN
        RETURN NULL;
    END IF;
    FOREACH member IN ARRAY members LOOP
        IF my.weight(member) = my.weight(t) THEN
            RETURN member;
        END IF;
    END LOOP;
    IF t ~ '^[0-9]{1,5}$' AND t::int BETWEEN 1 AND cardinality(members) THEN
        RETURN members[t::int];
    END IF;
    RETURN my.fail(1265, 'Data truncated for column ''' || name || ''' at row 1');
END
$body$;

CREATE OR REPLACE FUNCTION my.store_enum_number(x bigint, members text[], name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF x NOT BETWEEN 1 AND cardinality(members) THEN
        PERFORM my.fail(1265, 'Data truncated for column ''' || name || ''' at row 1');
    END IF;
    RETURN members[x];
END
$body$;

CREATE OR REPLACE FUNCTION my.store_moment(moment timestamp, written text, kind text, name text)
RETURNS timestamp LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF written IS NOT NULL AND my.in_range(moment) IS NULL THEN
        PERFORM my.fail(1292, 'Incorrect ' || kind || ' value: ''' || left(written, 128)
            || ''' for column ''' || name || ''' at row 1');
    END IF;
    RETURN moment;
END
$body$;

CREATE OR REPLACE FUNCTION my.store_datetime(t text, kind text, name text) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    moment timestamp;
BEGIN
    IF my.datetime_parts(t) IS NOT NULL THEN
        moment := my.datetime(t);
    END IF;
    RETURN my.store_moment(moment, t, kind, name);
END
$body$;

-- Within the range of TIMESTAMP, and a moment that the zone's clocks really show.
CREATE OR REPLACE FUNCTION my.store_timestamp(point timestamptz, moment timestamp,
    shown timestamp, name text) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF moment <> shown OR point < '1970-01-01 00:00:01+00'
        OR point >= '2038-01-19 03:14:08+00' THEN
        PERFORM my.fail(1292, 'Incorrect datetime value: ''' || my.datetime_as_text(moment, 0)
            || ''' for column ''' || name || ''' at row 1');
    END IF;
    RETURN point;
END
$body$;

CREATE OR REPLACE FUNCTION my.store_time(t text, name text) RETURNS interval
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    span interval := my.time(t);
BEGIN
    IF t IS NOT NULL AND span IS NULL THEN
        PERFORM my.fail(1292, 'Incorrect time value: ''' || left(t, 128)
            || ''' for column ''' || name || ''' at row 1');
    ELSIF abs(my.in_microseconds(span)) = 3020399000000 AND t !~ '838:59:59|8385959|34 22:59:59' THEN
        PERFORM my.fail(1292, 'Incorrect time value: ''' || left(t, 128)
            || ''' for column ''' || name || ''' at row 1');
    END IF;
    RETURN span;
END
$body$;

CREATE OR REPLACE FUNCTION my.store_year(x numeric, is_text boolean, name text) RETURNS smallint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    year int := my.store_number(round(x), 0, 2155, name)::int;
BEGIN
    IF year BETWEEN 1 AND 69 OR (year = 0 AND is_text) THEN
        RETURN year + 2000;
    ELSIF year BETWEEN 70 AND 99 THEN
        RETURN year + 1900;
    ELSIF year BETWEEN 100 AND 1900 THEN
        PERFORM my.fail(1264, 'Out of range value for column ''' || name || ''' at row 1');
    END IF;
    RETURN year;
END
$body$;

CREATE OR REPLACE FUNCTION my.store_json(t text, name text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF t IS NOT JSON THEN
        PERFORM my.fail(3140, 'Invalid JSON text: "Invalid value." at position 0 in value for '
            'column ''' || name || '''.');
    END IF;
    RETURN my.json(t);
END
$body$;

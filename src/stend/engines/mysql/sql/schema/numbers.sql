CREATE OR REPLACE FUNCTION my.divisor(b numeric, is_asked boolean) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF b = 0 AND is_asked THEN
        PERFORM my.fail(1365, 'Division by 0');
    END IF;
    RETURN NULLIF(b, 0);
END
$body$;

CREATE OR REPLACE FUNCTION my.divisor(b double precision, is_asked boolean)
RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF b = 0 AND is_asked THEN
        PERFORM my.fail(1365, 'Division by 0');
    END IF;
    RETURN NULLIF(b, 0);
END
$body$;

CREATE OR REPLACE FUNCTION my.unsigned(x numeric, expression text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF x < 0 OR x > 18446744073709551615 THEN
        PERFORM my.fail(1690,
            'BIGINT UNSIGNED value is out of range in ''' || expression || '''');
    END IF;
    RETURN x;
END
$body$;

CREATE OR REPLACE FUNCTION my.signed(x numeric, expression text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF x < -9223372036854775808 OR x > 9223372036854775807 THEN
        PERFORM my.fail(1690, 'BIGINT value is out of range in ''' || expression || '''');
    END IF;
    RETURN x::bigint;
END
$body$;

-- The 64 bits of an integer, and the unsigned integer of 64 bits.
CREATE OR REPLACE FUNCTION my.bits(x numeric) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN x > 18446744073709551615 THEN -1
    WHEN x > 9223372036854775807 THEN (x - 18446744073709551616)::bigint
    WHEN x < -9223372036854775808 THEN (-9223372036854775808)::bigint
    ELSE round(x)::bigint
END;

CREATE OR REPLACE FUNCTION my.unbits(x bigint) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN x < 0 THEN x::numeric + 18446744073709551616 ELSE x::numeric END;

CREATE OR REPLACE FUNCTION my.shift_left(x numeric, count numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN count < 0 OR count > 63 THEN CASE WHEN x IS NOT NULL THEN 0::numeric END
    ELSE my.unbits(my.bits(x) << count::int) END;

CREATE OR REPLACE FUNCTION my.shift_right(x numeric, count numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN count < 0 OR count > 63 THEN CASE WHEN x IS NOT NULL THEN 0::numeric END
    ELSE div(my.unbits(my.bits(x)), power(2::numeric, count)) END;

CREATE OR REPLACE FUNCTION my.clamped(x numeric, low numeric, high numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN x < low THEN low WHEN x > high THEN high ELSE x END;

-- The number at the beginning of a text, 0 where there is none.
CREATE OR REPLACE FUNCTION my.number(t text) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN t IS NOT NULL THEN coalesce(substring(t FROM
    '^\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)')::double precision, 0) END;

-- The same where MySQL does not forgive what follows.
CREATE OR REPLACE FUNCTION my.number_strict(t text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF t !~ '^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$' THEN
        PERFORM my.fail(1292, 'Truncated incorrect DOUBLE value: ''' || left(t, 128) || '''');
    END IF;
    RETURN my.number(t);
END
$body$;

CREATE OR REPLACE FUNCTION my.decimal(t text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN t IS NOT NULL THEN coalesce(substring(t FROM
    '^\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?)')::numeric, 0) END;

CREATE OR REPLACE FUNCTION my.integer(t text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN t IS NOT NULL
    THEN coalesce(substring(t FROM '^\s*([+-]?[0-9]+)')::numeric, 0) END;

CREATE OR REPLACE FUNCTION my.digits_as_text(digits text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    x numeric := digits::numeric;
    mantissa text;
    exponent int := 0;
BEGIN
    IF x = 0 THEN
        RETURN CASE WHEN digits LIKE '-%' THEN '-0' ELSE '0' END;
    ELSIF abs(x) < 1e15 AND abs(x) >= 1e-15 THEN
        RETURN trim_scale(x)::text;
    END IF;
    exponent := CASE WHEN abs(x) >= 1 THEN length(trunc(abs(x))::text) - 1
        ELSE -length(substring(abs(x)::text FROM '^0\.(0*)')) - 1 END;
    mantissa := trim_scale(x * ('1e' || -exponent)::numeric)::text;
    RETURN mantissa || 'e' || exponent;
END
$body$;

-- As MySQL writes DOUBLE and FLOAT: no zeros at the end, from 1e15 on with an exponent.
CREATE OR REPLACE FUNCTION my.text(x double precision) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN my.digits_as_text(x::text);

CREATE OR REPLACE FUNCTION my.text(x real) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN my.digits_as_text(x::numeric::text);

CREATE OR REPLACE FUNCTION my.format(x numeric, places bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(
    split_part(round(x, my.clamped(places, 0, 30)::int)::text, '.', 1),
    '(\d)(?=(\d{3})+$)', '\1,', 'g')
    || substring(round(x, my.clamped(places, 0, 30)::int)::text || '.' FROM '(\.\d+|)\.?$');

CREATE OR REPLACE FUNCTION my.base(x bigint, base int) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    rest numeric := my.unbits(x);
    digits text := '';
BEGIN
    IF x IS NULL THEN
        RETURN NULL;
    END IF;
    LOOP
        digits := substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
            mod(rest, base)::int + 1, 1) || digits;
        rest := div(rest, base);
        EXIT WHEN rest = 0;
    END LOOP;
    RETURN digits;
END
$body$;

CREATE OR REPLACE FUNCTION my.conv(t text, from_base bigint, to_base bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    digits text := upper(ltrim(t));
    is_negative boolean := false;
    total numeric := 0;
    digit int;
BEGIN
    IF t IS NULL OR t = '' OR abs(from_base) NOT BETWEEN 2 AND 36
        OR abs(to_base) NOT BETWEEN 2 AND 36 OR from_base IS NULL OR to_base IS NULL THEN
        RETURN NULL;
    END IF;
    is_negative := digits LIKE '-%';
    digits := ltrim(digits, '+-');
    FOR place IN 1 .. length(digits) LOOP
        digit := strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(digits, place, 1)) - 1;
        EXIT WHEN digit < 0 OR digit >= abs(from_base);
        total := least(total * abs(from_base) + digit, 18446744073709551615);
    END LOOP;
    IF is_negative THEN
        total := -total;
    END IF;
    IF to_base < 0 THEN
        total := my.bits(total);
        RETURN CASE WHEN total < 0 THEN '-' ELSE '' END
            || my.base(abs(total)::bigint, (-to_base)::int);
    END IF;
    RETURN my.base(my.bits(CASE WHEN total < 0 THEN total + 18446744073709551616 ELSE total END),
        to_base::int);
END
$body$;

CREATE OR REPLACE FUNCTION my.cot(x double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF tan(x) = 0 THEN
        PERFORM my.fail(1690, 'DOUBLE value is out of range in ''cot(' || my.text(x) || ')''');
    END IF;
    RETURN cot(x);
END
$body$;

CREATE OR REPLACE FUNCTION my.power(x double precision, y double precision)
RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    RETURN power(x, y);
EXCEPTION WHEN invalid_argument_for_power_function OR numeric_value_out_of_range THEN
    PERFORM my.fail(1690, 'DOUBLE value is out of range in ''pow(' || my.text(x) || ','
        || my.text(y) || ')''');
END
$body$;

CREATE OR REPLACE FUNCTION my.crc32(data bytea) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN crc32(data);

CREATE OR REPLACE FUNCTION my.inet_aton(t text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    parts bigint[];
BEGIN
    IF t !~ '^\d{1,3}(\.\d{1,3}){0,3}$' THEN
        RETURN NULL;
    END IF;
    parts := string_to_array(t, '.')::bigint[];
    IF 255 < ANY (parts) THEN
        RETURN NULL;
    END IF;
    -- 127.1 is 127.0.0.1: what is left out stands before the last part.
    IF cardinality(parts) < 4 AND cardinality(parts) > 1 THEN
        parts := parts[:cardinality(parts) - 1]
            || array_fill(0::bigint, ARRAY[4 - cardinality(parts)]) || parts[cardinality(parts)];
    ELSIF cardinality(parts) = 1 THEN
        RETURN parts[1];
    END IF;
    RETURN parts[1] * 16777216 + parts[2] * 65536 + parts[3] * 256 + parts[4];
END
$body$;

CREATE OR REPLACE FUNCTION my.inet_ntoa(x numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN x BETWEEN 0 AND 4294967295 THEN
    concat_ws('.', div(x, 16777216), mod(div(x, 65536), 256), mod(div(x, 256), 256), mod(x, 256))
END;

-- ROUND and TRUNCATE of doubles, as the C library rounds: halves go to the even neighbour.
CREATE OR REPLACE FUNCTION my.round(x double precision, places bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN places IS NULL OR x IS NULL THEN NULL
    WHEN places >= 0 AND places + log(abs(NULLIF(x, 0))) > 300 THEN x
    WHEN places >= 0 THEN round(x * power(10::double precision, least(places, 300)))
        / power(10::double precision, least(places, 300))
    WHEN places < -308 THEN 0
    ELSE round(x / power(10::double precision, -places)) * power(10::double precision, -places)
END;

CREATE OR REPLACE FUNCTION my.truncate(x double precision, places bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN places IS NULL OR x IS NULL THEN NULL
    WHEN places >= 0 AND places + log(abs(NULLIF(x, 0))) > 300 THEN x
    WHEN places >= 0 THEN trunc(x * power(10::double precision, least(places, 300)))
        / power(10::double precision, least(places, 300))
    WHEN places < -308 THEN 0
    ELSE trunc(x / power(10::double precision, -places)) * power(10::double precision, -places)
END;

-- Comparison of texts. A collation without accents and case, for ASCII and Russian without the
-- long table: upper() of the built-in provider agrees with the table there but for the seven.
CREATE OR REPLACE FUNCTION my.fold(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN octet_length(t) = length(t) THEN upper(t)
    WHEN t !~ '[^\u0001-\u007f\u0401-\u045f«»–—…№]'
        THEN translate(upper(t), 'ЀЁЃЇЌЍЎ', 'ЕЕГІКИУ')
    ELSE my.fold_any(t)
END;

-- The order of PAD SPACE: shorter texts compare as if spaces followed. A space at the end puts
-- them before letters and after control characters. Spaces before a control character sort
-- below a space and above that character; U+001F stands for them, and what it was moves aside.
CREATE OR REPLACE FUNCTION my.padded(t text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    kept text := rtrim(t, ' ');
BEGIN
    IF kept ~ ' [\u0001-\u001f]' THEN
        kept := replace(replace(kept, E'\x1e', E'\x1e\x01'), E'\x1f', E'\x1e\x02');
        WHILE kept ~ ' [\u0001-\u001f]' LOOP
            kept := regexp_replace(kept, ' ([\u0001-\u001f])', E'\x1f\\1', 'g');
        END LOOP;
    ELSIF kept ~ '[\u001e\u001f]' THEN
        kept := replace(replace(kept, E'\x1e', E'\x1e\x01'), E'\x1f', E'\x1e\x02');
    END IF;
    RETURN kept || ' ';
END
$body$;

CREATE OR REPLACE FUNCTION my.weight_bin(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN t ~ '[\u0001-\u001f]' THEN my.padded(t) ELSE rtrim(t, ' ') || ' ' END;

CREATE OR REPLACE FUNCTION my.weight(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN t ~ '[\u0001-\u001f]' THEN my.padded(my.fold(t))
    ELSE rtrim(my.fold(t), ' ') || ' ' END;

-- LIKE with a pattern that is not known before it runs: a lone escape at its end is itself.
CREATE OR REPLACE FUNCTION my.is_like(t text, pattern text, escape text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    run int := length(pattern) - length(rtrim(pattern, escape));
BEGIN
    IF escape <> '' AND run % 2 = 1 THEN
        RETURN t LIKE pattern || escape ESCAPE escape;
    END IF;
    RETURN t LIKE pattern ESCAPE escape;
END
$body$;

CREATE OR REPLACE FUNCTION my.substring(t text, start bigint, count bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN start IS NULL OR count IS NULL THEN NULL
    WHEN start = 0 OR count <= 0 OR abs(start) > length(t) THEN CASE WHEN t IS NOT NULL THEN '' END
    WHEN start > 0 THEN substr(t, start::int, least(count, 2000000000 - start)::int)
    ELSE substr(t, (length(t) + start + 1)::int, least(count, -start)::int)
END;

CREATE OR REPLACE FUNCTION my.locate(part text, t text, start bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN part IS NULL OR t IS NULL OR start IS NULL THEN NULL
    WHEN start <= 0 OR start > length(t) + 1 THEN 0
    WHEN strpos(substr(t, start::int), part) = 0 THEN 0
    ELSE strpos(substr(t, start::int), part) + start - 1
END;

-- By the collation. MySQL compares as many bytes as the part has: e is not found as é.
CREATE OR REPLACE FUNCTION my.locate_folded(part text, t text, start bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    sought text := my.fold(part);
    folded text := my.fold(t);
    place bigint := my.locate(sought, folded, start);
BEGIN
    WHILE place > 0 AND octet_length(substr(t, place::int, length(part))) <> octet_length(part) LOOP
        place := my.locate(sought, folded, place + 1);
    END LOOP;
    RETURN place;
END
$body$;

CREATE OR REPLACE FUNCTION my.substring_index(t text, delimiter text, count bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    parts text[];
BEGIN
    IF t IS NULL OR delimiter IS NULL OR count IS NULL THEN
        RETURN NULL;
    ELSIF t = '' OR delimiter = '' OR count = 0 THEN
        RETURN '';
    END IF;
    parts := string_to_array(t, delimiter);
    IF abs(count) >= cardinality(parts) THEN
        RETURN t;
    ELSIF count > 0 THEN
        RETURN array_to_string(parts[:count], delimiter);
    END IF;
    -- From the right the delimiters are looked for from the right: aaa and aa differ there.
    parts := string_to_array(reverse(t), reverse(delimiter));
    RETURN reverse(array_to_string(parts[:-count], reverse(delimiter)));
END
$body$;

CREATE OR REPLACE FUNCTION my.pad(t text, size bigint, filling text, is_left boolean) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF t IS NULL OR size IS NULL OR filling IS NULL OR size < 0 THEN
        RETURN NULL;
    ELSIF size <= length(t) THEN
        RETURN left(t, size::int);
    ELSIF filling = '' THEN
        RETURN NULL;
    END IF;
    PERFORM my.bound_length(size);
    RETURN CASE WHEN is_left THEN lpad(t, size::int, filling) ELSE rpad(t, size::int, filling) END;
END
$body$;

CREATE OR REPLACE FUNCTION my.repeat(t text, count bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF t IS NULL OR count IS NULL THEN
        RETURN NULL;
    ELSIF count <= 0 THEN
        RETURN '';
    END IF;
    PERFORM my.bound_length(count::numeric * octet_length(t));
    RETURN repeat(t, count::int);
END
$body$;

CREATE OR REPLACE FUNCTION my.insert(t text, start bigint, count bigint, other text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN t IS NULL OR start IS NULL OR count IS NULL OR other IS NULL THEN NULL
    WHEN start < 1 OR start > length(t) THEN t
    WHEN count < 0 OR start + count > length(t) THEN left(t, (start - 1)::int) || other
    ELSE left(t, (start - 1)::int) || other || substr(t, (start + count)::int)
END;

CREATE OR REPLACE FUNCTION my.find_in_set(part text, list text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN part IS NULL OR list IS NULL THEN NULL
    WHEN strpos(part, ',') > 0 THEN 0
    WHEN list = '' THEN 0
    ELSE coalesce(array_position(string_to_array(list, ','), part), 0)
END;

CREATE OR REPLACE FUNCTION my.trim(t text, part text, at_start boolean, at_end boolean)
RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    first int := 1;
    last int := length(t);
    size int := length(part);
BEGIN
    IF t IS NULL OR part IS NULL THEN
        RETURN NULL;
    ELSIF size = 0 THEN
        RETURN t;
    END IF;
    WHILE at_start AND first + size - 1 <= last AND substr(t, first, size) = part LOOP
        first := first + size;
    END LOOP;
    WHILE at_end AND first + size - 1 <= last AND substr(t, last - size + 1, size) = part LOOP
        last := last - size;
    END LOOP;
    RETURN substr(t, first, last - first + 1);
END
$body$;

CREATE OR REPLACE FUNCTION my.char_bytes(code numeric) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    word bigint := mod(code, 4294967296)::bigint;
    digits text := to_hex(CASE WHEN word < 0 THEN word + 4294967296 ELSE word END);
BEGIN
    IF code IS NULL THEN
        RETURN ''::bytea;
    END IF;
    RETURN decode(repeat('0', length(digits) % 2) || digits, 'hex');
END
$body$;

-- Bytes as the text they are: MySQL answers NULL to bytes that are no UTF-8.
CREATE OR REPLACE FUNCTION my.bytes_as_text(b bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    RETURN convert_from(b, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN my.fail(1300, 'Invalid utf8mb4 character string: ''' || upper(encode(b, 'hex')) || '''');
END
$body$;

CREATE OR REPLACE FUNCTION my.unhex(t text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN t ~ '^[0-9A-Fa-f]*$'
    THEN decode(repeat('0', length(t) % 2) || t, 'hex') END;

CREATE OR REPLACE FUNCTION my.from_base64(t text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    RETURN decode(t, 'base64');
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION my.least_text(VARIADIC list text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT CASE WHEN bool_or(one IS NULL) THEN NULL
    ELSE (array_agg(one ORDER BY my.weight(one), place))[1] END
    FROM unnest(list) WITH ORDINALITY AS given (one, place));

CREATE OR REPLACE FUNCTION my.greatest_text(VARIADIC list text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT CASE WHEN bool_or(one IS NULL) THEN NULL
    ELSE (array_agg(one ORDER BY my.weight(one) DESC, place))[1] END
    FROM unnest(list) WITH ORDINALITY AS given (one, place));

CREATE OR REPLACE FUNCTION my.quote(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN t IS NULL THEN 'NULL' ELSE
    '''' || replace(replace(replace(t, '\', '\\'), '''', '\'''), E'\x1a', '\Z') || '''' END;

-- GROUP_CONCAT's limit of bytes; a character that does not fit is left out whole.
CREATE OR REPLACE FUNCTION my.first_bytes(t text, count bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    kept bytea;
    size int := count;
BEGIN
    IF t IS NULL OR octet_length(t) <= count THEN
        RETURN t;
    END IF;
    kept := convert_to(t, 'UTF8');
    WHILE size > 0 AND get_byte(kept, size) BETWEEN 128 AND 191 LOOP
        size := size - 1;
    END LOOP;
    RETURN convert_from(substr(kept, 1, size), 'UTF8');
END
$body$;

-- A UUID of version 1: the moment, and a random node, as RFC 9562 lets one have it.
CREATE OR REPLACE FUNCTION my.uuid() RETURNS text
LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
    ticks text := lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 10
        + 122192928000000000), 15, '0');
    random text := replace(gen_random_uuid()::text, '-', '');
BEGIN
    RETURN substr(ticks, 8) || '-' || substr(ticks, 4, 4) || '-1' || left(ticks, 3) || '-'
        || to_hex(8 + ('x' || left(random, 1))::bit(4)::int % 4) || substr(random, 2, 3) || '-'
        -- The lowest bit of the first byte says that the node is no network card.
        || substr(random, 21, 1) || substr('13579bdf', ('x' || substr(random, 22, 1))::bit(4)::int
            / 2 + 1, 1) || substr(random, 23, 10);
END
$body$;

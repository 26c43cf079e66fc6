-- JSON as MySQL keeps it: jsonb has the same order of keys. Numbers with a point or an exponent
-- are doubles there, so they are written as the shortest double.
CREATE OR REPLACE FUNCTION my.json_double(x double precision) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    digits text := my.text(x);
BEGIN
    IF digits ~ 'e' THEN
        PERFORM my.fail(1235, 'A double with an exponent in JSON is not supported by this server');
    END IF;
    RETURN CASE WHEN strpos(digits, '.') = 0 THEN digits || '.0' ELSE digits END::jsonb;
END
$body$;

CREATE OR REPLACE FUNCTION my.json_with_doubles(j jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    CASE jsonb_typeof(j)
        WHEN 'object' THEN
            RETURN (SELECT coalesce(jsonb_object_agg(key, my.json_with_doubles(value)), '{}')
                FROM jsonb_each(j));
        WHEN 'array' THEN
            RETURN (SELECT coalesce(jsonb_agg(my.json_with_doubles(value) ORDER BY place), '[]')
                FROM jsonb_array_elements(j) WITH ORDINALITY AS given (value, place));
        WHEN 'number' THEN
            IF scale(j::text::numeric) > 0 OR abs(j::text::numeric) > 18446744073709551615 THEN
                RETURN my.json_double(j::text::double precision);
            END IF;
            RETURN j;
        ELSE
            RETURN j;
    END CASE;
END
$body$;

CREATE OR REPLACE FUNCTION my.json(t text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    parsed jsonb;
BEGIN
    BEGIN
        parsed := t::jsonb;
    EXCEPTION WHEN invalid_text_representation OR untranslatable_character THEN
        PERFORM my.fail(3140, 'Invalid JSON text: "Invalid value." at position 0 in value for '
            'column or argument.');
    END;
    IF t ~ '[0-9][eE][+-]?[0-9]' THEN
        -- jsonb does not remember that 1e2 was no integer.
        PERFORM my.fail_of_exponent(t);
    END IF;
    IF t ~ '[0-9]\.[0-9]|[0-9]{19}' THEN
        RETURN my.json_with_doubles(parsed);
    END IF;
    RETURN parsed;
END
$body$;

CREATE OR REPLACE FUNCTION my.fail_of_exponent(t text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    -- Inside of a string it is no number.
    IF regexp_replace(t, '"([^"\\]|\\.)*"', '""', 'g') ~ '[0-9][eE]' THEN
        PERFORM my.fail(1235, 'A number with an exponent in JSON is not supported by this server');
    END IF;
END
$body$;

CREATE OR REPLACE FUNCTION my.json_valid(t text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN t IS NOT NULL THEN (t IS JSON)::int END;

-- One step after another: `k` a key, `i` an index, `l` an index from the last, `*` every value
-- of an object, `#` every element of an array. A value that is no array is its own element 0.
CREATE OR REPLACE FUNCTION my.json_steps(j jsonb, steps text[]) RETURNS jsonb[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    found jsonb[] := ARRAY[j];
    next jsonb[];
    step text;
    name text;
    value jsonb;
    kind text;
BEGIN
    FOREACH step IN ARRAY steps LOOP
        next := ARRAY[]::jsonb[];
        name := substr(step, 2);
        FOREACH value IN ARRAY found LOOP
            kind := jsonb_typeof(value);
            CASE left(step, 1)
                WHEN 'k' THEN
                    IF kind = 'object' AND value ? name THEN
                        next := next || (value -> name);
                    END IF;
                WHEN 'i' THEN
                    IF kind = 'array' AND name::int < jsonb_array_length(value) THEN
                        next := next || (value -> name::int);
                    ELSIF kind <> 'array' AND name = '0' THEN
                        next := next || value;
                    END IF;
                WHEN 'l' THEN
                    IF kind = 'array' AND name::int < jsonb_array_length(value) THEN
                        next := next || (value -> (jsonb_array_length(value) - 1 - name::int));
                    ELSIF kind <> 'array' AND name = '0' THEN
                        next := next || value;
                    END IF;
                WHEN '*' THEN
                    IF kind = 'object' THEN
                        next := next || ARRAY(SELECT e.value FROM jsonb_each(value) AS e);
                    END IF;
                WHEN '#' THEN
                    IF kind = 'array' THEN
                        next := next || ARRAY(SELECT jsonb_array_elements(value));
                    END IF;
            END CASE;
        END LOOP;
        found := next;
    END LOOP;
    RETURN found;
END
$body$;

CREATE OR REPLACE FUNCTION my.json_get(j jsonb, steps text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN j IS NOT NULL THEN (my.json_steps(j, steps))[1] END;

-- What several paths or a path with a wildcard find, in one array.
CREATE OR REPLACE FUNCTION my.json_found(found jsonb[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN cardinality(found) > 0 THEN to_jsonb(found) END;

CREATE OR REPLACE FUNCTION my.json_unquote(j jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(j) = 'string' THEN j #>> '{}' ELSE j::text END;

CREATE OR REPLACE FUNCTION my.json_unquote_text(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN t LIKE '"%"' AND length(t) > 1 THEN my.json_unquote(my.json(t)) ELSE t END;

CREATE OR REPLACE FUNCTION my.json_type(j jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(j)
    WHEN 'number' THEN CASE
        WHEN scale(j::text::numeric) > 0 THEN 'DOUBLE'
        WHEN j::text::numeric > 9223372036854775807 THEN 'UNSIGNED INTEGER'
        ELSE 'INTEGER' END
    ELSE upper(jsonb_typeof(j))
END;

CREATE OR REPLACE FUNCTION my.json_length(j jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(j)
    WHEN 'array' THEN jsonb_array_length(j)
    WHEN 'object' THEN (SELECT count(*) FROM jsonb_object_keys(j))
    ELSE CASE WHEN j IS NOT NULL THEN 1 END
END;

CREATE OR REPLACE FUNCTION my.json_depth(j jsonb) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    CASE jsonb_typeof(j)
        WHEN 'array' THEN
            RETURN 1 + coalesce((SELECT max(my.json_depth(value))
                FROM jsonb_array_elements(j)), 0);
        WHEN 'object' THEN
            RETURN 1 + coalesce((SELECT max(my.json_depth(value)) FROM jsonb_each(j)), 0);
        ELSE
            RETURN CASE WHEN j IS NOT NULL THEN 1 END;
    END CASE;
END
$body$;

CREATE OR REPLACE FUNCTION my.json_keys(j jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(j) = 'object' THEN
    (SELECT coalesce(jsonb_agg(key ORDER BY octet_length(key), key COLLATE "C"), '[]')
        FROM jsonb_object_keys(j) AS keys (key)) END;

-- JSON_CONTAINS: an array contains what its elements contain, unlike jsonb's @>.
CREATE OR REPLACE FUNCTION my.json_contains(target jsonb, candidate jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF target IS NULL OR candidate IS NULL THEN
        RETURN NULL;
    ELSIF jsonb_typeof(target) = 'array' THEN
        IF jsonb_typeof(candidate) = 'array' THEN
            RETURN NOT EXISTS (SELECT FROM jsonb_array_elements(candidate) AS one
                WHERE NOT my.json_contains(target, one));
        END IF;
        RETURN EXISTS (SELECT FROM jsonb_array_elements(target) AS one
            WHERE my.json_contains(one, candidate));
    ELSIF jsonb_typeof(target) = 'object' THEN
        RETURN jsonb_typeof(candidate) = 'object' AND NOT EXISTS (
            SELECT FROM jsonb_each(candidate) AS asked
            WHERE NOT coalesce(my.json_contains(target -> asked.key, asked.value), false));
    END IF;
    RETURN target = candidate;
END
$body$;

-- JSON_SET, JSON_INSERT, JSON_REPLACE for one path of keys and indexes.
CREATE OR REPLACE FUNCTION my.json_put(j jsonb, steps text[], value jsonb, inserts boolean,
    replaces boolean) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    step text := steps[1];
    kind text := jsonb_typeof(j);
    name text := substr(step, 2);
    place int;
BEGIN
    IF j IS NULL THEN
        RETURN NULL;
    ELSIF cardinality(steps) = 0 THEN
        RETURN CASE WHEN replaces THEN value ELSE j END;
    END IF;
    IF left(step, 1) = 'k' THEN
        IF kind <> 'object' THEN
            RETURN j;
        ELSIF j ? name THEN
            RETURN jsonb_set(j, ARRAY[name],
                my.json_put(j -> name, steps[2:], value, inserts, replaces));
        ELSIF cardinality(steps) = 1 AND inserts THEN
            RETURN jsonb_set(j, ARRAY[name], value);
        END IF;
        RETURN j;
    END IF;
    IF kind <> 'array' THEN
        IF name = '0' THEN
            RETURN my.json_put(j, steps[2:], value, inserts, replaces);
        ELSIF cardinality(steps) = 1 AND inserts AND left(step, 1) = 'i' THEN
            RETURN jsonb_build_array(j, value);
        END IF;
        RETURN j;
    END IF;
    place := CASE WHEN left(step, 1) = 'i' THEN name::int
        ELSE jsonb_array_length(j) - 1 - name::int END;
    IF place BETWEEN 0 AND jsonb_array_length(j) - 1 THEN
        RETURN jsonb_set(j, ARRAY[place::text],
            my.json_put(j -> place, steps[2:], value, inserts, replaces));
    ELSIF place >= 0 AND cardinality(steps) = 1 AND inserts THEN
        RETURN j || jsonb_build_array(value);
    END IF;
    RETURN j;
END
$body$;

CREATE OR REPLACE FUNCTION my.json_remove(j jsonb, steps text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    step text := steps[1];
    kind text := jsonb_typeof(j);
    name text := substr(step, 2);
    place int;
BEGIN
    IF left(step, 1) = 'k' THEN
        IF kind <> 'object' OR NOT j ? name THEN
            RETURN j;
        ELSIF cardinality(steps) = 1 THEN
            RETURN j - name;
        END IF;
        RETURN jsonb_set(j, ARRAY[name], my.json_remove(j -> name, steps[2:]));
    ELSIF kind <> 'array' THEN
        RETURN j;
    END IF;
    place := CASE WHEN left(step, 1) = 'i' THEN name::int
        ELSE jsonb_array_length(j) - 1 - name::int END;
    IF place NOT BETWEEN 0 AND jsonb_array_length(j) - 1 THEN
        RETURN j;
    ELSIF cardinality(steps) = 1 THEN
        RETURN j - place;
    END IF;
    RETURN jsonb_set(j, ARRAY[place::text], my.json_remove(j -> place, steps[2:]));
END
$body$;

-- The order of JSON scalars: NULL, numbers, strings, FALSE, TRUE. Arrays and objects have none
-- that a client could rely on.
CREATE OR REPLACE FUNCTION my.json_key(j jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    CASE jsonb_typeof(j)
        WHEN 'null' THEN
            RETURN 'a';
        WHEN 'number' THEN
            RETURN 'b' || my.number_key(j::text::numeric);
        WHEN 'string' THEN
            RETURN 'c' || (j #>> '{}');
        WHEN 'boolean' THEN
            RETURN CASE WHEN j = 'true' THEN 'g' ELSE 'f' END;
        ELSE
            IF j IS NOT NULL THEN
                PERFORM my.fail(1235,
                    'Sorting of non-scalar JSON values is not supported by this server');
            END IF;
            RETURN NULL;
    END CASE;
END
$body$;

-- A text that sorts as the number does: sign, power of ten, digits; complements below zero.
CREATE OR REPLACE FUNCTION my.number_key(x numeric) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
    power int;
    digits text;
BEGIN
    IF x = 0 THEN
        RETURN '5';
    END IF;
    power := floor(log(abs(x)))::int;
    IF abs(x) < ('1e' || power)::numeric THEN
        power := power - 1;
    ELSIF abs(x) >= ('1e' || power + 1)::numeric THEN
        power := power + 1;
    END IF;
    digits := replace(trim_scale(abs(x) * ('1e' || -power)::numeric)::text, '.', '');
    IF x > 0 THEN
        RETURN '7' || lpad((power + 5000)::text, 5, '0') || digits;
    END IF;
    RETURN '3' || lpad((5000 - power)::text, 5, '0')
        || translate(digits, '0123456789', '9876543210') || 'z';
END
$body$;

CREATE OR REPLACE FUNCTION my.json_name(t text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF t IS NULL THEN
        PERFORM my.fail(3158, 'JSON documents may not contain NULL member names.');
    END IF;
    RETURN t;
END
$body$;

CREATE OR REPLACE FUNCTION my.json_is_member(value jsonb, list jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN value IS NULL OR list IS NULL THEN NULL
    WHEN jsonb_typeof(list) = 'array'
        THEN EXISTS (SELECT FROM jsonb_array_elements(list) AS one WHERE one = value)
    ELSE list = value
END;

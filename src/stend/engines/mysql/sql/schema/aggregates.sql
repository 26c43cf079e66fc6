-- MIN and MAX of texts go by weights and give the text itself, the first of equals.
CREATE OR REPLACE FUNCTION my.lesser(a text, b text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN my.weight(b) < my.weight(a) THEN b ELSE a END;

CREATE OR REPLACE FUNCTION my.greater(a text, b text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN my.weight(b) > my.weight(a) THEN b ELSE a END;

CREATE OR REPLACE FUNCTION my.lesser_bin(a text, b text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN my.weight_bin(b) < my.weight_bin(a) THEN b ELSE a END;

CREATE OR REPLACE FUNCTION my.greater_bin(a text, b text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN my.weight_bin(b) > my.weight_bin(a) THEN b ELSE a END;

CREATE OR REPLACE AGGREGATE my.min(text) (SFUNC = my.lesser, STYPE = text);
CREATE OR REPLACE AGGREGATE my.max(text) (SFUNC = my.greater, STYPE = text);
CREATE OR REPLACE AGGREGATE my.min_bin(text) (SFUNC = my.lesser_bin, STYPE = text);
CREATE OR REPLACE AGGREGATE my.max_bin(text) (SFUNC = my.greater_bin, STYPE = text);

-- GROUP_CONCAT(DISTINCT …): of values with the same key the first stays.
CREATE OR REPLACE FUNCTION my.joined_once(list text[], keys text[], separator text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT string_agg(value, separator ORDER BY place) FROM (
    SELECT DISTINCT ON (key) key, value, place
    FROM unnest(list, keys) WITH ORDINALITY AS given (value, key, place)
    WHERE value IS NOT NULL
    ORDER BY key, place
) AS once);

-- An error of MySQL's own: the server reads its number after the M of the SQLSTATE.
CREATE OR REPLACE FUNCTION my.fail(number int, message text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'M' || lpad(number::text, 4, '0'), MESSAGE = message;
END
$body$;

-- As long as a value of a packet may be (max_allowed_packet).
CREATE OR REPLACE FUNCTION my.bound_length(size numeric) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
    IF size > 16777216 THEN
        PERFORM my.fail(1235, 'A text longer than 16777216 bytes from a function is not supported '
            'by this server');
    END IF;
END
$body$;

-- A value of an AUTO_INCREMENT column: a new one for NULL and 0; the counter is never behind one
-- that is given. Counting and raising the counter keep off each other by a lock that is held for
-- one expression only, in which nothing can interrupt.
CREATE OR REPLACE FUNCTION my.counted(counter regclass, value numeric) RETURNS numeric
LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
    lock bigint := (8011::bigint << 32) | counter::oid::bigint;
    done record;
BEGIN
    IF value IS NULL OR value = 0 THEN
        done := ROW(pg_advisory_lock_shared(lock), nextval(counter),
            pg_advisory_unlock_shared(lock));
        RETURN done.f2;
    END IF;
    RETURN my.kept_ahead(counter, value);
END
$body$;

-- The value; the counter is not behind it any more.
CREATE OR REPLACE FUNCTION my.kept_ahead(counter regclass, value numeric) RETURNS numeric
LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
    lock bigint := (8011::bigint << 32) | counter::oid::bigint;
    done record;
BEGIN
    IF value > my.counter_value(counter) AND value < 9223372036854775807 THEN
        done := ROW(pg_advisory_lock(lock),
            setval(counter, greatest(value::bigint, my.counter_value(counter))),
            pg_advisory_unlock(lock));
    END IF;
    RETURN value;
END
$body$;

CREATE OR REPLACE FUNCTION my.counter_value(counter regclass) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
    found bigint;
BEGIN
    EXECUTE format('SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM %s',
        counter) INTO found;
    RETURN found;
END
$body$;

-- Changes rows one after the other, as MySQL does: each change sees those before it.
CREATE OR REPLACE FUNCTION my.change_each(places tid[], change text)
RETURNS TABLE (matched bigint, changed bigint)
LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
    place tid;
    is_changed boolean;
    count bigint;
BEGIN
    matched := 0;
    changed := 0;
    FOREACH place IN ARRAY places LOOP
        EXECUTE change INTO is_changed USING place;
        GET DIAGNOSTICS count = ROW_COUNT;
        matched := matched + count;
        IF count > 0 AND is_changed THEN
            changed := changed + 1;
        END IF;
    END LOOP;
    RETURN NEXT;
END
$body$;

-- Of a change of joined tables: a row that was found and is not there as it was any more is one
-- that another transaction has changed meanwhile.
CREATE OR REPLACE FUNCTION my.all_changed(wanted bigint, changed bigint, name text) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $body$
BEGIN
    IF changed < wanted THEN
        PERFORM my.fail(1020, format('Record has changed since last read in table ''%s''', name));
    END IF;
    RETURN true;
END
$body$;

-- INSERT, row by row. An insert takes a number of the counter as $1 and gives (id, whether it took
-- it), and nothing where the row is a duplicate. Then an update is tried for each unique key in its
-- order: it gives (changed, id, whether LAST_INSERT_ID(id) was told). As many numbers are used up
-- as there are rows that ask for one; those that the duplicates leave are the last of them.
CREATE OR REPLACE FUNCTION my.upsert_each(inserts text[], updates text[], counter regclass,
    takes_number boolean[])
RETURNS TABLE (given bigint, affected bigint, generated bigint, last numeric)
LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
    keys int := coalesce(cardinality(updates), 0) / cardinality(inserts);
    number numeric;
    unused int := (SELECT count(*) FROM unnest(takes_number) AS one WHERE one);
    is_done boolean;
    is_changed boolean;
    is_told boolean;
    id numeric;
    count bigint;
BEGIN
    given := cardinality(inserts);
    affected := 0;
    FOR at IN 1 .. given LOOP
        is_done := false;
        FOR try IN 1 .. 100 LOOP
            IF takes_number[at] AND number IS NULL THEN
                number := my.counted(counter, NULL);
                unused := unused - 1;
            END IF;
            EXECUTE inserts[at] INTO id, is_told USING number;
            GET DIAGNOSTICS count = ROW_COUNT;
            IF count > 0 THEN
                is_done := true;
                affected := affected + 1;
                last := id;
                IF is_told THEN
                    number := NULL;
                    generated := coalesce(generated, id);
                END IF;
                EXIT;
            END IF;
            FOR key IN 1 .. keys LOOP
                CONTINUE WHEN updates[(at - 1) * keys + key] IS NULL;
                EXECUTE updates[(at - 1) * keys + key] INTO is_changed, id, is_told;
                GET DIAGNOSTICS count = ROW_COUNT;
                CONTINUE WHEN count = 0;
                is_done := true;
                IF is_changed THEN
                    affected := affected + 2;
                    last := id;
                END IF;
                IF is_told THEN
                    generated := id;
                END IF;
                EXIT;
            END LOOP;
            -- Nothing is to be done with a duplicate of INSERT IGNORE.
            EXIT WHEN is_done OR keys = 0;
        END LOOP;
        IF NOT is_done AND keys > 0 THEN
            PERFORM my.fail(1213, 'Deadlock found when trying to get lock; try restarting transaction'
                || left(at::text, 0));
        END IF;
    END LOOP;
    PERFORM my.counted(counter, NULL) FROM generate_series(1, unused);
    RETURN NEXT;
END
$body$;

-- REPLACE, row by row. A delete gives whether MySQL counts it.
CREATE OR REPLACE FUNCTION my.replace_each(inserts text[], deletes text[])
RETURNS TABLE (given bigint, affected bigint, generated bigint, last numeric)
LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
    keys int := coalesce(cardinality(deletes), 0) / cardinality(inserts);
    is_done boolean;
    is_counted boolean;
    is_new boolean;
    id numeric;
    count bigint;
BEGIN
    given := cardinality(inserts);
    affected := 0;
    FOR at IN 1 .. given LOOP
        is_done := false;
        FOR try IN 1 .. 100 LOOP
            FOR key IN 1 .. keys LOOP
                CONTINUE WHEN deletes[(at - 1) * keys + key] IS NULL;
                EXECUTE deletes[(at - 1) * keys + key] INTO is_counted;
                GET DIAGNOSTICS count = ROW_COUNT;
                IF count > 0 AND is_counted THEN
                    affected := affected + 1;
                END IF;
            END LOOP;
            EXECUTE inserts[at] INTO id, is_new;
            GET DIAGNOSTICS count = ROW_COUNT;
            CONTINUE WHEN count = 0;
            is_done := true;
            affected := affected + 1;
            last := id;
            IF is_new AND generated IS NULL THEN
                generated := id;
            END IF;
            EXIT;
        END LOOP;
        IF NOT is_done THEN
            PERFORM my.fail(1213, 'Deadlock found when trying to get lock; try restarting transaction'
                || left(at::text, 0));
        END IF;
    END LOOP;
    RETURN NEXT;
END
$body$;

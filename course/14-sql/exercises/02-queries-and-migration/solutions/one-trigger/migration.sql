-- name: expand
ALTER TABLE customer ADD COLUMN first_name text, ADD COLUMN last_name text;

-- Старый код пишет name, новый — две части: кто изменил своё, того и слушаем.
CREATE FUNCTION keep_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.first_name, NEW.last_name) IS DISTINCT FROM (OLD.first_name, OLD.last_name) THEN
            NEW.name := trim(NEW.first_name || ' ' || NEW.last_name);
        ELSIF NEW.name <> OLD.name THEN
            NEW.first_name := split_part(NEW.name, ' ', 1);
            NEW.last_name := substr(NEW.name, length(NEW.first_name) + 2);
        END IF;
    ELSIF NEW.name IS NULL THEN
        NEW.name := trim(NEW.first_name || ' ' || NEW.last_name);
    ELSE
        NEW.first_name := split_part(NEW.name, ' ', 1);
        NEW.last_name := substr(NEW.name, length(NEW.first_name) + 2);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER keep_names BEFORE INSERT OR UPDATE ON customer
FOR EACH ROW EXECUTE FUNCTION keep_names();

-- name: batch
UPDATE customer
SET first_name = split_part(name, ' ', 1),
    last_name = substr(name, length(split_part(name, ' ', 1)) + 2)
WHERE customer_id IN (
    SELECT customer_id FROM customer WHERE first_name IS NULL
    ORDER BY customer_id LIMIT 1000 FOR UPDATE SKIP LOCKED
);

-- name: finish
ALTER TABLE customer ADD CONSTRAINT customer_names
    CHECK (first_name IS NOT NULL AND last_name IS NOT NULL) NOT VALID;
ALTER TABLE customer VALIDATE CONSTRAINT customer_names;

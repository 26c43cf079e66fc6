-- name: expand
ALTER TABLE customer ADD COLUMN first_name text;
ALTER TABLE customer ADD COLUMN last_name text;

CREATE FUNCTION parts_of(name text) RETURNS text[] IMMUTABLE LANGUAGE sql AS $$
    SELECT regexp_match(name, '^(\S*) ?(.*)$')
$$;

CREATE FUNCTION from_old_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.first_name := (parts_of(NEW.name))[1];
    NEW.last_name := (parts_of(NEW.name))[2];
    RETURN NEW;
END $$;

CREATE FUNCTION from_new_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.name := NEW.first_name || CASE NEW.last_name WHEN '' THEN '' ELSE ' ' END || NEW.last_name;
    RETURN NEW;
END $$;

CREATE TRIGGER a_old_insert BEFORE INSERT ON customer
FOR EACH ROW WHEN (NEW.name IS NOT NULL) EXECUTE FUNCTION from_old_code();
CREATE TRIGGER a_old_update BEFORE UPDATE OF name ON customer
FOR EACH ROW EXECUTE FUNCTION from_old_code();
CREATE TRIGGER b_new_insert BEFORE INSERT ON customer
FOR EACH ROW WHEN (NEW.name IS NULL) EXECUTE FUNCTION from_new_code();
CREATE TRIGGER b_new_update BEFORE UPDATE OF first_name, last_name ON customer
FOR EACH ROW WHEN (NEW.name = OLD.name) EXECUTE FUNCTION from_new_code();

-- name: batch
WITH part AS (
    SELECT customer_id, parts_of(name) AS parts FROM customer
    WHERE last_name IS NULL LIMIT 500
)
UPDATE customer SET first_name = parts[1], last_name = parts[2]
FROM part WHERE part.customer_id = customer.customer_id;

-- name: finish
ALTER TABLE customer ADD CHECK (first_name IS NOT NULL) NOT VALID;
ALTER TABLE customer ADD CHECK (last_name IS NOT NULL) NOT VALID;
ALTER TABLE customer VALIDATE CONSTRAINT customer_first_name_check;
ALTER TABLE customer VALIDATE CONSTRAINT customer_last_name_check;
ALTER TABLE customer ALTER first_name SET NOT NULL, ALTER last_name SET NOT NULL;

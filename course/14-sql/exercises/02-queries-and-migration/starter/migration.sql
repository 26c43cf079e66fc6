-- name: expand
ALTER TABLE customer ADD COLUMN first_name text, ADD COLUMN last_name text;

-- name: batch
UPDATE customer SET first_name = name, last_name = '';

-- name: finish

-- One statement with two actions rewrites once.
ALTER TABLE sessions ALTER COLUMN minutes TYPE bigint;
ALTER TABLE sessions ADD COLUMN token uuid DEFAULT gen_random_uuid();

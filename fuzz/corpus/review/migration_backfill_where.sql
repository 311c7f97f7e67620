ALTER TABLE c ADD COLUMN full_name text;
UPDATE c SET full_name = name WHERE full_name IS NULL;

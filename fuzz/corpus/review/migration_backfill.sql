ALTER TABLE b ADD COLUMN full_name text;
UPDATE b SET full_name = name;

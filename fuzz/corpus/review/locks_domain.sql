ALTER DOMAIN positive ADD CONSTRAINT small CHECK (value < 6);

SET LOCAL lock_timeout = '3s';
ALTER TABLE sessions ADD COLUMN note text;

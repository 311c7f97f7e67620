ALTER TABLE sessions ADD COLUMN duration_minutes integer NOT NULL;

ALTER TABLE sessions ADD CONSTRAINT sessions_minutes_check CHECK (minutes > 0) NOT VALID;

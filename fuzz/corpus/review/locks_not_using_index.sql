CREATE UNIQUE INDEX CONCURRENTLY sessions_key ON sessions (subject, tutor_id);
ALTER TABLE sessions ADD CONSTRAINT sessions_key UNIQUE USING INDEX sessions_key;

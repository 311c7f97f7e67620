SET lock_timeout = DEFAULT;
CREATE INDEX CONCURRENTLY sessions_subject_idx ON sessions (subject);

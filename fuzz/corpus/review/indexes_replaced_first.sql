DROP INDEX CONCURRENTLY sessions_starts_idx;
CREATE INDEX CONCURRENTLY sessions_starts_idx ON sessions (starts, subject);

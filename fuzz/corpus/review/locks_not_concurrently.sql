CREATE INDEX CONCURRENTLY sessions_starts_idx ON sessions (starts);
DROP INDEX CONCURRENTLY sessions_starts_idx;

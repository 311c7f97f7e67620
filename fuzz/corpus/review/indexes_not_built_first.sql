-- The new one is there before the old one goes.
CREATE INDEX CONCURRENTLY sessions_starts_new ON sessions (starts, subject);
DROP INDEX CONCURRENTLY sessions_starts_idx;
ALTER INDEX sessions_starts_new RENAME TO sessions_starts_idx;

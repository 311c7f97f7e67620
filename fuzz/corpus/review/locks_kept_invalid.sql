CREATE INDEX CONCURRENTLY IF NOT EXISTS sessions_code_idx ON sessions (code);

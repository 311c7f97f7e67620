-- Why: the calendar asks for it.
CREATE INDEX IF NOT EXISTS sessions_starts_idx ON sessions (starts);

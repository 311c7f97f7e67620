CREATE TABLE sessions (id uuid PRIMARY KEY, starts timestamptz, subject text);
CREATE INDEX sessions_starts_idx ON sessions (starts);

CREATE TABLE tutors (id uuid PRIMARY KEY, email text, deleted_at timestamptz);
CREATE TABLE sessions (id uuid PRIMARY KEY, note text);
CREATE INDEX sessions_note_idx ON sessions (note);

-- Nothing is looked up in tutors for a table without rows, so nothing waits for it.
ALTER TABLE tutors ADD COLUMN phone text;
CREATE TABLE notes (id uuid PRIMARY KEY, session_id uuid);
ALTER TABLE notes ADD CONSTRAINT notes_session_fk FOREIGN KEY (session_id) REFERENCES sessions (id);
CREATE INDEX notes_session_idx ON notes (session_id);

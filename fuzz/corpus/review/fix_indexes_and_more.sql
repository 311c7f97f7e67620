CREATE INDEX ON sessions (starts);
ALTER TABLE sessions ADD COLUMN note text;
CREATE UNIQUE INDEX sessions_subject_key ON sessions (subject);
ALTER TABLE notes ADD CONSTRAINT notes_subject_fk FOREIGN KEY (session_subject) REFERENCES sessions (subject) NOT VALID;

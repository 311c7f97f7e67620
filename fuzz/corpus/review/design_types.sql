CREATE TABLE notes (id bigint PRIMARY KEY, tutor_id text REFERENCES tutors (id));
CREATE INDEX notes_tutor_idx ON notes (tutor_id);

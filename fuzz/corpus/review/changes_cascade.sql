CREATE TABLE notes (id uuid PRIMARY KEY, tutor_id uuid CONSTRAINT notes_tutor_fk REFERENCES tutors (id) ON DELETE CASCADE);
CREATE INDEX notes_tutor_idx ON notes (tutor_id);
CREATE RULE quiet AS ON DELETE TO notes DO INSTEAD NOTHING;

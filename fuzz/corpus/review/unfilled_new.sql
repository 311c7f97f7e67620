ALTER TABLE sessions ADD COLUMN tutor_id uuid;
ALTER TABLE sessions ADD CONSTRAINT sessions_tutor_fk FOREIGN KEY (tutor_id) REFERENCES tutors (id);
CREATE UNIQUE INDEX sessions_tutor_key ON sessions (tutor_id);

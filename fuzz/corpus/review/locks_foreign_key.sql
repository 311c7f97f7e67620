ALTER TABLE sessions ADD CONSTRAINT sessions_tutor_fk FOREIGN KEY (tutor_id) REFERENCES tutors (id);

ALTER TABLE sessions ADD COLUMN other_id uuid;
UPDATE sessions SET other_id = id WHERE note = 'self';
ALTER TABLE sessions ADD CONSTRAINT sessions_other_fk FOREIGN KEY (other_id) REFERENCES tutors (id);
CREATE INDEX sessions_other_idx ON sessions (other_id);

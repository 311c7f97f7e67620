CREATE TABLE tutors (id uuid PRIMARY KEY, name text NOT NULL, old_field text, rate numeric(10, 4), email text);
CREATE TABLE sessions (id uuid PRIMARY KEY, tutor_id uuid REFERENCES tutors (id), day text);
CREATE INDEX sessions_tutor_idx ON sessions (tutor_id);
CREATE VIEW names AS SELECT name, old_field FROM tutors;
CREATE SCHEMA old;
CREATE TABLE old.archive (id uuid PRIMARY KEY);

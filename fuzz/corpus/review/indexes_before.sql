CREATE TABLE tutors (id uuid PRIMARY KEY, name text, email text);
CREATE TABLE sessions (id uuid PRIMARY KEY, tutor_id uuid REFERENCES tutors (id), starts timestamptz, subject text);
CREATE INDEX sessions_tutor_idx ON sessions (tutor_id);
CREATE INDEX sessions_starts_idx ON sessions (starts);
CREATE INDEX sessions_subject_idx ON sessions (subject);
CREATE INDEX tutors_name_idx ON tutors (name);
CREATE INDEX tutors_name_email_idx ON tutors (name, email);

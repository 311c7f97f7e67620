CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN plain AS integer;
CREATE TABLE tutors (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(50) NOT NULL, rate integer, bio text);
CREATE TABLE sessions (
  id bigint PRIMARY KEY, tutor_id uuid NOT NULL, subject varchar(40) NOT NULL, duration integer, starts timestamptz(3),
  price numeric(10, 2), address cidr, notes text, checked integer
);
CREATE INDEX sessions_tutor_idx ON sessions (tutor_id);
CREATE INDEX sessions_subject_idx ON sessions (subject);
ALTER TABLE sessions ADD CONSTRAINT checked_present CHECK (checked IS NOT NULL) NOT VALID;
ALTER TABLE sessions VALIDATE CONSTRAINT checked_present;

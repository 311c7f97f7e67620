CREATE TABLE tutors (id uuid PRIMARY KEY, name text NOT NULL, rate integer DEFAULT 10, born timestamp, seen timestamptz, zip integer,
  CONSTRAINT tutors_rate_check CHECK (rate > 0));
CREATE TABLE sessions (id uuid PRIMARY KEY, tutor_id uuid, day timestamp, minutes integer,
  CONSTRAINT sessions_tutor_fk FOREIGN KEY (tutor_id) REFERENCES tutors (id));
CREATE INDEX sessions_tutor_idx ON sessions (tutor_id);
CREATE SEQUENCE numbers;
CREATE FUNCTION price(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1';

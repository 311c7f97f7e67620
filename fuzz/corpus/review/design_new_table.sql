CREATE TABLE sessions (
  id serial PRIMARY KEY,
  tutor_id uuid REFERENCES tutors (id),
  payload json,
  starts timestamp,
  country char(2)
);
CREATE TABLE loose (name text);

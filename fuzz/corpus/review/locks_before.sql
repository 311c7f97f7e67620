CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS integer CHECK (value > 0);
CREATE TABLE tutors (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(50) NOT NULL, rate integer, bio text);
CREATE TABLE sessions (
  id bigint PRIMARY KEY, tutor_id uuid NOT NULL, subject text NOT NULL, duration integer, starts timestamp, code varchar(10),
  price numeric(10, 2), mood mood, rating positive, notes text
);
CREATE INDEX sessions_starts_idx ON sessions (starts);
CREATE INDEX sessions_tutor_idx ON sessions (tutor_id);
CREATE INDEX sessions_notes_idx ON sessions (notes);
CREATE MATERIALIZED VIEW totals AS SELECT tutor_id, count(*) FROM sessions GROUP BY 1;
CREATE TABLE events (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_default PARTITION OF events DEFAULT;
CREATE TABLE events_2026 (id bigint, at timestamptz NOT NULL);

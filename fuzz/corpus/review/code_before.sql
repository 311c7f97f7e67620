CREATE TYPE status AS ENUM ('open', 'done');
CREATE TABLE tutors (id uuid PRIMARY KEY, name text, bio text, checked text CHECK (checked IS NOT NULL));
CREATE TABLE lessons (id uuid PRIMARY KEY, status status);
CREATE VIEW names AS SELECT name FROM tutors;
CREATE SCHEMA app;

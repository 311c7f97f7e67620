CREATE TABLE tutors (id uuid PRIMARY KEY, name text, city text, country text, zip text);
CREATE INDEX tutors_city_name_idx ON tutors (city, name);

CREATE INDEX CONCURRENTLY tutors_city_idx ON tutors (city);
CREATE INDEX CONCURRENTLY tutors_wide_idx ON tutors (country, zip, city, name);

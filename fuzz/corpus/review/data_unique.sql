CREATE UNIQUE INDEX CONCURRENTLY tutors_name_key ON tutors (name);

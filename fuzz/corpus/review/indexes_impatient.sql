SET lock_timeout = '3s';
CREATE INDEX CONCURRENTLY tutors_email_idx ON tutors (email);

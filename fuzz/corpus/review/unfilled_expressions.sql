CREATE UNIQUE INDEX CONCURRENTLY tutors_email_key ON tutors (lower(email));
CREATE UNIQUE INDEX CONCURRENTLY tutors_live_key ON tutors (email) WHERE deleted_at IS NULL;

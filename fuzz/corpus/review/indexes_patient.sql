SET lock_timeout = '3s';
ALTER TABLE tutors ADD COLUMN bio text;
SET lock_timeout = 0;
REINDEX INDEX CONCURRENTLY tutors_name_idx;

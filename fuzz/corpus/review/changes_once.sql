ALTER TABLE tutors ALTER COLUMN zip TYPE bigint, ADD COLUMN token uuid DEFAULT gen_random_uuid();
ANALYZE tutors (zip);

ALTER TABLE tutors ADD COLUMN token uuid DEFAULT gen_random_uuid();
ALTER TABLE tutors ADD COLUMN number serial;
ALTER TABLE tutors ADD COLUMN stars positive;
ALTER TABLE sessions ALTER COLUMN duration TYPE bigint;
ALTER TABLE sessions ALTER COLUMN price TYPE numeric(12, 4);

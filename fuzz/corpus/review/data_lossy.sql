ALTER TABLE tutors ALTER COLUMN rate TYPE integer;

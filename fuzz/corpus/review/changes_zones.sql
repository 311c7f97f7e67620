ALTER TABLE tutors ALTER COLUMN born TYPE timestamptz;
ALTER TABLE tutors ALTER COLUMN seen TYPE timestamp;

ALTER TABLE tutors ADD COLUMN phone text;

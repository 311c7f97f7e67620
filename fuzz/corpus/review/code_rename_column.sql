ALTER TABLE tutors RENAME COLUMN bio TO biography;

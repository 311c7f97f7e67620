ALTER TABLE tutors ADD CONSTRAINT tutors_zip_check CHECK (zip > 0) NOT VALID;

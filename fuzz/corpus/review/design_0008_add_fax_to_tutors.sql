ALTER TABLE tutors ADD COLUMN fax text;

ALTER TABLE tutors ADD CHECK (name <> '') NOT VALID;
ALTER TABLE tutors ADD COLUMN the_preferred_language_of_communication_with_parents_and_students text;

ALTER TABLE tutors DROP CONSTRAINT tutors_rate_check;
ALTER TABLE sessions DROP CONSTRAINT sessions_tutor_fk;

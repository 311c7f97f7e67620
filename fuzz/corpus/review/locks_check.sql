ALTER TABLE sessions ADD CONSTRAINT sessions_duration_check CHECK (duration > 0);
ALTER TABLE tutors ADD COLUMN age integer CHECK (age > 17);

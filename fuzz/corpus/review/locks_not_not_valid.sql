ALTER TABLE sessions ADD CONSTRAINT sessions_tutor_fk FOREIGN KEY (tutor_id) REFERENCES tutors (id) NOT VALID;
ALTER TABLE sessions ADD CONSTRAINT sessions_price_check CHECK (price >= 0) NOT VALID;

ALTER TABLE sessions DROP CONSTRAINT sessions_tutor_fk;

CREATE INDEX sessions_tutor_time_idx ON sessions (tutor_id, starts);

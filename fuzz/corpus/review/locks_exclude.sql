ALTER TABLE sessions ADD CONSTRAINT sessions_no_overlap EXCLUDE USING btree (tutor_id WITH =);

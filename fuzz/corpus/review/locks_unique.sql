ALTER TABLE sessions ADD CONSTRAINT sessions_code_key UNIQUE (code);

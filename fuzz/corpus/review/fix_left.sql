CREATE INDEX events_at_idx ON events (at);
ALTER TABLE sessions ALTER COLUMN minutes TYPE bigint;
ALTER TABLE sessions ADD COLUMN a text, ALTER COLUMN code SET NOT NULL;
ALTER TABLE sessions ADD PRIMARY KEY (id);
DROP INDEX sessions_code_idx;
ALTER TABLE sessions ADD CONSTRAINT minutes_check CHECK (minutes > 0); -- sluice:allow SL106 ten rows

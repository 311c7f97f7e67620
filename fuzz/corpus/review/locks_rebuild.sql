ALTER TABLE sessions ALTER COLUMN starts TYPE timestamptz;

ALTER TABLE tutors ADD COLUMN phone text;
CREATE INDEX sessions_price_idx ON sessions (price);

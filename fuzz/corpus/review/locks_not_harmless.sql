COMMENT ON TABLE sessions IS 'lessons';
ALTER TABLE sessions ALTER COLUMN price SET DEFAULT 0;
ALTER TABLE sessions ALTER COLUMN duration DROP NOT NULL;
CREATE VIEW cheap AS SELECT * FROM sessions WHERE price < 10;
INSERT INTO tutors (name) VALUES ('Ada');
UPDATE tutors SET rate = 10 WHERE name = 'Ada';
ALTER TYPE mood ADD VALUE 'happy';

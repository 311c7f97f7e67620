ALTER TABLE sessions ALTER COLUMN day TYPE date USING day::date;

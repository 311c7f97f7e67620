-- PostgreSQL drops before it adds, whatever the order of the text.
ALTER TABLE sessions ADD COLUMN note integer, DROP COLUMN note;

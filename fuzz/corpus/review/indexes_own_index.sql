-- An index that is made here is nobody's yet.
CREATE TABLE fresh (id uuid PRIMARY KEY, a text);
CREATE INDEX fresh_a ON fresh (a);
DROP INDEX fresh_a;
CREATE INDEX fresh_a ON fresh (a, id);

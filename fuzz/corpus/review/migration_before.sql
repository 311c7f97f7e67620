CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE a (id int PRIMARY KEY, name text, mood mood);
CREATE TABLE b (id int PRIMARY KEY, name text);
CREATE TABLE c (id int PRIMARY KEY, name text);
CREATE TABLE d (id int PRIMARY KEY, name text);
CREATE VIEW names AS SELECT name FROM a;

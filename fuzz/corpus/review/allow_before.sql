CREATE TABLE t (id int PRIMARY KEY, a text, b text, c text, d text);

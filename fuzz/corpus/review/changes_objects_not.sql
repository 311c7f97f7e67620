-- What is made again, or was never there, is missed by nobody.
CREATE FUNCTION cost(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1';
DROP FUNCTION cost(integer);
CREATE FUNCTION cost(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1';
DROP FUNCTION IF EXISTS never_there();
DROP SEQUENCE IF EXISTS never_there;

ALTER TABLE sessions ADD CONSTRAINT positive_price CHECK (price > 0) NOT VALID;
ALTER TABLE sessions VALIDATE CONSTRAINT positive_price;

ALTER TABLE sessions ADD COLUMN minutes integer;--> statement-breakpoint
UPDATE sessions SET minutes = 60;--> statement-breakpoint
ALTER TABLE sessions ALTER COLUMN minutes SET NOT NULL;--> statement-breakpoint
ALTER TABLE sessions ALTER COLUMN day SET NOT NULL;

-- Migration: 0003_add_duration_to_sessions
-- Created: 2026-01-03
ALTER TABLE "sessions" ADD COLUMN "a;b" text DEFAULT 'it''s; not; the end';
--> statement-breakpoint
CREATE INDEX CONCURRENTLY "i" ON "t" ("a") WHERE "b" = E'\'';--> statement-breakpoint
BEGIN; SELECT U&"d\0061t" UESCAPE '\', $1, a$b$c, $$ ; $$, $é$ ; $é$; COMMIT
;;
--> statement-breakpoint

-- nothing but a comment
--> statement-breakpoint
CREATE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN 1=1 THEN 2 END; END; VACUUM

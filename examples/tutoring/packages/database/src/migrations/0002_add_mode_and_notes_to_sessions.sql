CREATE TYPE "public"."session_mode" AS ENUM('online', 'in_person');--> statement-breakpoint
ALTER TYPE "public"."invoice_status" ADD VALUE 'void';--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "mode" "session_mode" DEFAULT 'online' NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "notes" text;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "void_reason" text;--> statement-breakpoint
CREATE INDEX "tutors_subjects_idx" ON "tutors" USING gin ("subjects");--> statement-breakpoint
CREATE INDEX "sessions_upcoming_idx" ON "sessions" USING btree ("start_time") WHERE "sessions"."status" = 'scheduled';
-- Migration: 0004_sessions_and_mails

ALTER TABLE "sessions" ADD COLUMN "note" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_tutor_fk" FOREIGN KEY ("tutor_id") REFERENCES "public"."tutors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CHECK (minutes > 0);--> statement-breakpoint
ALTER TABLE "tutors" ADD CONSTRAINT "tutors_email_unique" UNIQUE NULLS NOT DISTINCT ("email");

-- Migration: 0001_note
-- Created: 2026-01-01

ALTER TABLE "sessions" ADD COLUMN "note" text;

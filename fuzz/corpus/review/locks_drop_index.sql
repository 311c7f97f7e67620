DROP INDEX sessions_notes_idx;

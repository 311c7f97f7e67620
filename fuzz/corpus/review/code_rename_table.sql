ALTER TABLE lessons RENAME TO sessions;

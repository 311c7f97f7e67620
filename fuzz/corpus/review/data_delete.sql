DELETE FROM sessions WHERE day IS NULL;
DELETE FROM sessions;

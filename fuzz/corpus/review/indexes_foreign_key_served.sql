DROP INDEX CONCURRENTLY sessions_tutor_idx;

CLUSTER sessions USING sessions_starts_idx;

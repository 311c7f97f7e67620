// The rules, in the order of their codes. A new rule is a file here, a line here and in table.cpp, a section in
// docs/rules.md and cases in tests/cases/review.
#pragma once

#include "review/rule.hpp"

namespace sluice::review {

extern const Rule index_blocks_writes, drop_index_blocks, reindex_blocks, invalid_index_is_kept,
    foreign_key_blocks_writes, check_blocks, not_null_blocks, unique_blocks, exclusion_blocks, table_rewrite,
    type_change_rebuilds_index, domain_constraint_blocks, partition_blocks, detach_blocks, refresh_blocks_reads,
    maintenance_blocks, validate_in_same_transaction, work_under_lock, many_tables_locked, explicit_lock,
    index_replaced_drop_first, lock_timeout_breaks_concurrently, index_corrupting_server, rewritten_twice,
    statistics_lost, drop_column, drop_table, truncate, delete_rows, drop_schema, drop_database, lossy_type_change,
    may_fail_on_data, required_column_without_value, cascade_takes_more, constraint_dropped, time_zone_decides,
    trigger_disabled, drop_extension, drop_sequence, never_validated, rename_column, rename_table, rename_schema,
    not_null_breaks_old_code, old_code_cannot_insert, enum_value_renamed, view_dropped, not_null_dropped,
    default_changed, function_dropped, foreign_key_without_index, table_without_primary_key, json_column, serial_column,
    timestamp_without_time_zone, char_column, small_primary_key, name_too_long, unnamed_constraint, duplicate_index,
    foreign_key_type_differs, wide_index, index_dropped, cascade_deletes, rule_created, refused_by_server,
    transaction_control, own_transaction_only, backfill_in_migration, not_understood, not_judged, undescriptive_name,
    comment_missing, extension_created, edited_migration, table_without_row_security, policy_always_true,
    supabase_schema_touched, policy_without_row_security, row_security_without_policy, row_security_off,
    security_definer_search_path, grant_to_everybody, password_in_migration, superuser, grant_option, role_switched,
    policy_calls_for_each_row, view_passes_row_security, policy_trusts_user_metadata, auth_users_exposed,
    policies_together, distributed_key, distributed_foreign_key, distributed_refused, coordinator_only,
    distribution_blocks, allowance_without_reason, allowance_unused;

}  // namespace sluice::review

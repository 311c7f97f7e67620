#include "apply/restore_point.hpp"

#include "base/text.hpp"

namespace sluice::apply {

Recovery recovery_of(server::Connection& connection) {
  server::Rows found = connection.execute(
      "SELECT pg_catalog.current_setting('archive_mode') <> 'off' AND pg_catalog.current_setting('wal_level') <> "
      "'minimal', pg_catalog.has_function_privilege('pg_catalog.pg_create_restore_point(text)', 'EXECUTE') AND "
      "pg_catalog.current_setting('wal_level') <> 'minimal' AND NOT pg_catalog.pg_is_in_recovery()");
  return {found.text(0, 0) == "t", found.text(0, 1) == "t"};
}

bool is_major(std::string_view sql) {
  for (const std::string& line : text::split(sql, "\n"))
    if (text::trim(line) == "-- sluice:major") return true;
  return false;
}

RestorePoint write_restore_point(server::Connection& connection, const LedgerName& name, const Ledger& ledger,
                                 const history::Entry& entry, const std::string& run_id, const std::string& saved) {
  RestorePoint point;
  point.migration = entry.tag;
  point.run_id = run_id;
  point.saved = saved;
  Recovery recovery = recovery_of(connection);
  // A name has 63 bytes at most, and must not end inside of a character.
  std::string what = entry.tag;
  if (what.size() > 40) {
    size_t end = 40;
    while (end > 0 && (static_cast<unsigned char>(what[end]) & 0xC0) == 0x80) end--;
    what.resize(end);
  }
  if (recovery.may_write_point) point.name = "before " + what + " " + run_id;
  server::Rows now = connection.execute(
      "SELECT pg_catalog.to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
      "pg_catalog.pg_current_wal_insert_lsn()::text");
  point.made_at = now.text(0, 0);
  point.lsn = now.text(0, 1);
  auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  if (ledger.writable.contains("restore_points"))
    connection.query(
        "INSERT INTO sluice.restore_points (ledger, migration, name, lsn, made_at, run_id, saved) VALUES ($1, $2, $3, "
        "$4, $5::timestamptz, $6, $7)",
        {name.sql(), entry.tag, given(point.name), point.lsn, point.made_at, run_id, given(saved)});
  if (!point.name.empty()) connection.query("SELECT pg_catalog.pg_create_restore_point($1)", {point.name});
  return point;
}

std::vector<RestorePoint> read_restore_points(server::Connection& connection, const LedgerName& name) {
  if (connection
          .execute("SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'sluice' AND tablename = 'restore_points'")
          .empty())
    return {};
  server::Rows rows = connection.query(
      "SELECT name, migration, run_id, to_char(made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
      "lsn::text, saved FROM sluice.restore_points WHERE ledger = $1 ORDER BY id DESC",
      {name.sql()});
  std::vector<RestorePoint> out;
  for (size_t i = 0; i < rows.size(); i++)
    out.push_back(
        {rows.text(i, 0), rows.text(i, 1), rows.text(i, 2), rows.text(i, 3), rows.text(i, 4), rows.text(i, 5)});
  return out;
}

}  // namespace sluice::apply

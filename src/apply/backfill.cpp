#include "apply/backfill.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "sql/lexer.hpp"
#include "sql/parse.hpp"
#include "sql/quote.hpp"
#include "sql/statements.hpp"

namespace sluice::apply {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;
using server::Rows;

namespace {

// Policies would hide rows from a role that they count for, and the backfill would end without them: an error instead.
constexpr std::string_view see_all_rows = "SET LOCAL row_security = off; ";

constexpr std::int64_t smallest = 20, largest = 200'000, most_passes = 5;
constexpr double longest_average = 60;  // seconds

[[noreturn]] void refuse(const std::string& why) {
  ErrorContext context;
  context.hint =
      "A backfill is UPDATE table SET … WHERE … or DELETE FROM table WHERE …, of one table and without FROM, USING, "
      "WITH "
      "or RETURNING; a subquery may say what other tables are needed for. Or take the comment -- sluice:backfill away.";
  throw Error("this statement cannot run in batches: " + why, context);
}

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

// Where the statement's own WHERE begins; the end of the text if it has none. Refuses clauses that batches cannot have.
size_t place_of_where(std::string_view text) {
  sql::Lexer lexer(text);
  int depth = 0;
  size_t where = text.size();
  std::string previous;
  for (size_t at = lexer.skip_blank(0); at < text.size();) {
    const size_t end = lexer.end_of_token(at);
    const std::string token = text::to_lower(text.substr(at, end - at));
    if (token == "(" || token == "[") depth++;
    if (token == ")" || token == "]") depth--;
    if (depth == 0) {
      if (token == "where" && where == text.size()) where = at;
      // DELETE FROM, and IS DISTINCT FROM.
      if (token == "from" && previous != "delete" && previous != "distinct") refuse("it has a FROM");
      if (token == "using") refuse("it has a USING");
      if (token == "returning") refuse("it has a RETURNING");
    }
    previous = token;
    at = lexer.skip_blank(end);
  }
  return where;
}

}  // namespace

Backfill::Backfill(server::Connection& connection, std::string_view statement, bool once_by_page,
                   const std::string& cursor, const BackfillOptions& options)
    : connection_(connection), options_(options), once_(once_by_page), begun_(Clock::now()) {
  const sql::ParsedFile parsed = sql::parse(statement);
  if (parsed.statements.size() != 1) refuse("it is not one statement that can be understood");
  const sql::Command& command = parsed.statements.front().command;
  const auto* update = std::get_if<sql::Update>(&command);
  const auto* remove = std::get_if<sql::Delete>(&command);
  if (!update && !remove) refuse("it is neither UPDATE nor DELETE");
  const std::vector<std::string> tokens = sql::tokens(statement);
  if (tokens.front() != "update" && tokens.front() != "delete") refuse("it begins with WITH");
  removes_ = remove != nullptr;
  only_ = std::find(tokens.begin(), tokens.begin() + std::min<std::ptrdiff_t>(3, std::ssize(tokens)), "only") !=
          tokens.begin() + std::min<std::ptrdiff_t>(3, std::ssize(tokens));
  const sql::Name& name = update ? update->table.name : remove->table.name;
  table_ = sql::qualified(name.schema, name.name);
  const size_t where = place_of_where(statement);
  head_ = statement.substr(0, where);
  condition_ = where < statement.size() ? std::string(statement.substr(where + 5)) : "true";
  hash_ = files::sha256(statement);
  progress_.table = name.name;

  choose_way();
  begin_pass();
  if (!cursor.empty()) go_on_at(cursor);
}

void Backfill::go_on_at(const std::string& cursor) {
  const Json saved = Json::parse(cursor, nullptr, false);
  if (!saved.is_object() || saved.value("statement", "") != hash_) return;
  if (!key_.empty()) {
    if (saved.value("key", std::vector<std::string>{}) != key_) return;
    auto values = [](const Json& list) {
      std::vector<std::optional<std::string>> out;
      for (const Json& value : list) out.emplace_back(value.get<std::string>());
      return out;
    };
    place_.at = values(saved["at"]);
    place_.end = values(saved["end"]);
  } else {
    if (!saved.contains("page") || saved.value("files", files_of(tables_)) != files_of(tables_)) return;
    place_.pass = saved.value("pass", place_.pass);
    place_.changed_in_pass = saved.value("changed_in_pass", place_.changed_in_pass);
    place_.table = saved.value("table", place_.table);
    place_.page = saved.value("page", place_.page);
    // The pages of this pass are those that there were when it began.
    if (place_.table < tables_.size()) tables_[place_.table].pages = saved.value("pages", tables_[place_.table].pages);
  }
  place_.changed = saved.value("changed", std::int64_t{0});
  place_.seen = seen_before_ = saved.value("seen", std::int64_t{0});
  size_ = std::clamp(saved.value("size", size_), smallest, largest);
}

std::string Backfill::files_of(const std::vector<Table>& tables) {
  std::string out;
  for (const Table& table : tables) out += table.file + " ";
  return out;
}

std::string Backfill::cursor() const {
  Json out{{"statement", hash_}, {"changed", place_.changed}, {"seen", place_.seen}, {"size", size_}};
  if (!key_.empty()) {
    auto list = [](const std::vector<std::optional<std::string>>& values) {
      Json json = Json::array();
      for (const auto& value : values) json.push_back(value.value_or(""));
      return json;
    };
    out["key"] = key_;
    out["at"] = list(place_.at);
    out["end"] = list(place_.end);
  } else {
    out["pass"] = place_.pass;
    out["changed_in_pass"] = place_.changed_in_pass;
    out["table"] = place_.table;
    out["page"] = place_.page;
    out["files"] = files_of(tables_);
    out["pages"] = place_.table < tables_.size() ? tables_[place_.table].pages : 0;
  }
  return out.dump();
}

void Backfill::choose_way() {
  Rows found = connection_.query(
      "SELECT c.oid, c.relkind, EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhparent = c.oid) FROM "
      "pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.regclass",
      {table_});
  const std::string oid = found.text(0, 0);
  const bool partitioned = found.text(0, 1) == "p", has_children = found.text(0, 2) == "t" && !only_;
  // A condition on the pages of one partition has all of them looked at.
  const bool by_page = once_ && !partitioned && !has_children && connection_.version() >= 140000;
  if ((partitioned || !has_children) && !by_page) choose_key(oid);
  Rows leaves = connection_.query(
      "WITH RECURSIVE tree AS (SELECT $1::pg_catalog.oid AS oid UNION ALL SELECT i.inhrelid FROM "
      "pg_catalog.pg_inherits i JOIN tree ON i.inhparent = tree.oid WHERE $2::boolean) SELECT c.oid, "
      "greatest(c.reltuples, 0)::bigint FROM tree JOIN pg_catalog.pg_class c USING (oid) WHERE c.relkind IN ('r', 'm') "
      "ORDER BY c.oid",
      {oid, has_children ? "t" : "f"});
  for (size_t i = 0; i < leaves.size(); i++) {
    tables_.push_back({leaves.text(i, 0), "", 0});
    progress_.total += std::stoll(leaves.text(i, 1));
  }
}

void Backfill::choose_key(const std::string& oid) {
  Rows keys = connection_.query(
      "SELECT i.indexrelid, pg_catalog.quote_ident(a.attname), pg_catalog.format_type(a.atttypid, a.atttypmod) FROM "
      "(SELECT x.* FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid JOIN "
      "pg_catalog.pg_am m ON m.oid = c.relam WHERE x.indrelid = $1::pg_catalog.oid AND x.indisunique AND x.indisvalid "
      "AND x.indimmediate AND x.indpred IS NULL AND x.indexprs IS NULL AND m.amname = 'btree' AND NOT EXISTS (SELECT "
      "FROM pg_catalog.unnest((x.indkey::pg_catalog.int2[])[0:x.indnkeyatts - 1]) AS n(number) JOIN "
      "pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = n.number WHERE NOT a.attnotnull) ORDER BY "
      "x.indisprimary DESC, x.indnkeyatts, x.indexrelid LIMIT 1) i CROSS JOIN LATERAL "
      "pg_catalog.unnest((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1]) WITH ORDINALITY AS n(number, place) JOIN "
      "pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = n.number ORDER BY n.place",
      {oid});
  for (size_t i = 0; i < keys.size(); i++) {
    key_.push_back(keys.text(i, 1));
    types_.push_back(keys.text(i, 2));
  }
}

void Backfill::begin_pass() {
  if (!key_.empty()) {
    std::vector<std::string> as_text, down;
    for (const std::string& column : key_) {
      as_text.push_back(column + "::text AS sluice_" + std::to_string(as_text.size()));
      down.push_back(column + " DESC");
    }
    // One text is one transaction.
    Rows last = connection_.execute(std::string(see_all_rows) + "SELECT " + text::join(as_text, ", ") + " FROM " +
                                    table_ + " ORDER BY " + text::join(down, ", ") + " LIMIT 1");
    place_.end.clear();
    if (!last.empty()) place_.end = last.rows.front();
    return;
  }
  look_at_pages();
  place_.table = 0;
  place_.page = place_.changed_in_pass = 0;
  place_.pass++;
}

void Backfill::look_at_pages() {
  std::int64_t pages = 0;
  for (Table& table : tables_) {
    const Rows found = connection_.query(
        "SELECT coalesce(pg_catalog.pg_relation_size($1::pg_catalog.oid), 0) / "
        "pg_catalog.current_setting('block_size')::bigint, "
        "pg_catalog.pg_relation_filenode($1::pg_catalog.oid)",
        {table.oid});
    table.pages = std::stoll(found.text(0, 0));
    table.file = found.text(0, 1);
    pages += table.pages;
  }
  // As the planner estimates.
  if (pages > 0 && progress_.total > 0) rows_on_page_ = std::max<std::int64_t>(1, progress_.total / pages);
}

// "(a, b) > ($1::int, $2::text)"
std::string Backfill::range(const std::string& operation, size_t first_parameter) const {
  std::vector<std::string> values;
  for (size_t i = 0; i < key_.size(); i++)
    values.push_back("$" + std::to_string(first_parameter + i) + "::" + types_[i]);
  return "(" + text::join(key_, ", ") + ") " + operation + " (" + text::join(values, ", ") + ")";
}

bool Backfill::batch() {
  before_batch_ = place_;
  // A batch that a crash of the server takes back takes its note with it, so nobody need wait for the disk.
  connection_.execute(std::string(see_all_rows) +
                      "SET LOCAL statement_timeout = 0; SET LOCAL synchronous_commit = off");
  return key_.empty() ? page_batch() : key_batch();
}

bool Backfill::key_batch() {
  if (place_.end.empty() || place_.at == place_.end) return false;
  std::vector<std::string> as_text;
  // Under other names: ORDER BY would mean the text.
  for (const std::string& column : key_)
    as_text.push_back(column + "::text AS sluice_" + std::to_string(as_text.size()));
  // Where the batch ends: the key of its last row.
  std::vector<std::optional<std::string>> parameters = place_.end;
  std::string where = range("<=", 1);
  if (!place_.at.empty()) {
    where += " AND " + range(">", 1 + key_.size());
    parameters.insert(parameters.end(), place_.at.begin(), place_.at.end());
  }
  Rows upper =
      connection_.query("SELECT " + text::join(as_text, ", ") + " FROM " + table_ + " WHERE " + where + " ORDER BY " +
                            text::join(key_, ", ") + " OFFSET " + std::to_string(size_ - 1) + " LIMIT 1",
                        parameters);
  const std::vector<std::optional<std::string>> to = upper.empty() ? place_.end : upper.rows.front();
  parameters = to;
  where = range("<=", 1);
  if (!place_.at.empty()) {
    where += " AND " + range(">", 1 + key_.size());
    parameters.insert(parameters.end(), place_.at.begin(), place_.at.end());
  }
  Rows done = connection_.query(head_ + " WHERE (" + condition_ + "\n) AND " + where, parameters);
  place_.changed += std::stoll(done.command_tag.substr(done.command_tag.rfind(' ') + 1));
  place_.seen += size_;
  place_.at = to;
  return true;
}

bool Backfill::page_batch() {
  while (place_.table < tables_.size() && place_.page >= tables_[place_.table].pages) {
    place_.table++;
    place_.page = 0;
  }
  if (place_.table == tables_.size()) {
    // A row that another session wrote meanwhile may have moved to a page that was done already.
    const std::string files = files_of(tables_);
    look_at_pages();
    const bool moved = files != files_of(tables_);
    if (!moved && (once_ || place_.changed_in_pass == 0 || place_.pass >= most_passes)) return false;
    begin_pass();
    return page_batch();
  }
  const Table& table = tables_[place_.table];
  const std::int64_t pages = std::max<std::int64_t>(1, size_ / rows_on_page_),
                     to = std::min(place_.page + pages, table.pages);
  std::string where;
  if (connection_.version() >= 140000)
    where = fmt::format("ctid >= '({},0)'::tid AND ctid < '({},0)'::tid", place_.page, to);
  else
    // PostgreSQL 13 has no scan of a range of pages; 291 rows fit into one at most.
    where = fmt::format(
        "ctid = ANY (ARRAY(SELECT ('(' || p || ',' || n || ')')::tid FROM generate_series({}, {}) p, "
        "generate_series(1, 291) n))",
        place_.page, to - 1);
  if (tables_.size() > 1) where = "tableoid = " + table.oid + "::oid AND " + where;
  const std::string statement = head_ + " WHERE (" + condition_ + "\n) AND " + where;
  std::int64_t changed = 0;
  if (removes_ || once_) {
    Rows done = connection_.execute(statement);
    changed = std::stoll(done.command_tag.substr(done.command_tag.rfind(' ') + 1));
  } else {
    // A row that was written stands on a later page: without an end in sight if the condition still holds for it.
    Rows done = connection_.execute("WITH sluice_batch AS (" + statement + " RETURNING (" + condition_ +
                                    "\n) AS again) SELECT count(*), count(*) FILTER (WHERE again) FROM sluice_batch");
    changed = std::stoll(done.text(0, 0));
    if (done.text(0, 1) != "0")
      refuse(
          "the table has no unique key without NULLs, and the WHERE of the statement still holds for rows that it has "
          "written");
  }
  place_.changed += changed;
  place_.changed_in_pass += changed;
  if (place_.pass == 1) place_.seen += (to - place_.page) * rows_on_page_;
  place_.page = to;
  return true;
}

void Backfill::shrink() {
  place_ = before_batch_;
  size_ = std::max(smallest, size_ / 2);
}

void Backfill::committed(Clock::duration took) {
  // Towards the time that a batch should take, not too fast: one batch may have been lucky.
  const double wanted = std::chrono::duration<double>(options_.batch_time).count();
  const double factor = std::clamp(wanted / std::max(seconds(took), 1e-4), 0.5, 2.0);
  size_ = std::clamp(static_cast<std::int64_t>(static_cast<double>(size_) * factor), smallest, largest);
  if (Clock::now() - reported_ > 100ms) report("", false);
}

void Backfill::report(const std::string& paused, bool done) const {
  if (!options_.progress) return;
  BackfillProgress progress = progress_;
  progress.changed = place_.changed;
  progress.seen = place_.seen;
  progress.seconds = seconds(Clock::now() - begun_);
  progress.paused = paused;
  progress.done = done;
  progress.total = std::max(progress.total, progress.seen);
  const double rate = static_cast<double>(progress.seen - seen_before_) / std::max(progress.seconds, 1e-3);
  if (rate > 0) progress.seconds_left = static_cast<double>(progress.total - progress.seen) / rate;
  options_.progress(progress);
}

void Backfill::finish() { report("", true); }

std::string Backfill::why_to_wait() {
  if (!options_.pause_file.empty() && std::filesystem::exists(options_.pause_file))
    return options_.pause_file.string() + " exists";
  Rows now = connection_.execute(
      "SELECT (SELECT coalesce(extract(epoch FROM max(replay_lag)), 0) FROM pg_catalog.pg_stat_replication), (SELECT "
      "count(*) FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid) WHERE NOT l.granted AND "
      "a.datname = current_database()), (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) "
      "FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND "
      "backend_type <> "
      "'autovacuum worker' AND "
      "(backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)), pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_lsn, "
      "extract(epoch FROM clock_timestamp())");
  auto over = [](double value, double limit) { return limit > 0 && value > limit; };
  const double lag = std::stod(now.text(0, 0)), waits = std::stod(now.text(0, 1)), age = std::stod(now.text(0, 2));
  if (over(lag, options_.max_replica_lag)) return fmt::format("a replica is {:.0f} s behind", lag);
  if (over(waits, options_.max_lock_waits)) return fmt::format("{:.0f} sessions wait for locks", waits);
  if (over(age, options_.max_transaction_age)) return fmt::format("a transaction has been open for {:.0f} s", age);
  if (options_.max_wal > 0) {
    const Written at{std::stod(now.text(0, 3)), std::stod(now.text(0, 4))};
    const double bytes = at.bytes - wal_.value_or(at).bytes, time = at.seconds - wal_.value_or(at).seconds;
    // On the average since it went on last: what was too much in a moment is made up for by waiting.
    if (bytes > options_.max_wal * 1e6 * time && time < longest_average)
      return fmt::format("the server writes {:.0f} MB/s of WAL", bytes / std::max(time, 0.001) / 1e6);
    wal_ = at;
  }
  return "";
}

void Backfill::wait() {
  // Looking costs a little; batches may be short.
  if (Clock::now() - looked_ < 250ms) return;
  for (bool paused = false;;) {
    interrupt::check();
    std::string why = why_to_wait();
    looked_ = Clock::now();
    if (why.empty()) {
      if (paused) report("", false);
      return;
    }
    paused = true;
    report(why, false);
    for (int i = 0; i < 10; i++, std::this_thread::sleep_for(50ms)) interrupt::check();
  }
}

}  // namespace sluice::apply

#include "cli/seed_load.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/text.hpp"
#include "server/copy.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

namespace {

using Unit = seed::Generator::Unit;

constexpr size_t chunk = 1 << 15;  // bytes: less than a socket takes, so that server and generator work at once

std::string name_of(const model::Key& table) { return sql::qualified(table.schema, table.name); }

struct Stopped {};  // another connection has failed

// Foreign keys of a circle hold only when all tables are loaded: until then they are deferred. Gives those that were
// made deferrable for that.
std::vector<model::ForeignKey> defer(server::Connection& connection, const std::vector<model::ForeignKey>& circular) {
  std::vector<model::ForeignKey> changed;
  for (const model::ForeignKey& key : circular) {
    server::Rows rows = connection.query(
        "SELECT condeferrable FROM pg_catalog.pg_constraint WHERE conname = $1 AND conrelid = $2::pg_catalog.regclass",
        {key.key.name, name_of(key.key.owner())});
    if (rows.empty() || rows.text(0, 0) == "t") continue;
    connection.execute("ALTER TABLE " + name_of(key.key.owner()) + " ALTER CONSTRAINT " +
                       sql::identifier(key.key.name) + " DEFERRABLE");
    changed.push_back(key);
  }
  if (!circular.empty()) connection.execute("SET CONSTRAINTS ALL DEFERRED");
  return changed;
}

void end_deferring(server::Connection& connection, const std::vector<model::ForeignKey>& circular,
                   const std::vector<model::ForeignKey>& changed) {
  if (!circular.empty()) connection.execute("SET CONSTRAINTS ALL IMMEDIATE");
  for (const model::ForeignKey& key : changed)
    connection.execute("ALTER TABLE " + name_of(key.key.owner()) + " ALTER CONSTRAINT " +
                       sql::identifier(key.key.name) + " NOT DEFERRABLE");
}

// Errors that are not about the rows of one table.
bool stops_everything(const Error& error, const server::Connection& connection) {
  const std::string& state = error.context.sqlstate;
  const std::string kind = state.substr(0, 2);
  return connection.broken() || error.context.exit == Exit::interrupted || kind == "08" || kind == "53" ||
         kind == "57" || kind == "58" || kind == "XX";
}

// Loads the unit inside of a transaction; `at` is the table at which it is.
void copy(server::Connection& connection, seed::Generator& generator, const Unit& unit, size_t& at,
          const std::function<void(size_t)>& made) {
  const std::vector<model::ForeignKey> changed = defer(connection, unit.circular);
  for (size_t table : unit.tables) {
    at = table;
    if (generator.wanted(table) == 0) continue;
    size_t told = 0;
    server::copy_in(connection, generator.copy_statement(table), [&](std::string& rows) {
      const bool more = generator.next(table, rows, chunk);
      made(generator.rows(table) - told);
      told = generator.rows(table);
      return more;
    });
  }
  end_deferring(connection, unit.circular, changed);
}

// One more attempt: triggers of two tables may block each other, and those of a parent may have made rows here.
bool again(server::Connection& connection, seed::Generator& generator, const Unit& unit, const Error& error,
           int attempt) {
  const std::string& state = error.context.sqlstate;
  if (attempt >= 3 || !(state.starts_with("40") || state == "23505")) return false;
  generator.rewind(unit);
  for (size_t table : unit.tables) learn(connection, generator, table);
  return true;
}

// False if it was given up.
bool begin_unit(seed::Generator& generator, const Unit& unit) {
  const std::optional<size_t> table = generator.begin(unit);
  if (table) generator.give_up(unit, *table, generator.problem(*table));
  return !table;
}

class Crew {
 public:
  Crew(const std::string& url, seed::Generator& generator) : url_(url), generator_(generator) {
    states_.resize(generator.units().size(), waiting);
    for (size_t i = 0; i < generator.tables(); i++) wanted_.push_back(generator.wanted(i));
  }

  void run(size_t connections, const LoadEvents& events) {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < connections; i++) threads.emplace_back([this] { work(); });
    {
      std::unique_lock lock(mutex_);
      while (ended_ < states_.size() && !failure_) {
        changed_.wait_for(lock, std::chrono::milliseconds(100));
        tell(events);
      }
    }
    for (std::thread& thread : threads) thread.join();
    tell(events);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  enum State { waiting, running, done };

  void tell(const LoadEvents& events) {
    for (; told_ < finished_.size(); told_++) events.loaded(generator_.units()[finished_[told_]]);
    events.made(made_);
  }

  // The largest of those whose parents are there.
  std::optional<size_t> take() {
    std::unique_lock lock(mutex_);
    for (;;) {
      std::optional<size_t> best;
      size_t most = 0;
      bool left = false;
      for (size_t i = 0; i < states_.size() && !failure_; i++) {
        if (states_[i] != waiting) continue;
        left = true;
        const Unit& unit = generator_.units()[i];
        bool ready = true;
        for (size_t parent : unit.after) ready = ready && states_[parent] == done;
        size_t rows = 0;
        for (size_t table : unit.tables) rows += wanted_[table];
        if (ready && (!best || rows > most)) best = i, most = rows;
      }
      if (best) states_[*best] = running;
      if (best || !left) return best;
      changed_.wait(lock);
    }
  }

  void work() {
    try {
      std::optional<server::Connection> connection;
      while (std::optional<size_t> unit = take()) {
        if (!connection) connection.emplace(connect_for_data(url_));
        load(*connection, generator_.units()[*unit]);
        std::lock_guard lock(mutex_);
        states_[*unit] = done;
        finished_.push_back(*unit);
        ended_++;
        changed_.notify_all();
      }
    } catch (const Stopped&) {
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      stop_ = true;
      changed_.notify_all();
    }
  }

  void load(server::Connection& connection, const Unit& unit) {
    for (int attempt = 1;; attempt++) {
      if (!begin_unit(generator_, unit)) return;
      size_t at = unit.tables[0];
      try {
        server::Transaction transaction(connection);
        copy(connection, generator_, unit, at, [this](size_t rows) {
          if (stop_) throw Stopped{};
          made_ += rows;
        });
        transaction.commit();
        return;
      } catch (const Error& error) {
        if (stops_everything(error, connection)) throw;
        const auto learns = std::make_unique<server::Transaction>(connection);
        if (!again(connection, generator_, unit, error, attempt)) return generator_.give_up(unit, at, error.what());
      }
    }
  }

  const std::string url_;
  seed::Generator& generator_;
  std::vector<size_t> wanted_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<State> states_;
  std::vector<size_t> finished_;  // units, in the order in which they were
  size_t ended_ = 0, told_ = 0;
  std::exception_ptr failure_;
  std::atomic<size_t> made_{0};
  std::atomic<bool> stop_{false};
};

// Empties the tables that have rows now, and with them (they are empty) those that refer to them.
void empty_again(server::Connection& connection, const model::Schema& schema) {
  connection.ignore_interrupts();
  std::set<model::Key> tables;
  for (const model::Table& table : model::all<model::Table>(schema))
    if (connection.execute("SELECT EXISTS (SELECT FROM " + name_of(table.key) + ")").text(0, 0) == "t")
      tables.insert(table.key);
  for (size_t before = 0; before != tables.size();) {
    before = tables.size();
    for (const model::ForeignKey& key : model::all<model::ForeignKey>(schema))
      if (tables.contains(key.target())) tables.insert(key.key.owner());
  }
  std::vector<std::string> names;
  for (const model::Key& table : tables) names.push_back(name_of(table));
  if (!names.empty()) connection.execute("TRUNCATE " + text::join(names, ", "));
}

}  // namespace

server::Connection connect_for_data(const std::string& url) {
  server::Target target;
  target.url = url;
  target.application_name = "sluice seed";
  server::Connection connection(target);
  connection.execute("SET DateStyle = ISO; SET TimeZone = 'UTC'; SET IntervalStyle = postgres");
  return connection;
}

void learn(server::Connection& connection, seed::Generator& generator, size_t table) {
  const std::string from = " FROM " + name_of(generator.key(table));
  const std::vector<std::string> columns = generator.columns_to_know(table);
  if (columns.empty()) {
    const size_t count = std::stoul(connection.execute("SELECT count(*)" + from).text(0, 0));
    for (size_t i = 0; i < count; i++) generator.add_existing(table, {});
  } else {
    // Ordered, so that the same rows give the same data.
    connection.execute("DECLARE sluice_seed NO SCROLL CURSOR FOR SELECT " + sql::identifiers(columns) + from +
                       " ORDER BY (" + sql::identifiers(columns) + ")::pg_catalog.text COLLATE \"C\"");
    for (;;) {
      const server::Rows rows = connection.execute("FETCH 10000 FROM sluice_seed");
      for (const auto& row : rows.rows) generator.add_existing(table, row);
      if (rows.empty()) break;
    }
    connection.execute("CLOSE sluice_seed");
  }
  const std::vector<std::string> ends = generator.ends_to_know(table);
  if (ends.empty()) return;
  const server::Rows row = connection.execute("SELECT " + text::join(ends, ", ") + from);
  for (size_t i = 0; i < ends.size(); i++)
    if (row.rows[0][i]) generator.go_on_behind(table, i, *row.rows[0][i]);
}

void load(server::Connection& connection, seed::Generator& generator, const LoadEvents& events) {
  size_t made = 0;
  for (const Unit& unit : generator.units()) {
    bool goes_on = true;
    for (int attempt = 1; goes_on && begin_unit(generator, unit); attempt++) {
      size_t at = unit.tables[0];
      connection.execute("SAVEPOINT sluice_seed");
      try {
        copy(connection, generator, unit, at, [&](size_t rows) { events.made(made += rows); });
        connection.execute("RELEASE sluice_seed");
        goes_on = false;
      } catch (const Error& error) {
        if (stops_everything(error, connection)) throw;
        connection.execute("ROLLBACK TO sluice_seed");
        goes_on = again(connection, generator, unit, error, attempt);
        if (!goes_on) generator.give_up(unit, at, error.what());
      }
    }
    events.loaded(unit);
  }
}

void load_at_once(server::Connection& connection, const std::string& url, size_t connections,
                  const model::Schema& schema, seed::Generator& generator, const LoadEvents& events) {
  try {
    Crew(url, generator).run(connections, events);
  } catch (const Error& error) {
    ErrorContext context = error.context;
    try {
      empty_again(connection, schema);
      context.state = "The tables that were filled are empty again.";
    } catch (const std::exception& again) {
      context.state =
          "Some tables are filled, and could not be emptied: " + std::string(again.what()) + ". --truncate does.";
    }
    throw Error(error.what(), context);
  }
}

}  // namespace sluice::cli

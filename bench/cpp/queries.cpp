// The same work by raw libpq, libpqxx and the C++ library, on one connection each, in turns: cpp.mjs runs it.
//
//   queries URL ROUNDS   prints: what, tab, seconds of libpq, of libpqxx, of the library
//
// All three end with the same rows in the same struct; raw libpq is written as one who counts would write it.
#include <postgresql/libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <pqxx/pqxx>
#include <pqxx/stream_to>
#include <sluice/pg.hpp>

namespace bench {

using namespace sluice::pg;

template <class M>
struct Users {
  col<M, bigint("id").primary_key()> id;
  col<M, text("email").not_null()> email;
  col<M, text("full_name").not_null()> full_name;
  col<M, integer("score").not_null()> score;
  col<M, boolean("active").not_null()> active;
  col<M, text("notes")> notes;
  col<M, timestamptz("created_at").not_null()> created_at;
};
inline constexpr auto users = pg_table<Users, "users">();
inline constexpr auto copies = pg_table<Users, "copies">();
using User = Users<row>;
constexpr const char* columns = "id, email, full_name, score, active, notes, created_at";

[[noreturn]] void fail(const char* what, const char* why) {
  std::fprintf(stderr, "%s: %s\n", what, why);
  std::exit(1);
}
void check(bool ok, const char* what) {
  if (!ok) fail(what, "another result");
}

// ---- raw libpq ------------------------------------------------------------------------------------------------------

struct Cleared {
  PGresult* result;
  explicit Cleared(PGresult* r) : result(r) {
    ExecStatusType status = PQresultStatus(r);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_COPY_IN)
      fail("libpq", PQresultErrorMessage(r));
  }
  Cleared(const Cleared&) = delete;
  ~Cleared() { PQclear(result); }
};

int digits(const char* s, int n) {
  int out = 0;
  for (int i = 0; i < n; i++) out = out * 10 + (s[i] - '0');
  return out;
}
// "2026-01-02 03:04:05.678+00": this session is in UTC.
TimestampTz moment(const char* s, int length) {
  using namespace std::chrono;
  auto day = sys_days(year(digits(s, 4)) / digits(s + 5, 2) / digits(s + 8, 2));
  auto out = TimestampTz(day) + hours(digits(s + 11, 2)) + minutes(digits(s + 14, 2)) + seconds(digits(s + 17, 2));
  if (s[19] == '.') {
    int n = length - 20 - 3, micros = digits(s + 20, n);
    for (; n < 6; n++) micros *= 10;
    out += microseconds(micros);
  }
  return out;
}
template <class T>
T number(const PGresult* r, int row, int column) {
  T out{};
  const char* s = PQgetvalue(r, row, column);
  std::from_chars(s, s + PQgetlength(r, row, column), out);
  return out;
}
std::string text_at(const PGresult* r, int row, int column) {
  return {PQgetvalue(r, row, column), static_cast<std::size_t>(PQgetlength(r, row, column))};
}
User user_at(const PGresult* r, int i) {
  User out;
  out.id = number<std::int64_t>(r, i, 0);
  out.email = text_at(r, i, 1);
  out.full_name = text_at(r, i, 2);
  out.score = number<std::int32_t>(r, i, 3);
  out.active = *PQgetvalue(r, i, 4) == 't';
  if (PQgetisnull(r, i, 5) == 0) out.notes = text_at(r, i, 5);
  out.created_at = moment(PQgetvalue(r, i, 6), PQgetlength(r, i, 6));
  return out;
}
std::vector<User> users_of(const PGresult* r) {
  std::vector<User> out;
  int rows = PQntuples(r);
  out.reserve(static_cast<std::size_t>(rows));
  for (int i = 0; i < rows; i++) out.push_back(user_at(r, i));
  return out;
}
void append_escaped(std::string& to, const std::string& s) {
  for (char c : s) {
    if (c == '\\' || c == '\t' || c == '\n' || c == '\r') {
      to += '\\';
      to += c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
    } else {
      to += c;
    }
  }
}
void append_number(std::string& to, std::int64_t n) {
  char buffer[24];
  to.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, n).ptr);
}
void append_padded(std::string& to, std::int64_t n, int width) {
  for (std::int64_t limit = 10; width > 1; width--, limit *= 10)
    if (n < limit) to.append(static_cast<std::size_t>(width - 1), '0'), width = 1;
  append_number(to, n);
}
void append_moment(std::string& to, TimestampTz t) {
  using namespace std::chrono;
  auto day = floor<days>(t);
  year_month_day date(day);
  std::int64_t micros = (t - day).count();
  append_padded(to, static_cast<int>(date.year()), 4), to += '-';
  append_padded(to, static_cast<unsigned>(date.month()), 2), to += '-';
  append_padded(to, static_cast<unsigned>(date.day()), 2), to += ' ';
  append_padded(to, micros / 3'600'000'000, 2), to += ':';
  append_padded(to, micros / 60'000'000 % 60, 2), to += ':';
  append_padded(to, micros / 1'000'000 % 60, 2), to += '.';
  append_padded(to, micros % 1'000'000, 6), to += "+00";
}
void copy_by_libpq(PGconn* connection, const std::vector<User>& rows) {
  Cleared begun(PQexec(connection, "COPY copies (id, email, full_name, score, active, notes, created_at) FROM STDIN"));
  std::string buffer;
  auto send = [&] {
    if (PQputCopyData(connection, buffer.data(), static_cast<int>(buffer.size())) != 1)
      fail("libpq", PQerrorMessage(connection));
    buffer.clear();
  };
  for (const User& u : rows) {
    append_number(buffer, u.id), buffer += '\t';
    append_escaped(buffer, u.email), buffer += '\t';
    append_escaped(buffer, u.full_name), buffer += '\t';
    append_number(buffer, u.score), buffer += '\t';
    buffer += u.active ? "t\t" : "f\t";
    if (u.notes)
      append_escaped(buffer, *u.notes);
    else
      buffer += "\\N";
    buffer += '\t';
    append_moment(buffer, u.created_at), buffer += '\n';
    if (buffer.size() > 65536) send();
  }
  send();
  if (PQputCopyEnd(connection, nullptr) != 1) fail("libpq", PQerrorMessage(connection));
  while (PGresult* r = PQgetResult(connection)) Cleared ended(r);
}

// ---- libpqxx --------------------------------------------------------------------------------------------------------

User user_of(const pqxx::row& r) {
  User out;
  out.id = r[0].as<std::int64_t>();
  out.email = r[1].as<std::string>();
  out.full_name = r[2].as<std::string>();
  out.score = r[3].as<std::int32_t>();
  out.active = r[4].as<bool>();
  if (!r[5].is_null()) out.notes = r[5].as<std::string>();
  out.created_at = moment(r[6].c_str(), static_cast<int>(r[6].size()));  // libpqxx has no type for it
  return out;
}

// ---- in turns -------------------------------------------------------------------------------------------------------

double seconds(const std::function<void()>& f) {
  auto began = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

struct Case {
  const char* name;
  int times;
  std::function<void()> sides[3];
};

// One call of each side after the other, each timed alone: what the machine does besides meets all three, and the
// median does not know of it.
void run(int rounds, const Case& c, const std::function<void()>& before) {
  std::vector<double> found[3];
  for (int n = 0; n < rounds * c.times; n++)
    for (int i = 0; i < 3; i++) {
      int side = (n % 2 == 0 ? n + i : n + 3 - i) % 3;  // and each after each of the others
      before();
      double s = seconds(c.sides[side]);
      if (n >= c.times) found[side].push_back(s);
    }
  std::printf("%s", c.name);
  for (auto& times : found) {
    std::nth_element(times.begin(), times.begin() + static_cast<long>(times.size() / 10), times.end());
    std::printf("\t%.9f", times[times.size() / 10]);
  }
  std::printf("\n");
  std::fflush(stdout);
}

int main(const char* url, int rounds) {
  PGconn* raw = PQconnectdb(url);
  if (PQstatus(raw) != CONNECTION_OK) fail("libpq", PQerrorMessage(raw));
  pqxx::connection pqxx_connection{std::string(url)};
  Database db(url);
  for (const char* table : {"users", "copies"})
    db.execute_script(std::string("CREATE UNLOGGED TABLE ") + table +
                      " (id bigint PRIMARY KEY, email text NOT NULL, full_name text NOT NULL, score integer NOT NULL,"
                      " active boolean NOT NULL, notes text, created_at timestamptz NOT NULL)");
  db.execute_script(
      "INSERT INTO users SELECT n, 'user' || n || '@example.com', 'Name of ' || n, n % 100, n % 3 = 0,"
      " CASE WHEN n % 2 = 0 THEN 'a note on ' || n END, timestamptz '2026-01-01 00:00+00' + n * interval '1.5 seconds'"
      " FROM generate_series(1, 20000) n");
  db.execute_script("VACUUM ANALYZE users");
  const std::string one = std::string("SELECT ") + columns + " FROM users WHERE id = $1";
  const std::string many = std::string("SELECT ") + columns + " FROM users WHERE id <= $1";
  Cleared prepared(PQprepare(raw, "one", one.c_str(), 1, nullptr));
  pqxx_connection.prepare("one", one);
  auto find = db.prepare<std::int64_t>([&](auto id) { return db.select(users).where(users.id == id); });
  std::int64_t next = 0;
  auto id = [&] { return next++ % 20000 + 1; };
  const std::vector<User> rows = db.select(users).where(users.id <= 10000).all();

  auto raw_select = [&](const std::string& sql, std::int64_t parameter) {
    std::string text = std::to_string(parameter);
    const char* values[] = {text.c_str()};
    Cleared r(PQexecParams(raw, sql.c_str(), 1, nullptr, values, nullptr, nullptr, 0));
    return users_of(r.result);
  };
  auto raw_prepared = [&](std::int64_t parameter) {
    std::string text = std::to_string(parameter);
    const char* values[] = {text.c_str()};
    Cleared r(PQexecPrepared(raw, "one", 1, values, nullptr, nullptr, 0));
    return users_of(r.result);
  };
  auto pqxx_select = [&](const std::string& sql, std::int64_t parameter) {
    pqxx::nontransaction work(pqxx_connection);
    pqxx::result r = work.exec_params(sql, parameter);
    std::vector<User> out;
    out.reserve(r.size());
    for (const pqxx::row& row : r) out.push_back(user_of(row));
    return out;
  };
  auto pqxx_prepared = [&](std::int64_t parameter) {
    pqxx::nontransaction work(pqxx_connection);
    pqxx::result r = work.exec_prepared("one", parameter);
    std::vector<User> out;
    for (const pqxx::row& row : r) out.push_back(user_of(row));
    return out;
  };
  const User last = rows.back();
  auto same = [&](const std::vector<User>& found) {
    check(found.size() == 10000 && found.back().created_at == last.created_at && found.back().notes == last.notes &&
              found.back().email == last.email,
          "select of 10,000 rows");
  };
  same(raw_select(many, 10000)), same(pqxx_select(many, 10000));

  auto nothing = [] {};
  run(rounds,
      {"select of 1 row",
       1000,
       {[&] { check(raw_select(one, id()).size() == 1, "1 row"); },
        [&] { check(pqxx_select(one, id()).size() == 1, "1 row"); },
        [&] { check(db.select(users).where(users.id == id()).all().size() == 1, "1 row"); }}},
      nothing);
  run(rounds,
      {"select of 1 row, prepared",
       2000,
       {[&] { check(raw_prepared(id()).size() == 1, "1 row"); },
        [&] { check(pqxx_prepared(id()).size() == 1, "1 row"); }, [&] { check(find(id()).size() == 1, "1 row"); }}},
      nothing);
  run(rounds,
      {"select of 10,000 rows",
       10,
       {[&] { check(raw_select(many, 10000).size() == 10000, "10,000 rows"); },
        [&] { check(pqxx_select(many, 10000).size() == 10000, "10,000 rows"); },
        [&] { check(db.select(users).where(users.id <= 10000).all().size() == 10000, "10,000 rows"); }}},
      nothing);
  run(rounds,
      {"insert of 10,000 rows by COPY",
       4,
       {[&] { copy_by_libpq(raw, rows); },
        [&] {
          pqxx::work work(pqxx_connection);
          pqxx::stream_to stream(
              work, "copies",
              std::vector<std::string>{"id", "email", "full_name", "score", "active", "notes", "created_at"});
          for (const User& u : rows) {
            std::string created;
            append_moment(created, u.created_at);
            std::string notes = u.notes.value_or("");
            stream << std::make_tuple(u.id, u.email, u.full_name, u.score, u.active,
                                      u.notes ? notes.c_str() : static_cast<const char*>(nullptr), created);
          }
          stream.complete();
          work.commit();
        },
        [&] {
          auto copy = db.copy_in(copies.id, copies.email, copies.full_name, copies.score, copies.active, copies.notes,
                                 copies.created_at);
          for (const User& u : rows) copy.add(u.id, u.email, u.full_name, u.score, u.active, u.notes, u.created_at);
          check(copy.finish() == 10000, "COPY");
        }}},
      [&] { db.execute_script("TRUNCATE copies"); });
  db.execute_script("DROP TABLE users, copies");
  PQfinish(raw);
  return 0;
}

}  // namespace bench

int main(int argc, char** argv) { return argc == 3 ? bench::main(argv[1], std::atoi(argv[2])) : 2; }

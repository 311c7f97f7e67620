#include "cli/migration_text.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>

#include "base/text.hpp"
#include "cli/written.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

std::string today() {
  std::time_t now = std::time(nullptr);
  return fmt::format("{:%Y-%m-%d}", fmt::localtime(now));
}

std::string sql_file(const std::string& first_comment, const std::vector<plan::Statement>& statements,
                     const std::vector<std::string>& notes, bool breakpoints) {
  std::string out = first_comment + "\n-- Created: " + today() + "\n";
  for (const std::string& note : notes) out += "-- " + note + "\n";
  out += "\n";
  for (size_t i = 0; i < statements.size(); i++) {
    // sluice migrate reads these; to others they are comments.
    if (statements[i].step) out += "-- sluice:step\n";
    if (statements[i].backfill) out += "-- sluice:backfill\n";
    if (statements[i].no_keep) out += "-- sluice:no-keep\n";
    if (!statements[i].allow.empty()) out += "-- sluice:allow " + statements[i].allow + "\n";
    out += statements[i].sql;
    if (i + 1 < statements.size()) out += breakpoints ? std::string(sql::breakpoint) + "\n" : "\n";
  }
  return out.ends_with('\n') ? out : out + "\n";
}

model::Schema read_schema(const Config& config, bool force, plan::PropertyNames* properties, Terminal& terminal) {
  return read_written(config, force, properties, terminal).schema;
}

Json to_json(const std::vector<plan::Statement>& statements) {
  Json list = Json::array();
  for (const plan::Statement& statement : statements)
    list.push_back({{"sql", text::trim(statement.sql)}, {"transactional", statement.transactional}});
  return list;
}

}  // namespace sluice::cli

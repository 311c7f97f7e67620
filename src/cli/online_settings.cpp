#include "cli/online_settings.hpp"

#include <algorithm>
#include <optional>

#include "base/files.hpp"
#include "cli/toml.hpp"

namespace sluice::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* known =
    "These are known:\n  [generate]\n  online = true | false | [\"table\"]\n"
    "  [backfill]\n  batch_ms = 200\n  max_replica_lag = 10   (seconds; 0: no limit, also below)\n"
    "  max_lock_waits = 10\n  max_transaction_age = 900   (seconds)\n  max_wal = 0   (MB/s)\n  pause_file = \"pause\"";

[[noreturn]] void refuse(const fs::path& file, const toml::source_region& at, const std::string& message) {
  ErrorContext context;
  context.at = {file.string(), static_cast<int>(at.begin.line), 0};
  context.hint = known;
  throw Error(message, context);
}

void read_generate(const fs::path& file, const toml::node& value, OnlineSettings& out) {
  if (value.is_boolean()) {
    out.online = value.value_or(false);
    return;
  }
  const toml::array* list = value.as_array();
  if (!list || (!list->empty() && !list->is_homogeneous(toml::node_type::string)))
    refuse(file, value.source(), "'online' must be true, false or a list of tables");
  for (const toml::node& item : *list) out.tables.push_back(item.value_or(std::string()));
  out.online = !out.tables.empty();
}

void read_backfill(const fs::path& file, const toml::key& key, const toml::node& value, apply::BackfillOptions& out) {
  const std::string name(key.str());
  if (name == "pause_file") {
    if (!value.is_string()) refuse(file, value.source(), "'pause_file' must be a text");
    out.pause_file = file.parent_path() / value.value_or(std::string());
    return;
  }
  auto number = [&] {
    const auto found = value.value<double>();
    if (!found || !(*found >= 0 && *found <= 1e9))
      refuse(file, value.source(), "'" + name + "' must be a number from 0");
    return *found;
  };
  if (name == "batch_ms")
    out.batch_time = std::chrono::milliseconds(std::max(1L, static_cast<long>(number())));
  else if (name == "max_replica_lag")
    out.max_replica_lag = number();
  else if (name == "max_lock_waits")
    out.max_lock_waits = static_cast<int>(number());
  else if (name == "max_transaction_age")
    out.max_transaction_age = number();
  else if (name == "max_wal")
    out.max_wal = number();
  else
    refuse(file, key.source(), "[backfill] has no key '" + name + "'");
}

}  // namespace

OnlineSettings parse_online_settings(std::string_view content, const fs::path& file) {
  OnlineSettings out;
  toml::table all;
  try {
    all = toml::parse(content, file.string());
  } catch (const toml::parse_error&) {  // parse_settings() says it
    return out;
  } catch (const AssertionOfToml&) {
    return out;
  }
  if (const toml::node* online = all.at_path("generate.online").node()) read_generate(file, *online, out);
  if (const toml::table* backfill = all["backfill"].as_table())
    for (const auto& [key, value] : *backfill) read_backfill(file, key, value, out.backfill);
  return out;
}

OnlineSettings read_online_settings(const Config& config) {
  const fs::path file = (config.file ? config.file->parent_path() : config.directory) / "sluice.toml";
  return fs::exists(file) ? parse_online_settings(files::read(file), file) : OnlineSettings{};
}

}  // namespace sluice::cli

#include "cli/settings.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <set>
#include <string>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/toml.hpp"

namespace sluice::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* known =
    "These are known:\n  [generate]\n  deferrable_cycles = true | false\n  online = true | false | [\"table\"]\n"
    "  online_from_rows = 100000\n  online_database = \"NAME\"   (of [databases] or a [[stage]])\n"
    "  prove = true | false\n"
    "  [migrate]\n  out_of_order = \"refuse\" | \"apply\" | \"rebase\"\n"
    "  [backup]\n  dump = \"backups\" (a directory)\n  pgbackrest = \"main\" (a stanza)\n"
    "  [verify]\n  stand_ins = \"stand_ins.sql\"\n"
    "  [drift]\n  ignore = [\"audit_*\"]\n"
    "  [backfill]\n  batch_ms = 200\n  max_replica_lag = 10   (seconds; 0: no limit, also below)\n"
    "  max_lock_waits = 10\n  max_transaction_age = 900   (seconds)\n  max_wal = 0   (MB/s)\n  pause_file = \"pause\"\n"
    "  [databases.NAME]\n  url = \"postgresql://…\" (may say ${VARIABLE})\n  protected = true | false\n"
    "  [review]\n  allow = [\"rule: reason\"]\n  fail_on = \"error\" | \"warning\" | \"note\" | \"never\"\n"
    "  server = 13 … 18\n  supabase = true | false\n"
    "  [seed]\n  command = \"tsx src/seed.ts\"\n  files = [\"seed.sql\"]\n  depends = [\"src/seed/*.ts\"]\n"
    "  [seed.generate]\n  rows = 100\n  seed = 1\n  [seed.generate.orders]   (a table)\n  rows = 5000, per = "
    "\"customers "
    "0..20\" or skip = true\n  columns.status = { values = [\"paid\", \"open\"], null = 0.1 }\n"
    "  [[stage]]\n  name = \"staging\"\n  url = \"$STAGING_URL\"\n  needs = [\"…\"]\n  before, release, after, backup "
    "= "
    "[\"command\"]\n  approval, rollback, protected, ignore_drift = true | false\n"
    "  review = \"error\" | \"warning\" | \"note\" | \"never\"\n  online = true | false\n  lock_timeout = 3.0\n  wait "
    "= 300\n  max_stall = "
    "\"200ms\"\n"
    "  [[fleet]]\n  name = \"tenants\"\n  url = \"$APP_URL\"\n  one of: schemas = \"tenant_%\", databases = "
    "\"tenant_%\", "
    "query = \"SELECT …\", file = \"tenants.txt\"\n  shared = [\"extensions\"]\n  waves = [1, \"5%\"]\n  halt = 1\n"
    "  parallel = 10\n  lock_timeout = 3.0\n  wait = 60\n  protected = true | false";

[[noreturn]] void refuse(const fs::path& file, const toml::source_region& at, const std::string& message,
                         const std::string& hint) {
  ErrorContext context;
  context.at = {file.string(), static_cast<int>(at.begin.line), 0};
  context.hint = hint;
  throw Error(message, context);
}

// production, Prod, production-eu, eu_prod …
bool says_production(const std::string& name) {
  std::string word;
  for (const char c : text::to_lower(name) + " ") {
    if (std::isalpha(static_cast<unsigned char>(c))) {
      word += c;
      continue;
    }
    if (word == "production" || word == "prod") return true;
    word.clear();
  }
  return false;
}

NamedDatabase read_database(const fs::path& file, const std::string& name, const toml::node& content) {
  const toml::table* keys = content.as_table();
  if (!keys) refuse(file, content.source(), "[databases." + name + "] is not a section", known);
  NamedDatabase database{name, "", says_production(name)};
  for (const auto& [key, value] : *keys) {
    if (key.str() == "url") {
      if (!value.is_string()) refuse(file, value.source(), "'url' must be a text", known);
      database.url = value.value_or(std::string());
    } else if (key.str() == "protected") {
      if (!value.is_boolean()) refuse(file, value.source(), "'protected' must be true or false", known);
      database.is_protected = value.value_or(false);
    } else {
      refuse(file, key.source(), "[databases." + name + "] has no key '" + std::string(key.str()) + "'", known);
    }
  }
  return database;
}

std::vector<std::string> texts(const fs::path& file, const std::string& name, const toml::node& value) {
  if (value.is_string()) return {value.value_or(std::string())};
  const toml::array* list = value.as_array();
  if (!list || (!list->empty() && !list->is_homogeneous(toml::node_type::string)))
    refuse(file, value.source(), "'" + name + "' must be a text or a list of texts", known);
  std::vector<std::string> out;
  for (const toml::node& item : *list) out.push_back(item.value_or(std::string()));
  return out;
}

std::string one_text(const fs::path& file, const std::string& name, const toml::node& value) {
  if (!value.is_string() || value.value_or(std::string()).empty())
    refuse(file, value.source(), "'" + name + "' must be a text", known);
  return value.value_or(std::string());
}

double number_from_zero(const fs::path& file, const std::string& name, const toml::node& value) {
  const auto found = value.value<double>();
  if (!found || !(*found >= 0 && *found <= 1e9))
    refuse(file, value.source(), "'" + name + "' must be a number from 0", known);
  return *found;
}

void read_generate(const fs::path& file, const std::string& name, const toml::source_region& at,
                   const toml::node& value, Settings& settings) {
  if (name == "online_from_rows") {
    settings.online.from_rows = number_from_zero(file, name, value);
  } else if (name == "online_database") {
    settings.online.database = one_text(file, name, value);
  } else if (name == "online" && value.is_array()) {
    settings.online.tables = texts(file, name, value);
  } else if (name == "online" || name == "deferrable_cycles" || name == "prove") {
    if (!value.is_boolean())
      refuse(file, value.source(),
             "'" + name + "' must be true" + (name == "online" ? ", false or a list of tables" : " or false"), known);
    (name == "online"  ? settings.online.all
     : name == "prove" ? settings.prove
                       : settings.deferrable_cycles) = value.value_or(false);
  } else {
    refuse(file, at, "[generate] has no key '" + name + "'", known);
  }
}

void read_backfill(const fs::path& file, const std::string& name, const toml::source_region& at,
                   const toml::node& value, apply::BackfillOptions& backfill) {
  const auto number = [&] { return number_from_zero(file, name, value); };
  if (name == "pause_file")
    backfill.pause_file = file.parent_path() / one_text(file, name, value);
  else if (name == "batch_ms")
    backfill.batch_time = std::chrono::milliseconds(std::max(1L, static_cast<long>(number())));
  else if (name == "max_replica_lag")
    backfill.max_replica_lag = number();
  else if (name == "max_lock_waits")
    backfill.max_lock_waits = static_cast<int>(number());
  else if (name == "max_transaction_age")
    backfill.max_transaction_age = number();
  else if (name == "max_wal")
    backfill.max_wal = number();
  else
    refuse(file, at, "[backfill] has no key '" + name + "'", known);
}

void read_migrate(const fs::path& file, const std::string& name, const toml::source_region& at, const toml::node& value,
                  Settings& settings) {
  if (name != "out_of_order") refuse(file, at, "[migrate] has no key '" + name + "'", known);
  const std::string policy = one_text(file, name, value);
  if (policy == "apply")
    settings.out_of_order = OutOfOrder::apply;
  else if (policy == "rebase")
    settings.out_of_order = OutOfOrder::rebase;
  else if (policy != "refuse")
    refuse(file, value.source(), "'out_of_order' must be \"refuse\", \"apply\" or \"rebase\"", known);
}

void read_backup(const fs::path& file, const std::string& name, const toml::source_region& at, const toml::node& value,
                 BackupSettings& backup) {
  if (name == "dump")
    backup.dump = one_text(file, name, value);
  else if (name == "pgbackrest")
    backup.pgbackrest = one_text(file, name, value);
  else
    refuse(file, at, "[backup] has no key '" + name + "'", known);
}

void read_review(const fs::path& file, const std::string& name, const toml::source_region& at, const toml::node& value,
                 ReviewSettings& review) {
  if (name == "supabase") {
    if (!value.is_boolean()) refuse(file, value.source(), "'supabase' must be true or false", known);
    review.supabase = value.value_or(false);
  } else if (name == "server") {
    const auto version = value.value<int64_t>();
    if (!version || *version < 13 || *version > 18) refuse(file, value.source(), "'server' must be 13 to 18", known);
    review.server = static_cast<int>(*version);
  } else if (name == "fail_on") {
    const auto level = value.value<std::string>();
    if (!level || (*level != "error" && *level != "warning" && *level != "note" && *level != "never"))
      refuse(file, value.source(), "'fail_on' must be a level or \"never\"", known);
    review.fail_on = *level;
  } else if (name == "allow") {
    const toml::array* list = value.as_array();
    if (!list) refuse(file, value.source(), "'allow' must be a list of texts", known);
    for (const toml::node& item : *list) {
      const std::string text = item.value_or(std::string());
      const size_t colon = text.find(':');
      const size_t reason = colon == std::string::npos ? colon : text.find_first_not_of(' ', colon + 1);
      if (reason == std::string::npos)
        refuse(file, item.source(), "'" + text + "' is not of the form \"rule: reason\"", known);
      review.allow.emplace_back(text.substr(0, colon), text.substr(reason));
    }
  } else {
    refuse(file, at, "[review] has no key '" + name + "'", known);
  }
}

SeedSettings read_seed(const fs::path& file, const toml::table& keys) {
  SeedSettings seed;
  for (const auto& [key, value] : keys) {
    std::string name(key.str());
    if (name == "command") {
      if (!value.is_string()) refuse(file, value.source(), "'command' must be a text", known);
      seed.command = value.value_or(std::string());
    } else if (name == "files") {
      seed.files = texts(file, name, value);
    } else if (name == "depends") {
      seed.depends = texts(file, name, value);
    } else if (name == "generate" && value.is_table()) {
      continue;  // read by seed_settings.cpp, which knows the tables that it speaks of
    } else {
      refuse(file, key.source(), "[seed] has no key '" + name + "'", known);
    }
  }
  return seed;
}

bool boolean(const fs::path& file, const std::string& name, const toml::node& value) {
  if (!value.is_boolean()) refuse(file, value.source(), "'" + name + "' must be true or false", known);
  return value.value_or(false);
}

double number(const fs::path& file, const std::string& name, const toml::node& value) {
  const double found = value.value<double>().value_or(-1);
  if (!value.is_number() || found < 0)
    refuse(file, value.source(), "'" + name + "' must be a number of seconds", known);
  return found;
}

// "200ms" or "1.5s".
double milliseconds(const fs::path& file, const std::string& name, const toml::node& value) {
  const std::string text = value.value_or(std::string());
  const size_t unit = text.find_first_not_of("0123456789.");
  const double number = unit == 0 ? -1 : std::strtod(text.c_str(), nullptr);
  const std::string named = unit == std::string::npos ? "" : text.substr(unit);
  const double found = named == "ms" ? number : named == "s" ? number * 1000 : -1;
  if (!(found >= 10 && found <= 600000))
    refuse(file, value.source(), "'" + name + "' is a time from \"10ms\" to \"600s\"", known);
  return found;
}

std::string text_of(const fs::path& file, const std::string& name, const toml::node& value) {
  if (!value.is_string()) refuse(file, value.source(), "'" + name + "' must be a text", known);
  return value.value_or(std::string());
}

Stage read_stage(const fs::path& file, const toml::node& content, Settings& settings) {
  const toml::table* keys = content.as_table();
  if (!keys) refuse(file, content.source(), "each [[stage]] is a section", known);
  Stage stage;
  std::optional<bool> is_protected;
  const std::pair<const char*, std::vector<std::string> Stage::*> lists[] = {{"needs", &Stage::needs},
                                                                             {"before", &Stage::before},
                                                                             {"release", &Stage::release},
                                                                             {"after", &Stage::after},
                                                                             {"backup", &Stage::backup}};
  for (const auto& [key, value] : *keys) {
    const std::string name(key.str());
    const auto* list =
        std::find_if(std::begin(lists), std::end(lists), [&](const auto& each) { return name == each.first; });
    if (list != std::end(lists)) {
      stage.*(list->second) = texts(file, name, value);
    } else if (name == "name") {
      stage.name = text_of(file, name, value);
    } else if (name == "url") {
      stage.url = text_of(file, name, value);
    } else if (name == "fleet") {
      stage.fleet = one_text(file, name, value);
    } else if (name == "approval") {
      stage.approval = boolean(file, name, value);
    } else if (name == "rollback") {
      stage.rollback = boolean(file, name, value);
    } else if (name == "ignore_drift") {
      stage.ignore_drift = boolean(file, name, value);
    } else if (name == "protected") {
      is_protected = boolean(file, name, value);
    } else if (name == "online") {
      stage.online = boolean(file, name, value);
    } else if (name == "review") {
      stage.review = text_of(file, name, value);
      const char* levels[] = {"error", "warning", "note", "never"};
      if (std::find(std::begin(levels), std::end(levels), stage.review) == std::end(levels))
        refuse(file, value.source(), "'review' must be a level or \"never\"", known);
    } else if (name == "lock_timeout") {
      stage.lock_timeout = number(file, name, value);
    } else if (name == "wait") {
      stage.wait = static_cast<int>(number(file, name, value));
    } else if (name == "max_stall") {
      stage.max_stall = milliseconds(file, name, value);
    } else {
      refuse(file, key.source(), "[[stage]] has no key '" + name + "'", known);
    }
  }
  if (stage.name.empty()) refuse(file, content.source(), "a [[stage]] has no name", known);
  if (stage.url.empty() == stage.fleet.empty())
    refuse(file, content.source(),
           "the stage '" + stage.name + (stage.url.empty() ? "' has no url" : "' has a url and a fleet"),
           "For example: url = \"$STAGING_URL\", or fleet = \"tenants\" for a [[fleet]]");
  for (const Stage& other : settings.stages)
    if (other.name == stage.name)
      refuse(file, content.source(), "there are two stages '" + stage.name + "'", "Give one of them another name.");
  if (!stage.url.empty())
    settings.databases.push_back({stage.name, stage.url, is_protected.value_or(says_production(stage.name))});
  return stage;
}

// "3" or "5%" of targets, written as a number or a text.
std::string share(const fs::path& file, const std::string& name, const toml::node& value) {
  if (const auto number = value.value_exact<int64_t>(); number && *number > 0) return std::to_string(*number);
  const std::string text = value.value_or(std::string());
  const std::string digits = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
  if (digits.empty() || digits.size() > 6 || digits.find_first_not_of("0123456789") != std::string::npos ||
      digits.find_first_not_of('0') == std::string::npos)
    refuse(file, value.source(), "'" + name + "' takes a number of targets from 1, or a part of them such as \"5%\"",
           known);
  return text;
}

Fleet read_fleet(const fs::path& file, const toml::node& content, Settings& settings) {
  const toml::table* keys = content.as_table();
  if (!keys) refuse(file, content.source(), "each [[fleet]] is a section", known);
  Fleet fleet;
  const std::pair<const char*, std::string Fleet::*> words[] = {
      {"name", &Fleet::name},           {"url", &Fleet::url},        {"file", &Fleet::file}, {"query", &Fleet::query},
      {"databases", &Fleet::databases}, {"schemas", &Fleet::schemas}};
  for (const auto& [key, value] : *keys) {
    const std::string name(key.str());
    const auto* word =
        std::find_if(std::begin(words), std::end(words), [&](const auto& each) { return name == each.first; });
    if (word != std::end(words)) {
      fleet.*(word->second) = one_text(file, name, value);
    } else if (name == "shared") {
      fleet.shared = texts(file, name, value);
    } else if (name == "waves") {
      const toml::array* list = value.as_array();
      if (!list) refuse(file, value.source(), "'waves' must be a list, such as [1, \"5%\"]", known);
      fleet.waves.clear();
      for (const toml::node& item : *list) fleet.waves.push_back(share(file, name, item));
    } else if (name == "halt") {
      fleet.halt = share(file, name, value);
    } else if (name == "parallel") {
      const auto parallel = value.value_exact<int64_t>();
      if (!parallel || *parallel < 1 || *parallel > 1000)
        refuse(file, value.source(), "'parallel' must be a number from 1 to 1000", known);
      fleet.parallel = static_cast<int>(*parallel);
    } else if (name == "lock_timeout") {
      fleet.lock_timeout = number(file, name, value);
    } else if (name == "wait") {
      fleet.wait = static_cast<int>(number_from_zero(file, name, value));
    } else if (name == "protected") {
      fleet.is_protected = boolean(file, name, value);
    } else {
      refuse(file, key.source(), "[[fleet]] has no key '" + name + "'", known);
    }
  }
  if (fleet.name.empty()) refuse(file, content.source(), "a [[fleet]] has no name", known);
  if (!fleet.url.empty()) settings.databases.push_back({fleet.name, fleet.url, fleet.is_protected});
  for (const Fleet& other : settings.fleets)
    if (other.name == fleet.name)
      refuse(file, content.source(), "there are two fleets '" + fleet.name + "'", "Give one of them another name.");
  return fleet;
}

// The first line that begins with a bracket and goes on without a name; 0 if there is none.
int line_without_name(std::string_view content) {
  int number = 0;
  for (const std::string& line : text::split(content, "\n")) {
    number++;
    const size_t at = line.find_first_not_of(" \t");
    if (at == std::string::npos || line[at] != '[') continue;
    const size_t name = line.find_first_not_of("[ \t", at);
    if (name == std::string::npos) return number;
    const char c = line[name];
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-' && c != '"' && c != '\'' && c != ']')
      return number;
  }
  return 0;
}

}  // namespace

Settings parse_settings(std::string_view content, const fs::path& file) {
  Settings settings;
  toml::table all;
  try {
    all = toml::parse(content, file.string());
  } catch (const toml::parse_error& error) {
    refuse(file, error.source(), "sluice.toml cannot be read: " + std::string(error.description()),
           "See https://toml.io for how such a file is written.");
  } catch (const AssertionOfToml&) {
    ErrorContext context;
    context.at = {file.string(), line_without_name(content), 0};
    context.hint =
        "A section begins with its name in brackets: [generate]. Names with other letters than a to z stand in quotes.";
    throw Error("sluice.toml cannot be read: no name stands behind '['", context);
  }
  for (const auto& [section, body] : all) {
    const toml::table* keys = body.as_table();
    const std::string name(section.str());
    if (const toml::array* stages = body.as_array(); stages && name == "stage") {
      for (const toml::node& stage : *stages) settings.stages.push_back(read_stage(file, stage, settings));
      continue;
    }
    if (const toml::array* fleets = body.as_array(); fleets && name == "fleet") {
      for (const toml::node& fleet : *fleets) settings.fleets.push_back(read_fleet(file, fleet, settings));
      continue;
    }
    static const std::set<std::string> sections{"generate", "databases", "review", "seed", "backfill",
                                                "migrate",  "backup",    "verify", "drift"};
    if (!keys || !sections.contains(name))
      refuse(file, section.source(), "sluice.toml has no section [" + name + "]", known);
    if (name == "seed") settings.seed = read_seed(file, *keys);
    for (const auto& [key, value] : *keys) {
      if (name == "databases")
        settings.databases.push_back(read_database(file, std::string(key.str()), value));
      else if (name == "review")
        read_review(file, std::string(key.str()), key.source(), value, settings.review);
      else if (name == "generate")
        read_generate(file, std::string(key.str()), key.source(), value, settings);
      else if (name == "backfill")
        read_backfill(file, std::string(key.str()), key.source(), value, settings.backfill);
      else if (name == "migrate")
        read_migrate(file, std::string(key.str()), key.source(), value, settings);
      else if (name == "backup")
        read_backup(file, std::string(key.str()), key.source(), value, settings.backup);
      else if (name == "verify" && key.str() == "stand_ins")
        settings.stand_ins = one_text(file, "stand_ins", value);
      else if (name == "drift" && key.str() == "ignore")
        settings.ignore = texts(file, "ignore", value);
      else if (name == "verify" || name == "drift")
        refuse(file, key.source(), "[" + name + "] has no key '" + std::string(key.str()) + "'", known);
    }
  }
  // The stages get the same files: where one of them has to be changed online, they are written so.
  if (!all["generate"]["online"] && !settings.online.any() &&
      std::any_of(settings.stages.begin(), settings.stages.end(),
                  [](const Stage& stage) { return stage.online.value_or(false); }))
    settings.online.all = true;
  return settings;
}

Settings read_settings(const fs::path& directory) {
  fs::path file = directory / "sluice.toml";
  return fs::exists(file) ? parse_settings(files::read(file), file) : Settings{};
}

}  // namespace sluice::cli

#include "history/import.hpp"

#include <algorithm>
#include <string_view>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace sluice::history {

namespace fs = std::filesystem;

namespace {

size_t digits_at_front(std::string_view name) {
  size_t count = 0;
  while (count < name.size() && name[count] >= '0' && name[count] <= '9') count++;
  return count;
}

std::string fit(std::string_view name) {
  std::string out;
  for (char c : name) out += std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' ? c : '_';
  return out.empty() ? "migration" : out;
}

// "0012_name" → version and name.
ForeignMigration numbered(const std::string& stem) {
  const size_t digits = digits_at_front(stem);
  const size_t name = digits > 0 && digits < stem.size() && !std::isalnum(static_cast<unsigned char>(stem[digits]))
                          ? digits + 1
                          : digits;
  return {stem.substr(0, digits), fit(stem.substr(name)), "", "", {}};
}

// Without the mark that some editors put in front of UTF-8.
std::string sql_in(const fs::path& file) {
  std::string text = files::read(file);
  return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
}

[[noreturn]] void refuse(const fs::path& file, const std::string& message, const std::string& hint) {
  ErrorContext context;
  context.at.file = file.string();
  context.hint = hint;
  context.state = "Nothing was imported.";
  throw Error(message, context);
}

// dbmate's own rule: "--", any space, the word, and then options or nothing.
bool is_mark(std::string_view line, std::string_view word) {
  if (!line.starts_with("--")) return false;
  line = text::trim(line.substr(2));
  return line.starts_with(word) &&
         (line.size() == word.size() || line[word.size()] == ' ' || line[word.size()] == '\t');
}

bool has_mark(const std::string& text) {
  for (const std::string& line : text::split(text, "\n"))
    if (is_mark(line, "migrate:up")) return true;
  return false;
}

void split_sections(const fs::path& file, ForeignMigration& out) {
  const std::string text = sql_in(file);
  if (!has_mark(text))
    refuse(file, file.filename().string() + " has no line '-- migrate:up', which dbmate asks for",
           "Put it above the statements.");
  std::string* section = nullptr;
  for (const std::string& line : text::split(text, "\n")) {
    if (is_mark(line, "migrate:up")) {
      section = &out.up;
    } else if (is_mark(line, "migrate:down")) {
      section = &out.down;
    } else if (section) {
      *section += line + "\n";
    } else if (const std::string_view before = text::trim(line); !before.empty() && !before.starts_with("--")) {
      refuse(file,
             file.filename().string() + " has statements above its line '-- migrate:up', and dbmate runs none there",
             "Move them below it, or take them away.");
    }
  }
}

std::vector<long> flyway_number(const std::string& version) {
  std::vector<long> out;
  for (const std::string& part : text::split(text::replace_all(version, "_", "."), "."))
    out.push_back(std::strtol(part.c_str(), nullptr, 10));
  return out;
}

struct Names {
  std::vector<std::string> files, directories;
  std::vector<std::string> below;  // files in folders of the folder, which Flyway reads too
};

Names names_in(const fs::path& folder) {
  Names names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    (it->is_directory() ? names.directories : names.files).push_back(it->path().filename().string());
  if (error) {
    ErrorContext context;
    context.at.file = folder.string();
    context.hint = "Give the folder of the other tool's migrations, for example --from supabase/migrations.";
    throw Error("the folder '" + folder.string() + "' cannot be read: " + error.message(), context);
  }
  for (const std::string& directory : names.directories)
    for (fs::recursive_directory_iterator it(folder / directory, error), end; !error && it != end; it.increment(error))
      if (it->is_regular_file()) names.below.push_back(it->path().lexically_relative(folder).generic_string());
  std::sort(names.below.begin(), names.below.end());
  std::sort(names.files.begin(), names.files.end());
  std::sort(names.directories.begin(), names.directories.end());
  return names;
}

bool is_flyway(const std::string& name) {
  return name.size() > 4 && name[0] == 'V' && std::isdigit(static_cast<unsigned char>(name[1])) &&
         name.find("__") != std::string::npos && name.ends_with(".sql");
}

Tool tool_of(const fs::path& folder, const Names& names) {
  // Prisma takes any name; drizzle-kit 1.0 writes a snapshot into each.
  for (const std::string& name : names.directories)
    if (fs::exists(folder / name / "migration.sql") && !fs::exists(folder / name / "snapshot.json"))
      return Tool::prisma;
  auto any = [&](auto is) { return std::any_of(names.files.begin(), names.files.end(), is); };
  auto nested_flyway = [](const std::string& name) { return is_flyway(fs::path(name).filename().string()); };
  if (any(is_flyway) || std::any_of(names.below.begin(), names.below.end(), nested_flyway)) return Tool::flyway;
  if (any([](const std::string& name) { return name.ends_with(".up.sql") && digits_at_front(name); }))
    return Tool::golang_migrate;
  auto numbered_sql = [](const std::string& name) { return name.ends_with(".sql") && digits_at_front(name) > 0; };
  if (any([&](const std::string& name) { return numbered_sql(name) && has_mark(sql_in(folder / name)); }))
    return Tool::dbmate;
  if (any([](const std::string& name) { return name.ends_with(".sql") && digits_at_front(name) == 14; }))
    return Tool::supabase;
  ErrorContext context;
  context.at.file = folder.string();
  context.hint =
      "Known are Supabase and dbmate (20260103120000_name.sql), Prisma (name/migration.sql), "
      "golang-migrate (000001_name.up.sql) and Flyway (V1__name.sql).";
  throw Error("'" + folder.string() + "' holds no migrations of a known tool", context);
}

ForeignFolder of_directories(const fs::path& folder, const Names& names) {
  ForeignFolder out{Tool::prisma, {}, {}};
  for (const std::string& name : names.directories) {
    fs::path file = folder / name / "migration.sql";
    if (!fs::exists(file)) continue;
    ForeignMigration migration = numbered(name);
    migration.version = name;  // _prisma_migrations has the whole name
    migration.up = sql_in(file);
    migration.file = file;
    out.migrations.push_back(std::move(migration));
  }
  return out;
}

ForeignFolder of_flyway(const fs::path& folder, const Names& names) {
  ForeignFolder out{Tool::flyway, {}, {}};
  std::vector<std::string> all = names.files;
  all.insert(all.end(), names.below.begin(), names.below.end());
  for (const std::string& path : all) {
    const std::string name = fs::path(path).filename().string();
    if (!name.ends_with(".sql") || (name.starts_with('U') && name.find("__") != std::string::npos)) continue;
    if (!is_flyway(name)) {
      out.left_out.push_back(path);
      continue;
    }
    const size_t at = name.find("__");
    ForeignMigration migration;
    migration.version = name.substr(1, at - 1);
    migration.name = fit(name.substr(at + 2, name.size() - at - 6));
    migration.up = sql_in(folder / path);
    migration.file = folder / path;
    for (const std::string& other : all)  // its way back is read with it
      if (fs::path(other).filename().string().starts_with("U" + migration.version + "__"))
        migration.down = sql_in(folder / other);
    out.migrations.push_back(std::move(migration));
  }
  std::stable_sort(out.migrations.begin(), out.migrations.end(),
                   [](const auto& a, const auto& b) { return flyway_number(a.version) < flyway_number(b.version); });
  for (size_t i = 1; i < out.migrations.size(); i++)
    if (flyway_number(out.migrations[i - 1].version) == flyway_number(out.migrations[i].version))
      refuse(out.migrations[i].file,
             "two migrations have version " + out.migrations[i].version + ": " +
                 out.migrations[i - 1].file.lexically_relative(folder).string() + " and " +
                 out.migrations[i].file.lexically_relative(folder).string(),
             "Flyway refuses that too. Take away or rename the one that was not applied.");
  return out;
}

}  // namespace

std::string_view name_of(Tool tool) {
  switch (tool) {
    case Tool::supabase:
      return "Supabase";
    case Tool::prisma:
      return "Prisma";
    case Tool::dbmate:
      return "dbmate";
    case Tool::golang_migrate:
      return "golang-migrate";
    case Tool::flyway:
      return "Flyway";
  }
  return "";
}

ForeignFolder read_foreign(const fs::path& folder) {
  Names names = names_in(folder);
  Tool tool = tool_of(folder, names);
  if (tool == Tool::prisma) return of_directories(folder, names);
  if (tool == Tool::flyway) return of_flyway(folder, names);
  ForeignFolder out{tool, {}, {}};
  for (const std::string& name : names.files) {
    if (!name.ends_with(".sql")) continue;
    std::string stem = name.substr(0, name.size() - 4);
    ForeignMigration migration;
    if (!digits_at_front(name)) {
      out.left_out.push_back(name);
      continue;
    } else if (tool == Tool::golang_migrate) {
      if (!stem.ends_with(".up")) continue;
      migration = numbered(stem.substr(0, stem.size() - 3));
      migration.up = sql_in(folder / name);
      const fs::path down = folder / (stem.substr(0, stem.size() - 3) + ".down.sql");
      if (fs::exists(down)) migration.down = sql_in(down);
    } else {
      migration = numbered(stem);
      if (tool == Tool::dbmate)
        split_sections(folder / name, migration);
      else
        migration.up = sql_in(folder / name);
    }
    migration.file = folder / name;
    out.migrations.push_back(std::move(migration));
  }
  auto number = [](const ForeignMigration& migration) { return std::strtoll(migration.version.c_str(), nullptr, 10); };
  std::stable_sort(out.migrations.begin(), out.migrations.end(),
                   [&](const auto& a, const auto& b) { return number(a) < number(b); });
  return out;
}

}  // namespace sluice::history

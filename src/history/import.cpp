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

// dbmate: -- migrate:up and -- migrate:down, with options behind them.
void split_sections(const std::string& text, ForeignMigration& out) {
  std::string* section = nullptr;
  for (const std::string& line : text::split(text, "\n")) {
    std::string_view trimmed = text::trim(line);
    if (trimmed.starts_with("-- migrate:up"))
      section = &out.up;
    else if (trimmed.starts_with("-- migrate:down"))
      section = &out.down;
    else if (section)
      *section += line + "\n";
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
  if (any(is_flyway)) return Tool::flyway;
  if (any([](const std::string& name) { return name.ends_with(".up.sql") && digits_at_front(name); }))
    return Tool::golang_migrate;
  auto numbered_sql = [](const std::string& name) { return name.ends_with(".sql") && digits_at_front(name) > 0; };
  auto first = std::find_if(names.files.begin(), names.files.end(), numbered_sql);
  if (first != names.files.end() && files::read(folder / *first).find("-- migrate:up") != std::string::npos)
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
    migration.up = files::read(file);
    migration.file = file;
    out.migrations.push_back(std::move(migration));
  }
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
  ForeignFolder out{tool, {}, {}};
  for (const std::string& name : names.files) {
    if (!name.ends_with(".sql")) continue;
    std::string stem = name.substr(0, name.size() - 4);
    ForeignMigration migration;
    if (tool == Tool::flyway) {
      if (name.starts_with('U') && name.find("__") != std::string::npos) continue;  // read with its V
      if (!is_flyway(name)) {
        out.left_out.push_back(name);
        continue;
      }
      size_t at = stem.find("__");
      migration.version = stem.substr(1, at - 1);
      migration.name = fit(stem.substr(at + 2));
      migration.up = files::read(folder / name);
      for (const std::string& other : names.files)
        if (other.starts_with("U" + migration.version + "__")) migration.down = files::read(folder / other);
    } else if (!digits_at_front(name)) {
      out.left_out.push_back(name);
      continue;
    } else if (tool == Tool::golang_migrate) {
      if (!stem.ends_with(".up")) continue;
      migration = numbered(stem.substr(0, stem.size() - 3));
      migration.up = files::read(folder / name);
      migration.down = files::read_if_exists(folder / (stem.substr(0, stem.size() - 3) + ".down.sql")).value_or("");
    } else {
      migration = numbered(stem);
      if (tool == Tool::dbmate)
        split_sections(files::read(folder / name), migration);
      else
        migration.up = files::read(folder / name);
    }
    migration.file = folder / name;
    out.migrations.push_back(std::move(migration));
  }
  auto number = [](const ForeignMigration& migration) { return std::strtoll(migration.version.c_str(), nullptr, 10); };
  std::stable_sort(out.migrations.begin(), out.migrations.end(), [&](const auto& a, const auto& b) {
    return tool == Tool::flyway ? flyway_number(a.version) < flyway_number(b.version) : number(a) < number(b);
  });
  return out;
}

}  // namespace sluice::history

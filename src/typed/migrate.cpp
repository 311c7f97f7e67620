#include "sluice/migrate.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "apply/migrate.hpp"
#include "base/text.hpp"
#include "server/user_session.hpp"
#include "sluice/version.hpp"
#include "typed/error.hpp"

namespace sluice {

namespace {

namespace fs = std::filesystem;

// The runner works on a folder. So it gets one, for us alone, gone afterwards.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::span<const embedded_file> files) {
    std::string path = (fs::temp_directory_path() / "sluice-migrations-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr)
      throw Error("no directory for the migrations can be made in " + fs::temp_directory_path().string(),
                  {.hint = "Set TMPDIR to a directory that this program can write to."});
    path_ = path;
    for (const embedded_file& file : files) {
      fs::path place = path_ / file.name;
      fs::create_directories(place.parent_path());
      std::ofstream out(place, std::ios::binary);
      out.write(reinterpret_cast<const char*>(file.data), static_cast<std::streamsize>(file.size));
      if (!out.flush()) throw Error("cannot write " + place.string());
    }
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }
  // People know the files by their names.
  std::string named(std::string s) const { return text::replace_all(std::move(s), path_.string() + "/", ""); }

 private:
  fs::path path_;
};

std::vector<applied_migration> run(const pg::Database& database, const TemporaryFolder& files,
                                   const migrate_options& options) {
  history::Folder folder = history::Folder::open(files.path());
  apply::MigrateOptions how;
  std::string run_id = pg::Uuid::random().str().substr(0, 8);
  how.run = {run_id, "migrate", std::string(version()), std::nullopt};
  server::Target target;
  target.url = database.url();
  target.application_name = "sluice migrate " + run_id;
  how.execute.ledger.schema = options.ledger_schema;
  how.execute.ledger.table = options.ledger_table;
  how.execute.run_id = run_id;
  how.execute.watch = target;
  how.execute.watch.application_name = "sluice watch";
  how.execute.lock_timeout = options.lock_timeout;
  how.execute.lock.patience = how.execute.lock_patience = options.wait;
  how.execute.keep.enabled = options.keep;
  if (options.warning) {
    how.execute.warning = [&](const std::string& s) { options.warning(files.named(s)); };
    how.execute.lock.waiting = [&](const std::string& holder) {
      options.warning("waiting for another runner: " + holder);
    };
  }
  if (options.applying) how.applying = [&](const history::Migration& m) { options.applying(m.entry.tag); };
  server::Connection connection(target);
  server::protect(connection);
  std::vector<applied_migration> out;
  for (const apply::Applied& applied : apply::migrate(connection, folder, how))
    out.push_back({applied.tag, applied.milliseconds});
  return out;
}

}  // namespace

std::vector<applied_migration> migrate(const pg::Database& database, std::span<const embedded_file> folder,
                                       const migrate_options& options) {
  return typed::translated([&] {
    TemporaryFolder files(folder);
    try {
      return run(database, files, options);
    } catch (const Error& error) {
      Error named(files.named(error.what()), error.context);
      for (std::string* s : {&named.context.at.file, &named.context.hint, &named.context.detail, &named.context.state})
        *s = files.named(*s);
      throw named;
    }
  });
}

}  // namespace sluice

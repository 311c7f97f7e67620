// What is applied and what is pending.
#include "apply/status.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/lock.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/expansions.hpp"
#include "cli/steps.hpp"
#include "server/user_session.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

namespace {

struct Look {
  const char *mark, *color;
};

Look look_of(apply::State state) {
  switch (state) {
    case apply::State::applied:
      return {"✔", "32"};
    case apply::State::pending:
      return {"●", "33"};
    case apply::State::edited:
    case apply::State::missing_file:
    case apply::State::out_of_order:
      return {"!", "31"};
  }
  return {"", ""};
}

std::string explanation(apply::State state) {
  switch (state) {
    case apply::State::edited:
      return "the file was edited after it was applied; restore it and write a new migration";
    case apply::State::missing_file:
      return "applied, but the file is gone; restore it from version control";
    case apply::State::out_of_order:
      return "dated before a migration that is applied; drizzle-orm would skip it (see 'sluice migrate "
             "--allow-out-of-order')";
    default:
      return "";
  }
}

// The migration that stands later in the folder and was applied before this one; "" for none.
std::string applied_after(const apply::Status& status, size_t place) {
  const apply::Item& item = status.items[place];
  for (size_t i = status.items.size(); item.row && i-- > place + 1;)
    if (status.items[i].row && status.items[i].row->id < item.row->id) return status.items[i].entry.tag;
  return "";
}

Json to_json(const apply::Progress& progress) {
  return {{"direction", progress.direction == apply::Direction::up ? "up" : "down"},
          {"done", progress.done},
          {"steps", progress.total}};
}

Json to_json(const apply::Item& item) {
  Json json{{"migration", item.entry.tag}, {"state", apply::name_of(item.state)}};
  if (item.no_file) json["fileMissing"] = true;
  if (item.progress) json["interrupted"] = to_json(*item.progress);
  if (item.row) {
    json["appliedAt"] = item.row->applied_at ? Json(*item.row->applied_at) : Json(nullptr);
    json["durationMs"] = item.row->duration_ms ? Json(*item.row->duration_ms) : Json(nullptr);
    if (!item.again.empty()) json["recorded"] = item.again.size() + 1;
  }
  return json;
}

// What `expand` has begun and `contract` has not ended, in this database.
Json say_between(const history::Folder& folder, const apply::Status& status, server::Connection& connection,
                 Terminal& terminal) {
  Json list = Json::array();
  auto is_applied = [&](const std::string& tag) {
    return std::any_of(status.items.begin(), status.items.end(),
                       [&](const apply::Item& item) { return item.entry.tag == tag && item.row; });
  };
  for (const OpenExpansion& open : all_expansions(folder)) {
    const bool applied = is_applied(open.tag);
    if (applied ? is_applied(open.contract) : !open.contract.empty()) continue;
    std::string line = "  in between: " + describe(open.expansion) + " (" + open.tag + ")";
    Json json{{"columns", describe(open.expansion)}, {"migration", open.tag}, {"applied", applied}};
    if (!open.contract.empty()) json["contract"] = open.contract;
    if (applied) {
      const std::string sequence = plan::last_write_sequence(open.expansion);
      // Gone with the trigger: it was contracted here by a migration whose file is gone. Or with the whole table.
      const model::Key& name = open.expansion.table;
      const server::Rows gone = connection.query("SELECT to_regclass($1) IS NULL OR to_regclass($2) IS NULL",
                                                 {sequence, sql::qualified(name.schema, name.name)});
      if (gone.text(0, 0) == "t") continue;
      const server::Rows last = connection.execute("SELECT extract(epoch FROM clock_timestamp()) - last_value FROM " +
                                                   sequence + " WHERE is_called");
      json["oldCodeWroteSecondsAgo"] = last.empty() ? Json(nullptr) : Json(std::stod(last.text(0, 0)));
      const bool table = !open.expansion.new_table.empty();
      line += last.empty() ? std::string("; the old code has not ") + (table ? "used it" : "written") + " since"
                           : std::string("; the old code ") + (table ? "used it " : "wrote ") +
                                 text::duration(std::stod(last.text(0, 0)) * 1000) + " ago";
    }
    if (!open.contract.empty()) line += "; " + open.contract + " will end it";
    terminal.say(line);
    list.push_back(json);
  }
  return list;
}

}  // namespace

Json status_json(const apply::Status& status) {
  Json items = Json::array(), unknown = Json::array();
  for (size_t place = 0; place < status.items.size(); place++) {
    items.push_back(to_json(status.items[place]));
    if (std::string after = applied_after(status, place); !after.empty()) items.back()["appliedAfter"] = after;
  }
  for (const apply::LedgerRow& row : status.unknown)
    unknown.push_back(
        {{"name", row.name ? Json(*row.name) : Json(nullptr)}, {"hash", row.hash}, {"createdAt", row.created_at}});
  Json lost = Json::array();
  for (const apply::Progress& progress : status.lost) {
    lost.push_back({{"migration", progress.tag}});
    lost.back().update(to_json(progress));
  }
  const size_t pending = status.count(apply::State::pending) + status.count(apply::State::out_of_order);
  return {{"status", pending ? "pending" : "up_to_date"},
          {"pending", pending},
          {"migrations", items},
          {"unknown", unknown},
          {"interruptedElsewhere", lost}};
}

Exit status(const Overrides& overrides, Terminal& terminal) {
  Config config = load_config(overrides, {Needs::folder, Needs::database});
  history::Folder folder = history::Folder::open(config.out);
  server::Target target;
  target.url = config.url;
  target.application_name = "sluice status";
  server::Connection connection(target);
  server::protect(connection);
  apply::Status status = apply::compare(folder, apply::read_ledger(connection, config.ledger));

  terminal.say(terminal.bold(fs::proximate(config.out).string()) + " → " + connection.describe());
  terminal.say("");
  size_t width = 0;
  for (const apply::Item& item : status.items) width = std::max(width, item.entry.tag.size());
  for (size_t place = 0; place < status.items.size(); place++) {
    const apply::Item& item = status.items[place];
    const std::string after = applied_after(status, place);
    Look look = look_of(item.no_file && item.state == apply::State::pending ? apply::State::missing_file : item.state);
    std::string line = fmt::format("  {} {:<{}}  {:<12}", terminal.colored(look.mark, look.color), item.entry.tag,
                                   width, apply::name_of(item.state));
    if (item.row && item.row->applied_at) line += "  " + *item.row->applied_at;
    if (item.row && item.row->duration_ms) line += "  " + text::duration(*item.row->duration_ms);
    terminal.say(std::string(text::trim(line).empty() ? "" : line.substr(0, line.find_last_not_of(' ') + 1)));
    if (std::string why = explanation(item.state); !why.empty()) terminal.say("      " + why);
    if (item.no_file && status.is_pending(item))
      terminal.say("      its file is missing: " + item.entry.file_name() +
                   " stands in the journal but not in the folder; restore it from version control");
    if (!item.again.empty()) terminal.say("      " + item.recorded_often() + "; 'sluice repair --duplicates' mends it");
    if (!after.empty()) terminal.say("      applied after " + after + ", which stands behind it in the folder");
    if (item.progress)
      terminal.say(fmt::format("      interrupted after {} of {} steps {}; 'sluice {}' goes on there",
                               item.progress->done, item.progress->total,
                               item.progress->direction == apply::Direction::up ? "up" : "down",
                               item.progress->direction == apply::Direction::up ? "migrate" : "rollback"));
  }
  for (const apply::LedgerRow& row : status.unknown) {
    std::string name = row.name.value_or("(no name, hash " + row.hash.substr(0, 12) + "…)");
    terminal.say("  " + terminal.colored("?", "31") + " " + name + "  in the database, but not in the folder");
  }
  for (const apply::Progress& progress : status.lost) {
    const bool up = progress.direction == apply::Direction::up;
    terminal.say("  " + terminal.colored("!", "31") + " " + progress.tag + "  half " +
                 (up ? "applied" : "rolled back") + ", but not in the folder");
    terminal.say(
        fmt::format("      interrupted after {} of {} steps {}; restore its file, and 'sluice {}' goes on there",
                    progress.done, progress.total, up ? "up" : "down", up ? "migrate" : "rollback"));
  }
  Json between = say_between(folder, status, connection, terminal);
  size_t pending = status.count(apply::State::pending) + status.count(apply::State::out_of_order);
  if (!status.items.empty() || !status.unknown.empty() || !status.lost.empty()) terminal.say("");
  const auto gone =
      static_cast<size_t>(std::count_if(status.items.begin(), status.items.end(), [&](const apply::Item& item) {
        return item.no_file && status.is_pending(item);
      }));
  terminal.say(fmt::format("{}: {} applied, {} pending{}", text::counted(status.items.size(), "migration"),
                           status.items.size() - pending, pending,
                           gone ? fmt::format(" ({} without a file)", gone) : std::string()));
  std::optional<std::string> holder = apply::lock_holder(connection, config.ledger);
  if (holder) terminal.say("at work: " + *holder);
  if (terminal.json()) {
    Json answer = status_json(status);
    answer["atWork"] = holder ? Json(*holder) : Json(nullptr);
    answer["between"] = between;
    terminal.answer(answer);
  }
  return Exit::done;
}

void add_status(CLI::App& app, Chosen& chosen) {
  auto overrides = std::make_shared<Overrides>();
  CLI::App* command = add_command(app, chosen, "status", "Show which migrations are applied and which are pending",
                                  "  sluice status\n  sluice status --json");
  add_location_options(command, *overrides, true);
  command->callback(
      [&chosen, overrides] { chosen.run = [overrides](Terminal& terminal) { return status(*overrides, terminal); }; });
}

}  // namespace sluice::cli

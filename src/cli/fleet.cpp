// One folder, many databases or schemas: which they are, how far each is.
#include "cli/fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "cli/command_list.hpp"
#include "cli/commands.hpp"

namespace sluice::cli {

namespace {

constexpr size_t most_names = 5;

// "a, b, c and 3 more"
std::string some_of(const std::vector<std::string>& names) {
  if (names.size() <= most_names + 1) return text::join(names, ", ");
  return text::join({names.begin(), names.begin() + most_names}, ", ") +
         fmt::format(" and {} more", names.size() - most_names);
}

// The targets' states, sorted by what a person wants to know.
struct Summary {
  std::map<std::string, std::vector<std::string>> at;  // the last migration that is applied → targets
  std::vector<std::string> behind, edited, out_of_order, unknown, interrupted, failed, unread;
};

Summary summary_of(const std::vector<apply::FleetTarget>& targets, const std::vector<apply::FleetState>& states) {
  Summary out;
  for (size_t i = 0; i < targets.size(); i++) {
    const std::string& name = targets[i].name;
    const apply::FleetState& state = states[i];
    if (!state.status) {
      out.unread.push_back(name + ": " + (state.error ? state.error->what() : ""));
      continue;
    }
    out.at[state.last].push_back(name);
    bool pending = false;
    for (const apply::Item& item : state.status->items) {
      pending = pending || state.status->is_pending(item);
      if (item.state == apply::State::edited) out.edited.push_back(name + " (" + item.entry.tag + ")");
      if (item.state == apply::State::out_of_order) out.out_of_order.push_back(name + " (" + item.entry.tag + ")");
      if (item.progress) out.interrupted.push_back(name + " (" + item.entry.tag + ")");
    }
    if (pending) out.behind.push_back(name);
    if (!state.status->unknown.empty()) out.unknown.push_back(name);
    if (!state.failed.empty()) out.failed.push_back(name);
  }
  return out;
}

Json target_json(const apply::FleetTarget& target, const apply::FleetState& state) {
  Json json{{"target", target.name}};
  if (!state.status) {
    json["error"] = state.error ? to_json(*state.error)["error"] : Json(nullptr);
    return json;
  }
  Json pending = Json::array(), edited = Json::array(), out_of_order = Json::array();
  for (const apply::Item& item : state.status->items) {
    if (state.status->is_pending(item)) pending.push_back(item.entry.tag);
    if (item.state == apply::State::edited) edited.push_back(item.entry.tag);
    if (item.state == apply::State::out_of_order) out_of_order.push_back(item.entry.tag);
  }
  json["last"] = state.last.empty() ? Json(nullptr) : Json(state.last);
  json["pending"] = pending;
  json["edited"] = edited;
  json["outOfOrder"] = out_of_order;
  json["unknown"] = state.status->unknown.size();
  json["failedLast"] = state.failed.empty() ? Json(nullptr) : Json{{"at", state.failed}, {"error", state.failed_text}};
  return json;
}

Exit status(const FleetChoice& choice, Terminal& terminal) {
  ChosenFleet chosen = choose_fleet(choice);
  const history::Folder folder = history::Folder::open(chosen.config.out);
  require_folder(folder);
  std::vector<apply::FleetState> states;
  {
    ProgressLine line(terminal);
    size_t done = 0;
    states =
        apply::look_at_fleet(chosen.targets, folder, chosen.config.ledger, static_cast<size_t>(chosen.fleet.parallel),
                             [&] { line.show("asked", ++done, chosen.targets.size(), ""); });
  }
  const Summary sums = summary_of(chosen.targets, states);
  const size_t total = chosen.targets.size();
  terminal.say(terminal.bold(chosen.fleet.name) +
               fmt::format("  {} target{}, {} migration{} in {}", total, total == 1 ? "" : "s", folder.entries().size(),
                           folder.entries().size() == 1 ? "" : "s", fs::proximate(chosen.config.out).string()));
  terminal.say("");
  size_t width = 12;
  for (const auto& [tag, names] : sums.at) width = std::max(width, tag.size());
  // The newest first: that is where they should be.
  for (size_t i = folder.entries().size() + 1; i-- > 0;) {
    const auto found = sums.at.find(i == 0 ? "" : folder.entries()[i - 1].tag);
    if (found == sums.at.end()) continue;
    const bool newest = i == folder.entries().size();
    terminal.say(fmt::format("  {} {:<{}}  {:>6}{}", terminal.colored(newest ? "✔" : "●", newest ? "32" : "33"),
                             i == 0 ? "none yet" : found->first, width, found->second.size(),
                             newest ? "" : "  " + some_of(found->second)));
  }
  auto more = [&](const std::string& what, const std::vector<std::string>& names) {
    if (!names.empty())
      terminal.say(fmt::format("  {} {:<{}}  {:>6}  {}", terminal.colored("!", "31"), what, width, names.size(),
                               some_of(names)));
  };
  more("edited", sums.edited);
  more("out of order", sums.out_of_order);
  more("unknown rows", sums.unknown);
  more("interrupted", sums.interrupted);
  more("failed last", sums.failed);
  more("not read", sums.unread);
  std::map<std::string, size_t> errors;
  for (const apply::FleetState& state : states)
    if (!state.failed.empty()) errors[state.failed_text]++;
  for (const auto& [error, count] : errors) terminal.say(fmt::format("      {}: {}", count, error));
  terminal.say("");
  terminal.say(fmt::format("{} of {} up to date{}", total - sums.behind.size() - sums.unread.size(), total,
                           sums.behind.empty() ? "" : fmt::format(", {} behind", sums.behind.size())));
  if (terminal.json()) {
    Json migrations = Json::array(), targets = Json::array();
    for (const history::Entry& entry : folder.entries()) {
      const auto found = sums.at.find(entry.tag);
      migrations.push_back({{"migration", entry.tag}, {"targets", found == sums.at.end() ? 0 : found->second.size()}});
    }
    for (size_t i = 0; i < total; i++) targets.push_back(target_json(chosen.targets[i], states[i]));
    terminal.answer({{"status", !sums.unread.empty()  ? "error"
                                : sums.behind.empty() ? "up_to_date"
                                                      : "pending"},
                     {"fleet", chosen.fleet.name},
                     {"total", total},
                     {"behind", sums.behind.size()},
                     {"failedLast", sums.failed.size()},
                     {"notRead", sums.unread.size()},
                     {"lastApplied", migrations},
                     {"targets", targets}});
  }
  return sums.unread.empty() ? Exit::done : Exit::error;
}

}  // namespace

ProgressLine::ProgressLine(const Terminal& terminal) : visible_(terminal.draws()) {}

void ProgressLine::show(const std::string& what, size_t done, size_t total, const std::string& more) {
  if (!visible_) return;
  constexpr size_t width = 24;
  const size_t full = total == 0 ? width : done * width / total;
  std::string bar;
  for (size_t i = 0; i < width; i++) bar += i < full ? "█" : "░";
  fmt::print(stderr, "\033[K  {} {} {} of {}{}\r", what, bar, done, total, more);
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::clear() {
  if (shown_) fmt::print(stderr, "\033[K");
  shown_ = false;
}

ChosenFleet choose_fleet(const FleetChoice& choice) {
  ChosenFleet out;
  out.config = load_config(choice.overrides, {Needs::folder});
  const Fleet& given = choice.given;
  const bool source = !given.file.empty() || !given.query.empty() || !given.databases.empty() || !given.schemas.empty();
  if (source && choice.name.empty()) {
    out.fleet = given;
    out.fleet.name = "fleet";
    // Where it looks for them is the project's database, if nothing else is said.
    if (out.fleet.url.empty() && out.fleet.file.empty())
      out.fleet.url = load_config(choice.overrides, {Needs::folder, Needs::database}).url;
  } else {
    if (source)
      throw Error("the fleet '" + choice.name + "' of sluice.toml says itself which its targets are",
                  {.hint = "Leave the name out, or --schemas, --databases, --query and --file."});
    out.fleet = fleet_named(out.config.settings, choice.name);
    if (!given.url.empty()) out.fleet.url = given.url;
  }
  if (choice.parallel) out.fleet.parallel = *choice.parallel;
  out.targets = fleet_targets(out.config, out.fleet);
  if (choice.only.empty()) return out;
  for (const std::string& pattern : choice.only)
    if (std::none_of(out.targets.begin(), out.targets.end(), [&](const apply::FleetTarget& target) {
          return target.name == pattern || text::glob_match(pattern, target.name);
        }))
      throw Error("no target of the fleet is '" + pattern + "'", {.hint = "'sluice fleet list' has their names."});
  std::erase_if(out.targets, [&](const apply::FleetTarget& target) {
    return std::none_of(choice.only.begin(), choice.only.end(), [&](const std::string& pattern) {
      return target.name == pattern || text::glob_match(pattern, target.name);
    });
  });
  return out;
}

void add_fleet_options(CLI::App* command, FleetChoice& choice) {
  command->add_option("name", choice.name, "a [[fleet]] of sluice.toml (not needed if there is one)");
  add_location_options(command, choice.overrides, false);
  command->add_option("--url", choice.given.url,
                      "the server, or the database of the schemas (default: the fleet's url, else the project's)");
  command->add_option("--schemas", choice.given.schemas, "schemas that are LIKE this: --schemas 'tenant_%'");
  command->add_option("--databases", choice.given.databases, "databases of the server that are LIKE this");
  command->add_option("--query", choice.given.query,
                      "SQL whose rows are the targets: columns url, database or schema, and name");
  command->add_option("--file", choice.given.file, "a line for each target: a URL, a URL and a schema, or a schema");
  command->add_option("--only", choice.only, "these targets of it: names, or globs such as 'tenant_1*'");
  command->add_option("--parallel", choice.parallel, "targets of one server at once (default 10)")
      ->check(CLI::Range(1, 1000));
}

void add_fleet_status(CLI::App& fleet, Chosen& chosen) {
  auto choice = std::make_shared<FleetChoice>();
  CLI::App* command = add_command(fleet, chosen, "status",
                                  "Show how many targets are at which migration, who is behind, and who failed",
                                  "  sluice fleet status\n  sluice fleet status --schemas 'tenant_%' --json");
  add_fleet_options(command, *choice);
  command->callback(
      [&chosen, choice] { chosen.run = [choice](Terminal& terminal) { return status(*choice, terminal); }; });
}

void add_fleet(CLI::App& app, Chosen& chosen) {
  CLI::App* fleet = app.add_subcommand("fleet", "One folder, many databases or schemas: in waves, with one overview");
  fleet->require_subcommand(1);
  add_fleet_status(*fleet, chosen);
  add_fleet_migrate(*fleet, chosen);
  add_fleet_rollback(*fleet, chosen);
  add_fleet_drift(*fleet, chosen);
  auto choice = std::make_shared<FleetChoice>();
  CLI::App* list = add_command(*fleet, chosen, "list", "Print the targets, in the order in which they are migrated",
                               "  sluice fleet list\n  sluice fleet list --databases 'tenant_%'");
  add_fleet_options(list, *choice);
  list->callback([&chosen, choice] {
    chosen.run = [choice](Terminal& terminal) {
      const ChosenFleet found = choose_fleet(*choice);
      const std::vector<size_t> waves = wave_sizes(found.fleet.waves, found.targets.size());
      Json targets = Json::array();
      size_t wave = 0, end = 0;
      for (size_t i = 0; i < found.targets.size(); i++) {
        while (i == end) end += waves[wave++];
        terminal.say(found.targets[i].name);
        targets.push_back({{"target", found.targets[i].name}, {"wave", wave}});
      }
      if (terminal.json()) terminal.answer({{"status", "ok"}, {"fleet", found.fleet.name}, {"targets", targets}});
      return Exit::done;
    };
  });
}

}  // namespace sluice::cli

#include "cli/fleet_drift.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "cli/command_list.hpp"
#include "cli/commands.hpp"
#include "cli/fleet.hpp"
#include "cli/migration_text.hpp"

namespace sluice::cli {

namespace {

constexpr size_t most_shown = 20;

// Targets with one key can be compared with the same scratch server.
std::string key_of(const apply::FleetTarget& target, size_t number, const Claim& claim,
                   const std::vector<std::string>& shared) {
  std::string key = fmt::format("{} {}\n{}", claim.major, target.schema.empty() ? "database" : "schema",
                                text::join(claim.applied, "\n"));
  if (!claim.ledger.progress.empty()) key += fmt::format("\ninterrupted {}", number);
  if (!target.schema.empty() && !shared.empty()) key += "\n" + target.url;
  return key;
}

class Comparisons {
 public:
  Comparisons(const std::vector<apply::FleetTarget>& targets, const Config& config, const Fleet& fleet,
              const history::Folder& folder, const std::vector<std::string>& ignore)
      : targets_(targets), config_(config), fleet_(fleet), folder_(folder), ignore_(ignore) {}

  Drift compare(size_t i, std::vector<std::string>& warnings) {
    const apply::FleetTarget& target = targets_[i];
    server::Connection connection = apply::connect(target, fleet_.shared, "sluice fleet drift");
    const Claim claim = read_claim(connection, apply::ledger_of(target, config_.ledger), folder_);
    warnings = claim.warnings;
    Drift found = expected(i, claim, connection).compare(connection, ignore_, target.schema);
    if (!found.spelled.empty())
      warnings.push_back(
          "spelled in another way by the version that the migrations were replayed on, and not counted: " +
          text::join(found.spelled, ", "));
    return found;
  }

 private:
  struct Slot {
    std::mutex mutex;
    std::unique_ptr<Expected> expected;
    std::optional<Error> error;
  };

  // Made by the first that asks; the others wait for it, or get its error.
  Expected& expected(size_t i, const Claim& claim, server::Connection& live) {
    Slot& slot = slot_of(key_of(targets_[i], i, claim, fleet_.shared));
    const std::lock_guard lock(slot.mutex);
    if (slot.error) throw Error(*slot.error);
    if (slot.expected) return *slot.expected;
    try {
      slot.expected =
          std::make_unique<Expected>(config_, folder_, claim, live, targets_[i].schema,
                                     targets_[i].schema.empty() ? std::vector<std::string>{} : fleet_.shared);
    } catch (const Error& error) {
      slot.error = error;
      throw;
    }
    return *slot.expected;
  }

  Slot& slot_of(const std::string& key) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Slot>& slot = slots_[key];
    if (!slot) slot = std::make_unique<Slot>();
    return *slot;
  }

  const std::vector<apply::FleetTarget>& targets_;
  const Config& config_;
  const Fleet& fleet_;
  const history::Folder& folder_;
  const std::vector<std::string>& ignore_;
  std::mutex mutex_;  // of the map
  std::map<std::string, std::unique_ptr<Slot>> slots_;
};

Json answer_of(const apply::FleetTarget& target, const TargetDrift& found) {
  Json json{{"target", target.name}};
  if (found.error) {
    json["error"] = to_json(*found.error)["error"];
    return json;
  }
  json["byHand"] = to_json(found.drift->by_hand);
  json["undo"] = to_json(found.drift->undo);
  json["others"] = found.drift->others;
  return json;
}

Exit drift(const FleetChoice& choice, const std::vector<std::string>& ignore, Terminal& terminal) {
  const ChosenFleet chosen = choose_fleet(choice);
  const history::Folder folder = history::Folder::open(chosen.config.out);
  require_folder(folder);
  const size_t total = chosen.targets.size();
  std::vector<TargetDrift> found;
  {
    ProgressLine line(terminal);
    size_t done = 0;
    found = find_fleet_drift(chosen.targets, chosen.config, chosen.fleet, folder, ignore,
                             [&] { line.show("compared", ++done, total, ""); });
  }
  size_t drifted = 0, unread = 0;
  Json targets = Json::array();
  for (size_t i = 0; i < total; i++) {
    const std::string& name = chosen.targets[i].name;
    const TargetDrift& each = found[i];
    for (const std::string& warning : each.warnings) terminal.warning(name + ": " + warning);
    if (each.error) {
      unread++;
      terminal.say("  " + terminal.colored("!", "31") + " " + name + ": " + each.error->what());
      if (!each.error->context.hint.empty()) terminal.detail("      " + each.error->context.hint);
    } else if (!each.drift->empty() && drifted++ < most_shown) {
      terminal.say("  " + terminal.colored("✘", "31") + " " + name);
      for (const std::string& line : lines_of(*each.drift))
        terminal.say("      " + text::replace_all(line, "\n", "\n      "));
    }
    if (terminal.json()) targets.push_back(answer_of(chosen.targets[i], each));
  }
  if (drifted > most_shown) terminal.say(fmt::format("  … and {} more (--json has all)", drifted - most_shown));
  const std::string all = fmt::format("{} target{}", total, total == 1 ? "" : "s");
  if (drifted == 0 && unread == 0)
    terminal.success("No drift: " + all + (total == 1 ? " is what its" : " are what their") + " migrations made");
  else
    terminal.say(fmt::format("{} of {} {} not what the migrations made{}", drifted, all, drifted == 1 ? "is" : "are",
                             unread ? fmt::format(", {} could not be compared", unread) : ""));
  if (terminal.json())
    terminal.answer({{"status", unread    ? "error"
                                : drifted ? "drift"
                                          : "ok"},
                     {"fleet", chosen.fleet.name},
                     {"total", total},
                     {"drifted", drifted},
                     {"notCompared", unread},
                     {"targets", targets}});
  return unread ? Exit::error : drifted ? Exit::findings : Exit::done;
}

}  // namespace

std::vector<std::string> lines_of(const Drift& drift) {
  std::vector<std::string> out;
  for (const plan::Statement& each : drift.by_hand) out.emplace_back(text::trim(each.sql));
  out.insert(out.end(), drift.others.begin(), drift.others.end());
  return out;
}

std::vector<TargetDrift> find_fleet_drift(const std::vector<apply::FleetTarget>& targets, const Config& config,
                                          const Fleet& fleet, const history::Folder& folder,
                                          const std::vector<std::string>& ignore, const std::function<void()>& done) {
  std::vector<TargetDrift> out(targets.size());
  Comparisons comparisons(targets, config, fleet, folder, ignore);
  std::mutex mutex;
  apply::for_each_target(targets, static_cast<size_t>(fleet.parallel), [&](size_t i) {
    try {
      out[i].drift = comparisons.compare(i, out[i].warnings);
    } catch (const Error& error) {
      out[i].error = error;
    } catch (const std::exception& error) {
      out[i].error = Error(std::string("internal error: ") + error.what());
    }
    const std::lock_guard lock(mutex);
    if (done) done();
    return !interrupt::requested();
  });
  interrupt::check();
  return out;
}

void add_fleet_drift(CLI::App& fleet, Chosen& chosen) {
  auto choice = std::make_shared<FleetChoice>();
  auto ignore = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      add_command(fleet, chosen, "drift", "Show what was changed by hand on the targets; exit code 2 if anything was",
                  "  sluice fleet drift\n  sluice fleet drift --only 'tenant_1*' --ignore 'audit_*'");
  add_fleet_options(command, *choice);
  command->add_option("--ignore", *ignore,
                      "globs of tables and other objects that do not count, besides [drift] ignore of sluice.toml");
  command->callback([&chosen, choice, ignore] {
    chosen.run = [choice, ignore](Terminal& terminal) { return drift(*choice, *ignore, terminal); };
  });
}

}  // namespace sluice::cli

#include "cli/expansions.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"

namespace sluice::cli {

using Json = nlohmann::ordered_json;
using plan::Expansion;

namespace {

constexpr std::string_view expand_word = "-- sluice:expand ", contract_word = "-- sluice:contract ";

Json to_json(const Expansion& e) {
  Json replaced = Json::array();
  for (const auto& [name, beside] : e.replaced) replaced.push_back({name, beside});
  Json json{{"schema", e.table.schema}, {"table", e.table.name}, {"old", e.old_columns}, {"new", e.new_columns},
            {"toNew", e.to_new},        {"toOld", e.to_old},     {"replaced", replaced}};
  if (!e.new_table.empty()) json["newTable"] = e.new_table;
  if (!e.made.empty()) json["made"] = e.made;
  return json;
}

Expansion from_json(const std::string& text, const history::Entry& entry) {
  try {
    const Json json = Json::parse(text);
    Expansion e;
    e.table = {json.at("schema"), "", json.at("table")};
    e.old_columns = json.at("old").get<std::vector<std::string>>();
    e.new_columns = json.at("new").get<std::vector<std::string>>();
    e.to_new = json.at("toNew").get<std::vector<std::string>>();
    e.to_old = json.at("toOld").get<std::vector<std::string>>();
    for (const Json& pair : json.at("replaced")) e.replaced.emplace_back(pair.at(0), pair.at(1));
    e.new_table = json.value("newTable", "");
    e.made = json.value("made", "");
    return e;
  } catch (const Json::exception&) {
    ErrorContext context;
    context.at.file = entry.file_name();
    context.statement = text;
    context.hint = "Restore the line from version control: it says what 'sluice contract' has to end.";
    throw Error("the line -- sluice:expand cannot be read", context);
  }
}

}  // namespace

std::string expand_line(const Expansion& expansion) { return "sluice:expand " + to_json(expansion).dump(); }

std::string contract_line(const Expansion& expansion) {
  return "sluice:contract " +
         Json{{"schema", expansion.table.schema}, {"table", expansion.table.name}, {"old", expansion.old_columns}}
             .dump();
}

std::vector<OpenExpansion> all_expansions(const history::Folder& folder) {
  std::vector<OpenExpansion> out;
  for (const history::Entry& entry : folder.entries()) {
    std::string text;
    try {
      text = folder.read(entry).sql;
    } catch (const Error&) {  // a missing file: `check` says so
      continue;
    }
    if (text.find("-- sluice:") == std::string::npos) continue;
    for (const std::string& line : text::split(text, "\n")) {
      if (line.starts_with(expand_word))
        out.push_back({from_json(line.substr(expand_word.size()), entry), entry.tag, ""});
      if (!line.starts_with(contract_word)) continue;
      const Json ended = Json::parse(line.substr(contract_word.size()), nullptr, false);
      if (!ended.is_object()) continue;
      for (OpenExpansion& each : out)
        if (each.contract.empty() && each.expansion.table.schema == ended.value("schema", "") &&
            each.expansion.table.name == ended.value("table", "") &&
            each.expansion.old_columns == ended.value("old", std::vector<std::string>{}))
          each.contract = entry.tag;
    }
  }
  return out;
}

std::vector<OpenExpansion> open_expansions(const history::Folder& folder) {
  std::vector<OpenExpansion> out = all_expansions(folder);
  std::erase_if(out, [](const OpenExpansion& each) { return !each.contract.empty(); });
  return out;
}

std::vector<Expansion> expansions_of(const std::vector<OpenExpansion>& open) {
  std::vector<Expansion> out;
  for (const OpenExpansion& each : open) out.push_back(each.expansion);
  return out;
}

model::Schema with_open_expansions(model::Schema wanted, const model::Schema& known, const history::Folder& folder) {
  std::set<model::Key> there;
  for (const model::Column& column : model::all<model::Column>(wanted)) there.insert(column.key);
  const auto& columns = model::all<model::Column>(known);
  const auto& views = model::all<model::View>(known);
  if (std::all_of(columns.begin(), columns.end(), [&](const auto& column) { return there.contains(column.key); }) &&
      std::all_of(views.begin(), views.end(),
                  [&](const auto& view) { return model::find<model::View>(wanted, view.key); }))
    return wanted;
  return plan::in_between(wanted, known, expansions_of(open_expansions(folder)));
}

void refuse_changes_under_way(const diff::Changes& changes, const history::Folder& folder) {
  std::vector<model::Key> gone;
  for (const model::Column& column : diff::of<model::Column>(changes).dropped) gone.push_back(column.key);
  for (const diff::Rename& rename : changes.renames)
    if (rename.kind == diff::RenameKind::column || rename.kind == diff::RenameKind::table) gone.push_back(rename.from);
  if (gone.empty()) return;
  for (const OpenExpansion& open : open_expansions(folder)) {
    const Expansion& e = open.expansion;
    if (!e.new_table.empty()) continue;  // a view follows its table
    std::set<model::Key> held{e.table};
    for (const std::string& name : e.new_columns) held.insert({e.table.schema, e.table.name, name});
    for (const model::Key& key : gone) {
      if (!held.contains(key)) continue;
      ErrorContext context;
      context.exit = Exit::refused;
      context.state = "Nothing was written.";
      context.hint = "First end what is under way ('sluice contract " + display(e) +
                     "') or take it back ('sluice rollback'); or keep the name until then.";
      throw Error(
          model::display(key) + " is in between (" + describe(e) + "): without this name every write would fail",
          context);
    }
  }
}

std::string display(const Expansion& e) {
  return model::display(e.old_columns.empty() ? e.table
                                              : model::Key{e.table.schema, e.table.name, e.old_columns.front()});
}

std::string describe(const Expansion& e) {
  if (!e.new_table.empty())
    return model::display(e.table) + " → " + model::display(model::Key{e.table.schema, "", e.new_table});
  const std::string table = model::display(e.table) + ".";
  std::string out = table + text::join(e.old_columns, ", ");
  return e.new_columns.empty() ? out + " (goes)" : out + " → " + table + text::join(e.new_columns, ", ");
}

}  // namespace sluice::cli

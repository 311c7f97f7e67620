// {"before": snapshot, "after": snapshot, "beforeBeyond": what stands beside the snapshot, "afterBeyond": the same,
// "renames": [text]}: whatever two snapshots say, even what no database could
// hold, there is a plan from one to the other and one back, or an Error; and none from a schema to itself.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "model/beyond.hpp"
#include "plan/name.hpp"
#include "plan/plan.hpp"

using namespace sluice;
using Json = nlohmann::ordered_json;

namespace {

model::Schema schema_of(const Json& input, const char* name) {
  const auto found = input.find(name);
  if (found == input.end()) return {};
  auto text = [](const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
  model::Snapshot snapshot = model::parse_snapshot(text(*found), name);
  if (const auto beyond = input.find(std::string(name) + "Beyond"); beyond != input.end())
    model::carry_beyond(snapshot, text(*beyond), name);
  return std::move(snapshot.schema);
}

void check(const plan::Plan& plan) {
  for (const plan::Statement& statement : plan.statements)
    if (statement.sql.find(';') == std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Json input = Json::parse(data, data + size, nullptr, false);
  if (!input.is_object()) return 0;
  try {
    const model::Schema before = schema_of(input, "before"), after = schema_of(input, "after");
    std::vector<std::string> texts;
    if (const auto renames = input.find("renames"); renames != input.end() && renames->is_array())
      for (const Json& rename : *renames)
        if (rename.is_string()) texts.push_back(rename.get<std::string>());
    const diff::Renames renames = diff::parse_renames(texts, before, after);
    const diff::Changes changes = diff::compare(before, after, renames);
    check(plan::make(before, after, changes));
    check(plan::reverse(before, after, renames));
    diff::open_questions(before, after, {});
    plan::suggest_name(changes, {}, false);
    if (!plan::make(after, after, diff::compare(after, after)).statements.empty()) std::abort();
  } catch (const Error&) {
  }
  return 0;
}

#include "cli/stages.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/text.hpp"

namespace sluice::cli {

namespace {

const Stage& find(const Settings& settings, const std::string& name, const std::string& needed_by) {
  for (const Stage& stage : settings.stages)
    if (stage.name == name) return stage;
  std::vector<std::string> names;
  for (const Stage& stage : settings.stages) names.push_back(stage.name);
  throw Error((needed_by.empty() ? "" : "the stage '" + needed_by + "' needs '" + name + "': ") +
                  "sluice.toml has no stage '" + name + "'",
              {.hint = "Its stages are: " + text::join(names, ", ") + "."});
}

class Order {
 public:
  Order(const Settings& settings, std::vector<std::string> chosen) : settings_(settings), chosen_(std::move(chosen)) {}

  void add(const Stage& stage) {
    if (std::find(out.begin(), out.end(), &stage) != out.end()) return;
    auto seen = std::find(path_.begin(), path_.end(), stage.name);
    if (seen != path_.end()) {
      std::vector<std::string> circle(seen, path_.end());
      circle.push_back(stage.name);
      throw Error("the stages need each other in a circle: " + text::join(circle, " → "),
                  {.hint = "Take one of them out of 'needs' in sluice.toml."});
    }
    path_.push_back(stage.name);
    for (const std::string& need : stage.needs) {
      const Stage& needed = find(settings_, need, stage.name);
      if (std::find(chosen_.begin(), chosen_.end(), need) != chosen_.end()) add(needed);
    }
    path_.pop_back();
    out.push_back(&stage);
  }

  std::vector<const Stage*> out;

 private:
  const Settings& settings_;
  std::vector<std::string> chosen_, path_;
};

}  // namespace

std::vector<const Stage*> stages_in_order(const Settings& settings, const std::vector<std::string>& named) {
  if (settings.stages.empty())
    throw Error(
        "sluice.toml has no stages",
        {.hint =
             "For each database, in sluice.toml beside the configuration:\n  [[stage]]\n  name = \"staging\"\n  url = "
             "\"$STAGING_URL\"\n  after = [\"pnpm test:integration\"]"});
  std::vector<std::string> chosen = named;
  if (chosen.empty())
    for (const Stage& stage : settings.stages) chosen.push_back(stage.name);
  Order order(settings, chosen);
  for (const std::string& name : chosen) order.add(find(settings, name, ""));
  return order.out;
}

Config config_of(const Config& config, const Stage& stage) {
  Config out = config;
  std::vector<std::string> missing;
  out.url = expand(config, stage.url, &missing);
  out.url_source = "stage " + stage.name;
  if (out.url.empty())
    throw Error("the database of stage '" + stage.name + "' is not known: " +
                    (missing.empty() ? "its url is empty" : text::join(missing, ", ") + " is not set"),
                {.hint = "Its url in sluice.toml is " + server::without_password(stage.url) +
                         "; set the variable in the environment or in .env."});
  return out;
}

std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("_./:@%+=,-").find(static_cast<char>(c)) != std::string_view::npos;
  });
  return plain ? text : "'" + text::replace_all(text, "'", "'\\''") + "'";
}

}  // namespace sluice::cli

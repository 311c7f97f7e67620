// CASCADE drops what depends on the object, whatever that is on the server.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* drop = step.as<sql::Drop>();
  bool cascades = drop && drop->cascade && drop->kind != sql::ObjectKind::schema;
  if (drop && cascades) {
    bool any = false;
    for (const sql::Target& object : drop->objects) any = any || step.is_busy(step.before.resolve(object.name));
    cascades = any;
  }
  int at = -1;
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.cascade && step.is_busy(table)) cascades = true, at = action.at;
  });
  if (!cascades) return;
  std::vector<std::string> others;
  for (const impact::Touched* item :
       busy(step, [](const impact::Touched& t) { return t.dropped && t.index_of.empty(); })) {
    bool named = false;
    if (drop)
      for (const sql::Target& object : drop->objects)
        named = named || step.before.resolve(object.name) == item->relation;
    if (!named) others.push_back(shown(item->relation));
  }
  if (drop && others.empty() && drop->kind == sql::ObjectKind::table && step.before.complete &&
      !depends_on(step, *drop))
    return;  // drizzle-kit always says CASCADE
  report.add(others.empty() ? "CASCADE drops whatever depends on it" : "CASCADE drops " + list_of(others) + " too", at);
}

}  // namespace

const Rule cascade_takes_more{"SL210",
                              "cascade-takes-more",
                              Level::warning,
                              "CASCADE drops what depends on the object, whatever that is on the server.",
                              "Drop what depends on it by name, so that the migration says what goes.",
                              check};

}  // namespace sluice::review

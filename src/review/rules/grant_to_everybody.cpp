// PUBLIC and anon are everybody.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* grant = step.as<sql::Grant>();
  if (!grant || !grant->grant || grant->is_role || grant->kind != sql::ObjectKind::table) return;
  bool writes = grant->privileges.empty();
  for (const std::string& privilege : grant->privileges)
    writes = writes || (privilege != "select" && privilege != "references");
  for (const std::string& grantee : grant->grantees)
    if (grantee == "public" || (grantee == "anon" && writes && !step.options.supabase))
      report.add(grantee + " may " + (writes ? "write" : "read"));
}

}  // namespace

const Rule grant_to_everybody{"SL608",
                              "grant-to-everybody",
                              Level::warning,
                              "PUBLIC and anon are everybody.",
                              "Grant to a role that people are given.",
                              check};

}  // namespace sluice::review

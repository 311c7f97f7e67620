// Whoever may query the view sees e-mail addresses and more of every user.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  if (!step.options.supabase) return;
  const auto* create = step.as<sql::CreateView>();
  if (!create || create->temporary || step.before.resolve(create->view.name).schema != "public") return;
  for (const sql::Target& relation : step.statement().relations)
    if (relation.name == sql::Name{"auth", "users"})
      return void(
          report.add(shown(step.before.resolve(create->view.name)) + " shows auth.users to the API", relation.at));
}

}  // namespace

const Rule auth_users_exposed{"SL616",
                              "auth-users-exposed",
                              Level::error,
                              "Whoever may query the view sees e-mail addresses and more of every user.",
                              "A table of profiles with what others may see, filled by a trigger on auth.users.",
                              check};

}  // namespace sluice::review

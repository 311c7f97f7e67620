#include "server/engine.hpp"

#include "base/text.hpp"

namespace sluice::server {

namespace {

Error other_engine(const std::string& engine, const std::string& host, const std::string& why) {
  ErrorContext context;
  context.detail = why;
  context.state = "Nothing was changed.";
  context.hint =
      "docs/engines.md says what differs there. Sluice works on PostgreSQL itself, and on services that run it "
      "(Neon, Supabase, Amazon RDS and Aurora, Cloud SQL, …).";
  return Error((host.empty() ? "the server" : host) + " is " + engine + ", not PostgreSQL", context);
}

}  // namespace

std::optional<Error> unsuitable(const Greeting& greeting) {
  const std::string host = text::to_lower(greeting.host);
  if (greeting.cockroach)
    return other_engine("CockroachDB", greeting.host,
                        "Its advisory locks lock nothing, and a transaction with several changes of the schema can be "
                        "committed in part: runners would not take turns, and a migration could be half applied.");
  if (greeting.server_version.find("-YB-") != std::string::npos)
    return other_engine(
        "YugabyteDB (" + greeting.server_version + ")", greeting.host,
        "Each change of the schema is committed by itself unless the cluster is configured otherwise: a "
        "migration that fails could be half applied.");
  if (host.find(".dsql.") != std::string::npos && host.ends_with(".on.aws"))
    return other_engine("Aurora DSQL", greeting.host,
                        "A transaction there has one change of the schema and no other statement: a migration and its "
                        "row in the table of migrations cannot be applied together.");
  if (greeting.version == 0 || greeting.version / 10000 >= oldest_major) return std::nullopt;
  ErrorContext context;
  context.state = "Nothing was changed.";
  context.hint = "Upgrade the server: PostgreSQL " + greeting.server_version + " has no updates any more either.";
  return Error((greeting.host.empty() ? "the server" : greeting.host) + " is PostgreSQL " + greeting.server_version +
                   "; Sluice works with " + std::to_string(oldest_major) + " and newer",
               context);
}

}  // namespace sluice::server

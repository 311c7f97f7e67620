#include "typed_support.hpp"

#include <gtest/gtest.h>

#include "cli/schema_named.hpp"
#include "plan/plan.hpp"
#include "read/program/program.hpp"
#include "server/connection.hpp"
#include "server_support.hpp"
#include "typed/schema.hpp"

namespace sluice::typed {

namespace {

std::vector<std::string> differences(const model::Schema& a, const model::Schema& b) {
  std::vector<std::string> out;
  for (const cli::SummaryLine& line : cli::summary(diff::compare(a, b))) out.push_back(line.sign + " " + line.text);
  return out;
}

}  // namespace

std::string database_with(const pg::schema_definition& schema) {
  std::string url = server::scratch().create_database();
  server::Connection connection({url});
  model::Schema wanted = to_model(schema);
  for (const plan::Statement& statement : plan::make({}, wanted, diff::compare({}, wanted), {}).statements)
    connection.execute(statement.sql);
  return url;
}

void expect_read_back(const pg::schema_definition& schema, const std::string& url) {
  model::Schema declared = to_model(schema);
  model::Schema spelled = cli::as_read_back(declared);
  EXPECT_EQ(differences(cli::read_database(url, spelled, {}), spelled), std::vector<std::string>());
  // The snapshot that a schema program prints is the schema again.
  EXPECT_EQ(differences(read::printed_schema(pg::snapshot(schema), "snapshot"), declared), std::vector<std::string>());
}

}  // namespace sluice::typed

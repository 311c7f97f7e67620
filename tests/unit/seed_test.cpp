// Rows from a schema without a server: the same bytes on every machine, however they are asked for.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "seed/seed.hpp"

namespace sluice::tests {
namespace {

model::Schema shop() {
  model::Schema schema;
  const auto table = [&](const std::string& name) {
    model::all<model::Table>(schema).push_back({{"public", "", name}});
  };
  const auto column = [&](const std::string& owner, const std::string& name, const std::string& type, bool required) {
    model::Column made;
    made.key = {"public", owner, name};
    made.type = type;
    made.not_null = required;
    made.primary_key = name == "id";
    model::all<model::Column>(schema).push_back(made);
  };
  table("orders"), table("customers");
  column("orders", "id", "uuid", true);
  column("orders", "customer_id", "integer", true);
  column("orders", "status", "text", true);
  column("orders", "total", "numeric(8, 2)", true);
  column("orders", "placed_at", "timestamp with time zone", true);
  column("orders", "note", "text", false);
  column("customers", "id", "serial", true);
  column("customers", "email", "varchar(40)", true);
  column("customers", "invited_by", "integer", false);
  model::all<model::Unique>(schema).push_back({{"public", "customers", "email"}, false, {"email"}});
  const auto refers = [&](const std::string& owner, const std::string& from) {
    model::ForeignKey key;
    key.key = {"public", owner, owner + "_" + from};
    key.table_to = "customers";
    key.columns_from = {from}, key.columns_to = {"id"};
    model::all<model::ForeignKey>(schema).push_back(key);
  };
  refers("orders", "customer_id"), refers("customers", "invited_by");
  model::all<model::Check>(schema).push_back(
      {{"public", "orders", "known"}, "status = ANY (ARRAY['open'::text, 'paid'::text])"});
  return schema;
}

// What is loaded, in pieces of so many bytes.
std::string made(const model::Schema& schema, const seed::Options& options, size_t piece) {
  seed::Generator generator(schema, options);
  std::string out;
  for (const seed::Generator::Unit& unit : generator.units()) {
    EXPECT_FALSE(generator.begin(unit));
    for (size_t table : unit.tables) {
      out += generator.copy_statement(table) + "\n";
      for (bool more = true; more;) {
        std::string rows;
        more = generator.next(table, rows, piece);
        out += rows;
      }
    }
  }
  return out;
}

TEST(Seed, SameBytesInPiecesOfAnySize) {
  const model::Schema schema = shop();
  seed::Options options;
  options.rows = 500;
  const std::string whole = made(schema, options, SIZE_MAX);
  EXPECT_EQ(text::split(whole, "\n").size(), 1003);
  for (size_t piece : {1, 100, 5000}) EXPECT_EQ(made(schema, options, piece), whole);
  options.seed = 2;
  EXPECT_NE(made(schema, options, SIZE_MAX), whole);
}

TEST(Seed, SameBytesOnEveryMachine) {
  seed::Options options;
  options.rows = 3;
  EXPECT_EQ(text::replace_all(made(shop(), options, SIZE_MAX), "\t", " | "),
            R"(COPY "public"."customers" ("id","email","invited_by") FROM STDIN
1 | zoe.novak1@example.com | \N
2 | dmitri.haddad2@example.com | 1
3 | goran.farouk3@example.com | \N
COPY "public"."orders" ("id","customer_id","status","total","placed_at","note") FROM STDIN
61d7708e-8bde-4b16-8fb4-cfe42a47e5b0 | 2 | paid | 146.16 | 2025-10-02 10:30:00+00 | We meet again next week. Some details are missing. To be continued.
c10717a1-c354-49d1-8bae-39fe7b0fbf7f | 1 | paid | 447.48 | 2025-09-25 15:45:00+00 | Please call before noon. To be continued. Some details are missing.
47511543-edd7-4cb4-a815-4b2af28045d2 | 1 | open | 48.11 | 2024-06-07 00:30:00+00 | To be continued. The parts arrived on Monday.
)");
}

TEST(Seed, SoManyForEachParent) {
  seed::Options options;
  options.rows = 20;
  options.tables[{"public", "", "orders"}].per = seed::Per{"orders_customer_id", 2, 2};
  const std::string all = made(shop(), options, SIZE_MAX);
  std::map<std::string, int> orders;
  for (const std::string& line : text::split(all.substr(all.find("COPY \"public\".\"orders\"")), "\n"))
    if (const std::vector<std::string> cells = text::split(line, "\t"); cells.size() > 1) orders[cells[1]]++;
  EXPECT_EQ(orders.size(), 20);
  for (const auto& [customer, count] : orders) EXPECT_EQ(count, 2) << customer;
}

TEST(Seed, GoesOnBehindWhatIsThere) {
  const model::Schema schema = shop();
  seed::Generator generator(schema, {});
  const seed::Generator::Unit& first = generator.units()[0];
  const size_t customers = first.tables[0];
  ASSERT_EQ(generator.columns_to_know(customers), (std::vector<std::string>{"id", "email"}));
  generator.add_existing(customers, {"70", "ada.byron-2@example.com"});
  ASSERT_EQ(generator.ends_to_know(customers), (std::vector<std::string>{"max(\"id\")"}));
  generator.go_on_behind(customers, 0, "70");
  ASSERT_FALSE(generator.begin(first));
  std::string rows;
  generator.next(customers, rows, SIZE_MAX);
  EXPECT_TRUE(rows.starts_with("71\t")) << rows.substr(0, 80);
  EXPECT_EQ(generator.rows(customers), 100);
}

}  // namespace
}  // namespace sluice::tests

#include "cli/records.hpp"

#include <gtest/gtest.h>

namespace sluice::cli {
namespace {

std::string hidden(std::string_view text) { return without_secrets(text); }

TEST(WithoutSecrets, Urls) {
  EXPECT_EQ(hidden("cannot reach postgresql://app:s3cret@db:5432/app?x=1 now"),
            "cannot reach postgresql://app:***@db:5432/app?x=1 now");
  EXPECT_EQ(hidden("postgres://app:p@ss/w:rd@db/app"), "postgres://app:***@db/app");
  EXPECT_EQ(hidden("postgres://a:x@h/d and postgres://b:y@h/d"), "postgres://a:***@h/d and postgres://b:***@h/d");
  EXPECT_EQ(hidden("CONNECTION 'postgres://a:x'y@h/d'"), "CONNECTION 'postgres://a:***@h/d'");
  EXPECT_EQ(hidden("postgresql:///app?user=a&password=x&host=h"), "postgresql:///app?user=a&password=***&host=h");
  EXPECT_EQ(hidden("postgresql://app@db/app, https://neon.tech:443/a"),
            "postgresql://app@db/app, https://neon.tech:443/a");
}

TEST(WithoutSecrets, KeyValuesAndSql) {
  EXPECT_EQ(hidden("host=h password=x user=a"), "host=h password=*** user=a");
  EXPECT_EQ(hidden("password = 'a b' user=a"), "password = '***' user=a");
  EXPECT_EQ(hidden("ALTER ROLE app PASSWORD 'x y' VALID UNTIL 'z'"), "ALTER ROLE app PASSWORD '***' VALID UNTIL 'z'");
  EXPECT_EQ(hidden("PASSWORD $$x y$$ VALID"), "PASSWORD '***' VALID");
  EXPECT_EQ(hidden("PASSWORD $a$x$$y$a$;"), "PASSWORD '***';");
  EXPECT_EQ(hidden("PASSWORD E'x\\'y';"), "PASSWORD '***';");
  EXPECT_EQ(hidden("PASSWORD U&'x';"), "PASSWORD '***';");
  EXPECT_EQ(hidden("PASSWORD 'it''s';"), "PASSWORD '***';");
  EXPECT_EQ(hidden("PASSWORD /* new */ 'x'; PASSWORD -- a\n'y'"), "PASSWORD /* new */ '***'; PASSWORD -- a\n'***'");
  EXPECT_EQ(hidden("OPTIONS (user 'u', \"password\" 'x')"), "OPTIONS (user 'u', \"password\" '***')");
  EXPECT_EQ(hidden("PASSWORD 'never ends"), "PASSWORD '***'");
  EXPECT_EQ(hidden("PASSWORD NULL; password_hash = 'x'; the password for user \"app\""),
            "PASSWORD NULL; password_hash = 'x'; the password for user \"app\"");
  EXPECT_EQ(hidden("password="), "password=");
  EXPECT_EQ(hidden("password='"), "password='***'");
}

TEST(WithoutSecrets, Json) {
  EXPECT_EQ(without_secrets(Json{{"a", {"x://u:p@h", 1}}, {"b", {{"c", "password=\"q"}}}}).dump(),
            R"({"a":["x://u:***@h",1],"b":{"c":"password=***"}})");
}

}  // namespace
}  // namespace sluice::cli

// What --url and DATABASE_URL may say, and what is shown of it.
#include "server/connection_text.hpp"

#include <gtest/gtest.h>

#include "server/connection.hpp"
#include "server_support.hpp"

namespace sluice::server {
namespace {

TEST(ConnectionText, UrlsOfOtherDrivers) {
  struct Case {
    std::string url;
    Settings expected;
  };
  const Case cases[] = {
      {"postgresql://u:p@h:5433/d",
       {{"user", "u"}, {"password", "p"}, {"host", "h"}, {"port", "5433"}, {"dbname", "d"}}},
      {"postgres://h/d", {{"host", "h"}, {"dbname", "d"}}},
      {"  postgresql://h/d\n", {{"host", "h"}, {"dbname", "d"}}},
      {"postgresql://", {}},
      {"postgresql://u@/d?host=/run/postgresql", {{"user", "u"}, {"dbname", "d"}, {"host", "/run/postgresql"}}},
      {"postgresql://u@%2Frun%2Fpostgresql/d", {{"user", "u"}, {"dbname", "d"}, {"host", "/run/postgresql"}}},
      {"postgresql://[::1]:5432,b:5433/d", {{"host", "::1,b"}, {"port", "5432,5433"}, {"dbname", "d"}}},
      {"postgresql://u:p%40%2F%25@h", {{"user", "u"}, {"password", "p@/%"}, {"host", "h"}}},
      {"postgresql://u:p@ss#?w@h/d", {{"user", "u"}, {"password", "p@ss#?w"}, {"host", "h"}, {"dbname", "d"}}},
      {"postgresql://u:p:q@h/d", {{"user", "u"}, {"password", "p:q"}, {"host", "h"}, {"dbname", "d"}}},
      {"postgresql://h?application_name=a@b", {{"host", "h"}, {"application_name", "a@b"}}},
      {"postgresql://h/d?pgbouncer=true&connection_limit=1&schema=public&supa=base-pooler.x",
       {{"host", "h"}, {"dbname", "d"}}},
      {"postgresql://h/d?pgbouncer", {{"host", "h"}, {"dbname", "d"}}},
      {"postgresql://h?sslmode=no-verify", {{"host", "h"}, {"sslmode", "require"}}},
      {"postgresql://h?sslmode=verify-full&sslrootcert=/a/b.pem",
       {{"host", "h"}, {"sslmode", "verify-full"}, {"sslrootcert", "/a/b.pem"}}},
      {"postgresql://h?ssl=true", {{"host", "h"}, {"sslmode", "require"}}},
      {"postgresql://h?ssl=false", {{"host", "h"}, {"sslmode", "disable"}}},
      {"postgresql://h?ssl=true&sslmode=disable", {{"host", "h"}, {"sslmode", "disable"}}},
      {"postgresql://h?options=-c%20search_path%3Dx&connect_timeout=3",
       {{"host", "h"}, {"options", "-c search_path=x"}, {"connect_timeout", "3"}}},
      {"host=h dbname = d password='it\\'s x' user=", {{"host", "h"}, {"dbname", "d"}, {"password", "it's x"}}},
      {"", {}},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_connection_text(c.url), c.expected) << c.url;
}

TEST(ConnectionText, ErrorsNameThePartAndNeverThePassword) {
  struct Case {
    std::string url, part;
  };
  const Case cases[] = {
      {"mysql://u:secret@h/d", "mysql"},
      {"jdbc:postgresql://h/d?password=secret", "JDBC"},
      {"\"postgresql://u:secret@h/d\"", "quotation mark"},
      {"localhost:5432/d", "postgresql://"},
      {"postgresql://u:secret%zz@h/d", "password"},
      {"postgresql://u%:secret@h/d", "user name"},
      {"postgresql://u:secret@h:99999/d", "port"},
      {"postgresql://u:secret@h:x/d", "port"},
      {"postgresql://u:sec/ret@h/d", "port"},
      {"postgresql://u:secret@[::1/d", "IPv6"},
      {"host=h password=sec ret", "'='"},
      {"host=h password=sec ret=x", "unknown setting"},
      {"host=h password='secret", "quoted"},
      {"host=h nonsense=1 password=secret", "nonsense"},
  };
  for (const Case& c : cases) {
    Error error = error_of([&] { parse_connection_text(c.url); });
    std::string all = std::string(error.what()) + error.context.detail + error.context.hint;
    EXPECT_NE(all.find(c.part), std::string::npos) << c.url << ": " << all;
    for (const char* secret : {"secret", "ret=", "\"ret", "sec"})
      EXPECT_EQ(std::string(error.what()).find(secret), std::string::npos) << c.url << ": " << all;
  }
}

TEST(ConnectionText, WithoutPassword) {
  struct Case {
    std::string url, expected;
  };
  const Case cases[] = {
      {"postgresql://u:p@h:5432/d", "postgresql://u:***@h:5432/d"},
      {"postgresql://u@h/d", "postgresql://u@h/d"},
      {"postgresql://h:5432/d", "postgresql://h:5432/d"},
      {"postgresql://u:p@ss@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:p:q@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:p/q@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:p?q@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:p/q?r@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:p#q@h/d", "postgresql://u:***@h/d"},
      {"postgresql://h/d?user=u&password=p", "postgresql://h/d?user=u&password=***"},
      {"postgresql://h/d?password=p&user=u", "postgresql://h/d?password=***&user=u"},
      {"postgresql://u:p@h/d?sslpassword=s&sslmode=require", "postgresql://u:***@h/d?sslpassword=***&sslmode=require"},
      {"mysql://u:p@h/d", "mysql://u:***@h/d"},
      {"postgresql://h:5432/d?application_name=a@b", "postgresql://h:5432/d?application_name=a@b"},
      {"host=h password=p user=u", "host=h password=*** user=u"},
      {"host=h password='p q\\' r' user=u", "host=h password=*** user=u"},
      {"host=h password=my secret user=u", "host=h password=*** user=u"},
      {"host=h PassWord = p", "host=h PassWord = ***"},
      {"password=p@://x host=h", "password=*** host=h"},
      {"host=h dbname=d", "host=h dbname=d"},
      {"", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(without_password(c.url), c.expected) << c.url;
}

}  // namespace
}  // namespace sluice::server

// Who may ask the studio, and what a request is.
#include <gtest/gtest.h>

#include "studio/assets.hpp"
#include "studio/guard.hpp"

namespace sluice::studio {
namespace {

Request request(const std::string& head) {
  const auto parsed = parse_head(head + "\r\n\r\n");
  EXPECT_TRUE(parsed) << head;
  return parsed.value_or(Request{});
}

TEST(Http, ReadsTheHeadOfARequest) {
  const Request read =
      request("GET /tables/public/a%20b?x=1&y=%3D+z&flag HTTP/1.1\r\nHost: h\r\nACCEPT:  a \r\nAccept: b");
  EXPECT_EQ(read.method, "GET");
  EXPECT_EQ(read.path, "/tables/public/a b");
  EXPECT_EQ(read.parameter("x"), "1");
  EXPECT_EQ(read.parameter("y"), "= z");
  EXPECT_EQ(read.parameter("flag"), "");
  EXPECT_EQ(read.header("accept"), "a, b");
}

TEST(Http, RefusesWhatNoBrowserSends) {
  for (const char* head : {"", "GET", "GET / HTTP/2\r\n\r\n", "GET x HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\n\r\n",
                           "GET / HTTP/1.1\r\nname : value\r\n\r\n", "GET / HTTP/1.1\r\n: value\r\n\r\n",
                           "GET / HTTP/1.1\r\nHost: h\r\n", "GET /%00 HTTP/1.1\r\n\r\n"})
    EXPECT_FALSE(parse_head(head)) << head;
  for (const char* length : {"", "-1", "1x", "99999999999999999999", " 1"})
    EXPECT_FALSE(parse_length(length)) << length;
  EXPECT_EQ(parse_length("17"), 17u);
}

class Guarded : public testing::Test {
 protected:
  // The cookie that the token is exchanged for.
  std::string session() const {
    Request exchange = request("POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:4983\r\nContent-Type: application/json");
    exchange.body = "{\"token\":\"" + guard.token() + "\"}";
    EXPECT_FALSE(guard.refuse(exchange));
    const Response answer = guard.exchange(exchange);
    EXPECT_EQ(answer.status, 200);
    const std::string& cookie = answer.headers.at(0).second;
    return cookie.substr(0, cookie.find(';'));
  }
  int status(const std::string& head) const {
    const auto refusal = guard.refuse(request(head));
    return refusal ? refusal->status : 200;
  }

  const Guard guard{4983};
};

TEST_F(Guarded, LetsItsOwnPageIn) {
  const std::string with = "\r\nCookie: other=1; " + session();
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: 127.0.0.1:4983"), 200);
  EXPECT_EQ(status("GET /api/info HTTP/1.1\r\nHost: localhost:4983\r\nSec-Fetch-Site: same-origin" + with), 200);
  EXPECT_EQ(status("POST /api/sql HTTP/1.1\r\nHost: 127.0.0.1:4983\r\nOrigin: http://127.0.0.1:4983\r\n"
                   "Content-Type: application/json" +
                   with),
            200);
}

TEST_F(Guarded, RefusesEverybodyElse) {
  const std::string with = "\r\nCookie: " + session(), json = "\r\nContent-Type: application/json";
  EXPECT_EQ(status("GET /api/info HTTP/1.1\r\nHost: 127.0.0.1:4983"), 401);
  EXPECT_EQ(status("GET /api/info HTTP/1.1\r\nHost: 127.0.0.1:4983\r\nCookie: sluice_studio_4983=" + guard.token()),
            401);
  EXPECT_EQ(status("GET /api/info HTTP/1.1\r\nHost: evil.example:4983" + with), 403);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nAccept: x"), 403);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: 127.0.0.1:4983\r\nHost: evil.example"), 403);
  EXPECT_EQ(status("POST /api/sql HTTP/1.1\r\nHost: 127.0.0.1:4983\r\nOrigin: http://localhost:4983" + json + with),
            403);
  EXPECT_EQ(status("POST /api/sql HTTP/1.1\r\nHost: 127.0.0.1:4983\r\nOrigin: null" + json + with), 403);
  EXPECT_EQ(status("POST /api/sql HTTP/1.1\r\nHost: 127.0.0.1:4983\r\nContent-Type: text/plain" + with), 415);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: 127.0.0.1:4983" + json + with), 403);
  EXPECT_EQ(status("DELETE /api/info HTTP/1.1\r\nHost: 127.0.0.1:4983" + with), 403);
  EXPECT_EQ(status("GET /api/info HTTP/1.1\r\nHost: 127.0.0.1:4983\r\nSec-Fetch-Site: cross-site" + with), 403);
}

TEST_F(Guarded, GivesNothingForAWrongToken) {
  Request exchange = request("POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:4983\r\nContent-Type: application/json");
  for (const char* body : {"", "{}", "[]", "{\"token\":1}", "{\"token\":\"\"}", "{\"token\":\"00\"}"}) {
    exchange.body = body;
    const Response answer = guard.exchange(exchange);
    EXPECT_EQ(answer.status, 401) << body;
    EXPECT_TRUE(answer.headers.empty());
  }
  EXPECT_NE(Guard(4983).token(), guard.token());
}

TEST(Secrets, AreComparedAsAWhole) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  for (const char* wrong : {"", "ab", "abd", "abcd"}) EXPECT_FALSE(same_secret(wrong, "abc")) << wrong;
  EXPECT_EQ(random_text(16).size(), 32u);
}

TEST(Assets, AreFoundInTheirPack) {
  const std::string pack = "/a.js\ttext/javascript\t3\n/b.css\ttext/css\t2\n\nAAABB";
  EXPECT_EQ(asset_in(pack, "/a.js")->content, "AAA");
  EXPECT_EQ(asset_in(pack, "/b.css")->content, "BB");
  EXPECT_EQ(asset_in(pack, "/b.css")->type, "text/css");
  EXPECT_FALSE(asset_in(pack, "/c.js"));
  EXPECT_FALSE(asset_in(pack.substr(0, pack.size() - 1), "/b.css"));
  EXPECT_FALSE(asset_in("\n\n", "/index.html"));
  EXPECT_FALSE(asset_in("", "/index.html"));
}

}  // namespace
}  // namespace sluice::studio

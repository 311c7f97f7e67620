// Values as text and back, without a server.
#include <gtest/gtest.h>

#include <sluice/types.hpp>

namespace sluice::pg {

namespace {

using namespace std::chrono_literals;

template <class Type>
void both_ways(const std::string& text, const typename Type::value& value) {
  EXPECT_EQ(Type::read(text), value) << text;
  EXPECT_EQ(Type::read(Type::print(value)), value) << text;
}

TEST(Values, Timestamps) {
  auto at = [](int year, unsigned month, unsigned day) {
    return std::chrono::local_days(Date(std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)));
  };
  both_ways<type::Timestamp>("2026-01-03 10:00:00", Timestamp(at(2026, 1, 3) + 10h));
  both_ways<type::Timestamp>("1969-12-31 23:59:59.000001", Timestamp(at(1970, 1, 1) - 999999us));
  both_ways<type::Timestamp>("0001-01-01 00:00:00 BC", Timestamp(at(0, 1, 1)));
  both_ways<type::Timestamp>("12026-01-01 00:00:00.5", Timestamp(at(12026, 1, 1) + 500ms));
  both_ways<type::Timestamp>("-infinity", Timestamp::min());
  EXPECT_EQ(type::TimestampTz::read("2026-01-03 10:00:00+05:30"), type::TimestampTz::read("2026-01-03 04:30:00+00"));
  EXPECT_EQ(type::TimestampTz::read("2026-01-03 10:00:00-08"), type::TimestampTz::read("2026-01-03 18:00:00+00"));
  EXPECT_EQ(type::TimestampTz::read("2026-01-03 10:00:00.25+00"),
            type::TimestampTz::read("2026-01-03 12:00:00.250000+02"));
  for (const char* wrong :
       {"2026-01-03 10:00:00.", "2026-01-0x 10:00:00", "2026-01-03 10:00:00+0x", "2026-01-03 10:00:00+00 "})
    EXPECT_THROW(type::TimestampTz::read(wrong), Error) << wrong;
  EXPECT_EQ(type::TimestampTz::print(type::TimestampTz::read("1999-12-31 23:00:00-02")),
            "2000-01-01 01:00:00.000000+00");
}

TEST(Values, Intervals) {
  auto reads = [](const std::string& text, Interval value) { EXPECT_EQ(type::Interval::read(text), value) << text; };
  reads("1 year 2 mons -3 days 04:05:06.7", {14, -3, 4h + 5min + 6700ms});
  reads("-00:00:01", {0, 0, -1s});
  reads("-1 years +2 days", {-12, 2, 0s});
  reads("00:00:00", {});
  reads("100:00:00", {0, 0, 100h});
  EXPECT_EQ(type::Interval::print({14, -3, 1s}), "14 months -3 days 1000000 microseconds");
}

TEST(Values, Lists) {
  using Texts = type::Array<type::Text>;
  both_ways<Texts>("{}", {});
  both_ways<Texts>("{a,\"b c\",\"\",\"\\\"\\\\\",\"NULL\",\"{x}\"}", {"a", "b c", "", "\"\\", "NULL", "{x}"});
  both_ways<type::Array<type::Array<type::Integer>>>("{{1,2},{3,4}}", {{1, 2}, {3, 4}});
  both_ways<type::Array<type::Array<Texts>>>("{{{\"}\"}},{{b}}}", {{{"}"}}, {{"b"}}});
  EXPECT_EQ(Texts::read("[0:1]={a,b}"), (Texts::value{"a", "b"}));
  EXPECT_THROW(Texts::read("{NULL}"), Error);
  EXPECT_THROW(Texts::read("a"), Error);
}

TEST(Values, Others) {
  Uuid uuid = Uuid::parse("6A5A26DA-ee00-4873-b9c9-853ecdd9f4cc");
  EXPECT_EQ(uuid.str(), "6a5a26da-ee00-4873-b9c9-853ecdd9f4cc");
  EXPECT_NE(Uuid::random(), Uuid::random());
  EXPECT_EQ(Uuid::random().str()[14], '4');
  for (const char* wrong :
       {"", "6a5a26da", "6a5a26da-ee00-4873-b9c9-853ecdd9f4cg", "6a5a26da+ee00-4873-b9c9-853ecdd9f4cc"})
    EXPECT_THROW(Uuid::parse(wrong), Error) << wrong;
  both_ways<type::Bytea>("\\x00ff", {std::byte{0}, std::byte{255}});
  EXPECT_EQ(type::Bytea::read("a\\\\\\377"), (Bytes{std::byte{'a'}, std::byte{'\\'}, std::byte{255}}));
  both_ways<type::Double>("1e-300", 1e-300);
  both_ways<type::Real>("0.1", 0.1F);
  both_ways<type::Boolean>("t", true);
  both_ways<type::Date>("2026-02-28", Date(std::chrono::year(2026), std::chrono::month(2), std::chrono::day(28)));
  both_ways<type::Time>("23:59:59.999999", 24h - 1us);
  both_ways<type::Vector>("[1,2.5,-3]", {1, 2.5, -3});
  EXPECT_THROW(type::Integer::read("1x"), Error);
  EXPECT_THROW(type::Date::read("today"), Error);
  EXPECT_EQ(text_of<type::Smallint>(100000), "100000");  // the server refuses it, instead of a wrong number
}

}  // namespace

}  // namespace sluice::pg

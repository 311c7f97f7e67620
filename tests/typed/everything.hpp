// Everything that the library can declare, each once: for the round trip by way of a database (round_trip.mjs). What
// tutoring.hpp has is not repeated.
#pragma once

#include <sluice/pg.hpp>

namespace everything {

using namespace sluice::pg;

inline constexpr pg_schema<"Über \"s\""> odd;
enum class Size { small, large };
inline constexpr auto size = odd.enumeration<Size, "size", "s'm", "l\\g">();
inline constexpr auto counter = pg_sequence(
    "counter", {.start_with = 9, .increment = -2, .min_value = -50, .max_value = 10, .cache = 7, .cycle = true});
inline constexpr auto up = pg_sequence("up", {}, "Über \"s\"");
inline constexpr auto reader =
    pg_role("sluice_typed_reader", {.create_db = true, .create_role = true, .inherit = false});

inline constexpr auto email = pg_domain<varchar("email", 320), domain_check("email_check", "value ~ '@'"),
                                        domain_check("email_lower", "value = lower(value)")>;
inline constexpr pg_schema<"shop"> shop;
inline constexpr auto price = pg_domain_in<"shop", numeric("price", 10, 2).default_value(0).not_null(),
                                           domain_check("not \"negative\"", "value >= 0")>;
inline constexpr auto unused = pg_domain<integer("unused").array()>;
// Of enums: one of another schema whose name needs quotes, and one that no table has.
inline constexpr auto fitting =
    pg_domain<size("fitting").not_null().default_value(Size::small), domain_check("fitting_check", "value <> 'l\\g'")>;
enum class Mood { sad, ok, happy };
inline constexpr auto mood = pg_enum<Mood, "mood", "sad", "ok", "happy">;
inline constexpr auto moods = pg_domain_in<"shop", mood("moods").array()>;

// Every form of type that tutoring.hpp does not have.
template <class M>
struct Forms {
  col<M, smallserial("a")> a;
  col<M, serial("b")> b;
  col<M, varchar("c")> c;
  col<M, varchar("d", 80).array().not_null().default_empty()> d;
  col<M, numeric("e")> e;
  col<M, numeric("f", 6).default_value(12)> f;
  col<M, numeric("g", 6, 3).default_value("1.5")> g;
  col<M, timestamp("h", 0).default_now()> h;
  col<M, sluice::pg::time("i", 6)> i;
  col<M, timetz("j", 2)> j;
  col<M, interval("k", fields::all, 2)> k;
  col<M, interval("l", fields::year)> l;
  col<M, interval("m", fields::month)> m;
  col<M, interval("n", fields::day)> n;
  col<M, interval("o", fields::hour)> o;
  col<M, interval("p", fields::minute)> p;
  col<M, interval("q", fields::second, 4)> q;
  col<M, interval("r", fields::year_to_month)> r;
  col<M, interval("s", fields::day_to_hour)> s;
  col<M, interval("t", fields::day_to_minute)> t;
  col<M, interval("u", fields::hour_to_minute)> u;
  col<M, interval("v", fields::hour_to_second, 0)> v;
  col<M, interval("w", fields::minute_to_second)> w;
  col<M, jsonb("x").not_null().default_value("{\"a\": [1]}")> x;
  col<M, bit("y")> y;
  col<M, char_("z")> z;
};
inline constexpr auto forms = pg_table<Forms, "forms">();

template <class M>
struct Values {
  col<M, bigint("id").generated_by_default_as_identity(
             {.start_with = 5, .increment = 5, .max_value = 5000, .cycle = true}, "values_numbers")>
      id;
  col<M, smallint("small").generated_always_as_identity()> small;
  col<M, text("quoted").not_null().default_value("it's \\ \"so\"\n€")> quoted;
  col<M, integer("negative").default_value(-7)> negative;
  col<M, boolean("no").default_value(false)> no;
  col<M, double_precision("fraction").default_sql("1.25")> fraction;
  col<M, size("sized").not_null().default_value(Size::large)> sized;
  col<M, date("day").default_now()> day;
  col<M, bigint("next").default_sql("nextval('counter'::regclass)")> next;
  col<M, text("both").generated_always_as("quoted || 'x'")> both;
  col<M, uuid("token").default_random().unique()> token;
  col<M, email("contact").not_null().default_value("a@b")> contact;
  col<M, email("more_contacts").array()> more_contacts;
  col<M, price("cost")> cost;
  col<M, fitting("fits").default_value(Size::large)> fits;
  col<M, fitting("all_that_fit").array()> all_that_fit;
  col<M, moods("mood_each_day")> mood_each_day;
};
inline constexpr auto values = pg_table<Values, "values">([](auto t) {
  return list(
      primary_key("values_key").on(t.id, t.small), unique("values_two").on(t.no, t.day),
      unique().on(t.quoted, t.negative).nulls_not_distinct(), check("values_check", "negative < 0 or \"no\""),
      index("values_ordered").on(t.quoted.desc().nulls_last(), t.negative.asc().nulls_first()),
      unique_index("values_lower").on(sql_part("lower(quoted)").desc(), t.no),
      index("values_pattern").on(t.quoted.op("text_pattern_ops")).where("negative is not null"),
      index("values_hash").using_("hash").on(t.token), index("values_brin").using_("brin").on(t.id),
      index("values_filled").on(t.day).with("fillfactor", "70"), index("values_concurrent").on(t.no).concurrently(),
      unique_index("values_concurrent_lower").on("lower(contact::text)").where("negative < 0").concurrently(),
      policy("values_read").for_("SELECT").to({"sluice_typed_reader"}).using_("negative < 0"),
      policy("values_write").restrictive().for_("INSERT").with_check("\"no\""), policy("values_all").using_("true"));
});

template <class M>
struct Links {
  col<M, integer("id").primary_key()> id;
  col<M, integer("cascades").references("links", "id", on_delete::cascade, on_update::cascade)> cascades;
  col<M, integer("nulls").references("links", "id", on_delete::set_null, on_update::set_null)> nulls;
  col<M, integer("defaults").default_value(1).references("links", "id", on_delete::set_default, on_update::set_default)>
      defaults;
  col<M, integer("restricts").references("links", "id", on_delete::restrict_, on_update::restrict_)> restricts;
  col<M, bigint("values_id")> values_id;
  col<M, smallint("values_small")> values_small;
  col<M, integer("below")> below;
};
inline constexpr auto links = odd.table<Links, "links">([](auto t) {
  return list(foreign_key("links_values")
                  .on(t.values_id, t.values_small)
                  .references(values.id, values.small)
                  .on_delete(on_delete::cascade),
              foreign_key().on(t.below).references("public", "below", {"id"}).on_update(on_update::restrict_),
              enable_row_security());
});
template <class M>
struct Below {
  col<M, integer("id").primary_key()> id;
  col<M, integer("back").references(links.id)> back;
};
inline constexpr auto below = pg_table<Below, "below">();

template <class M>
struct Totals {
  col<M, text("quoted")> quoted;
};
inline constexpr auto totals = pg_materialized_view<Totals, "totals", "select quoted from \"values\"">();
inline constexpr auto seen = odd.view<Totals, "seen", "select quoted from \"values\" where negative < 0">();
inline constexpr auto safe = pg_view_as("safe", "select quoted from \"values\"",
                                        {.with = "securityBarrier=true,securityInvoker=true,checkOption=local"});

}  // namespace everything

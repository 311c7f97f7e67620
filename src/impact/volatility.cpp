#include "impact/volatility.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace sluice::impact {

namespace {

constexpr std::string_view not_volatile[] = {
#include "impact/functions.inc"
};

// CURRENT_TIMESTAMP and the like, and functions of what most projects have installed (Supabase's auth, PostGIS,
// pgcrypto).
constexpr std::string_view stable_more[] = {"current_date",
                                            "current_time",
                                            "current_time_n",
                                            "current_timestamp",
                                            "current_timestamp_n",
                                            "localtime",
                                            "localtime_n",
                                            "localtimestamp",
                                            "localtimestamp_n",
                                            "current_role",
                                            "current_user",
                                            "user",
                                            "session_user",
                                            "current_catalog",
                                            "current_schema",
                                            "crypt",
                                            "digest",
                                            "hmac"};
constexpr std::string_view volatile_builtin[] = {"clock_timestamp",  "gen_random_uuid",
                                                 "nextval",          "random",
                                                 "random_normal",    "timeofday",
                                                 "uuidv4",           "uuidv7",
                                                 "currval",          "lastval",
                                                 "setval",           "txid_current",
                                                 "uuid_generate_v1", "uuid_generate_v1mc",
                                                 "uuid_generate_v4", "gen_random_bytes",
                                                 "gen_salt"};

template <class List>
bool has(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

}  // namespace

Volatility volatility(const ddl::Catalog& catalog, const sql::Expression& expression) {
  Volatility out;
  for (const ddl::Name& name : expression.functions) {
    if (const ddl::Function* own = catalog.function(name)) {
      if (own->volatility == 'v') return {true, true, name.name};
      continue;
    }
    const bool system = name.schema.empty() || name.schema == "pg_catalog";
    if (system && std::binary_search(std::begin(not_volatile), std::end(not_volatile), std::string_view(name.name)))
      continue;
    if (has(stable_more, name.name)) continue;
    if (name.schema == "auth" &&
        (name.name == "uid" || name.name == "jwt" || name.name == "role" || name.name == "email"))
      continue;
    if (has(volatile_builtin, name.name)) return {true, true, name.name};
    out = {true, false, name.name};
  }
  return out;
}

}  // namespace sluice::impact

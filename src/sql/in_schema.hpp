// SQL that was written for one schema, for another one: a tenant's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::sql {

struct InSchema {
  std::string text;                // has the lines of the original
  std::vector<int> unclear_lines;  // where a text ('…') names the schema: what it means, only the server would know
};

// Each name that stands in schema `from` ("public"."users", SCHEMA public, search_path = public), also in bodies of
// functions and DO blocks, in `to` instead. Names without a schema stay, and follow search_path.
InSchema in_schema(std::string_view sql, std::string_view from, std::string_view to);

}  // namespace sluice::sql

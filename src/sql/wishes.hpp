// What a migration file asks of sluice in comment lines before a statement. To other migrators they are comments.
//
//   -- sluice:step       what stands before is committed first
//   -- sluice:backfill   the UPDATE or DELETE runs in batches, as a step of its own
//   -- sluice:backfill by page   the same in the order of the table's pages, once: for what others keep right meanwhile
//   -- sluice:no-keep    what the statement drops is not copied first: its values are elsewhere
#pragma once

#include <string>
#include <string_view>

namespace sluice::sql {

struct Wishes {
  bool step = false, backfill = false, by_page = false, no_keep = false;
  std::string unknown;  // a line that asks for something else

  bool cuts() const { return step || backfill; }
};

// `comments`: what stands between the statement before and this one.
Wishes wishes_in(std::string_view comments);

}  // namespace sluice::sql

#include "history/merge_driver.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "history/checksums.hpp"
#include "history/journal.hpp"

namespace sluice::history {

namespace {

struct Union {
  bool added_here = false, added_there = false;

  // `here` with what the other side added, without what it took out, as it is where only the other side changed it.
  template <class Item, class Name, class Same>
  std::vector<Item> of(const std::vector<Item>& base, const std::vector<Item>& here, const std::vector<Item>& other,
                       Name name, Same same) {
    auto find = [&](const std::vector<Item>& items, const Item& wanted) {
      auto found = std::find_if(items.begin(), items.end(), [&](const Item& i) { return name(i) == name(wanted); });
      return found == items.end() ? nullptr : &*found;
    };
    std::vector<Item> out;
    for (const Item& item : here) {
      const Item *was = find(base, item), *there = find(other, item);
      if (was && !there) continue;
      added_here |= !was && !there;
      out.push_back(was && same(*was, item) ? *there : item);
    }
    for (const Item& item : other) {
      if (find(here, item) || find(base, item)) continue;
      added_there = true;
      out.push_back(item);
    }
    return out;
  }
};

}  // namespace

MergedFile merge_file(const std::string& name, std::string_view base, std::string_view here, std::string_view other) {
  Union both;
  if (name == "_journal.json") {
    auto entries = [&](std::string_view text) {
      return text::trim(text).empty() ? std::vector<Entry>{} : parse_journal(text, name);
    };
    std::vector<Entry> merged = both.of(
        entries(base), entries(here), entries(other), [](const Entry& entry) { return entry.tag; },
        [](const Entry& a, const Entry& b) { return a.when == b.when && a.index == b.index; });
    return {print_journal(merged), both.added_here && both.added_there};
  }
  if (name == "_sluice.sum") {
    int broken = 0;
    std::vector<Checksum> merged = both.of(
        parse_checksums(base, broken), parse_checksums(here, broken), parse_checksums(other, broken),
        [](const Checksum& checksum) { return checksum.file; },
        [](const Checksum& a, const Checksum& b) { return a.hash == b.hash; });
    return {print_checksums(merged), both.added_here && both.added_there};
  }
  return {std::string(here), true};
}

}  // namespace sluice::history

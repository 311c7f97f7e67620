#include "seed/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "seed/text_values.hpp"

namespace sluice::seed {

namespace {

constexpr double day = 86400, now = 1767225600;  // 2026-01-01: the same data in every year

bool has(const std::string& name, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

// Seconds since 1970 as a date and time (Howard Hinnant's days-to-civil).
std::string date_text(double seconds, bool time) {
  auto total = static_cast<std::int64_t>(std::floor(seconds));
  std::int64_t days = total / 86400, rest = total % 86400;
  if (rest < 0) rest += 86400, days--;
  std::int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
  std::int64_t doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  std::int64_t d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9, y = yoe + era * 400 + (m <= 2);
  std::string out = fmt::format("{:04}-{:02}-{:02}", y, m, d);
  return time ? out + fmt::format(" {:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60) : out;
}

std::optional<double> seconds_of(const std::string& text) {
  int y, m, d;
  if (std::sscanf(text.c_str(), "%d-%d-%d", &y, &m, &d) != 3) return std::nullopt;
  y -= m <= 2;
  int era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400, doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return (static_cast<double>(era) * 146097 + doe - 719468) * day;
}

Made time_for(const Wish& wish, const Place& place, Random& random) {
  const std::string& name = wish.name;
  double at;
  if (place.after) {
    bool long_time = has(name, {"updated", "modified", "valid", "expires", "due", "paid"}) || wish.type == "date";
    at = *place.after +
         (long_time ? std::floor(random.unit() * 30) * day + 3600 : 900 * static_cast<double>(1 + random.below(16)));
  } else if (has(name, {"birth", "dob"})) {
    at = -631152000 + std::floor(random.unit() * 21900) * day;  // 1950 to 2009
  } else if (has(name, {"expire", "due", "until", "scheduled", "next"})) {
    at = now + std::floor(random.unit() * 365 * 96) * 900;
  } else {
    at = now - 900 - std::floor(random.unit() * 730 * 96) * 900;
  }
  if (auto low = seconds_of(wish.limits.low_text); low && at < *low)
    at = *low + std::floor(random.unit() * 365) * day + 3600;
  if (auto high = seconds_of(wish.limits.high_text); high && at > *high)
    at = *high - day - std::floor(random.unit() * 365) * day;
  if (wish.unique) at += static_cast<double>(place.row) * (wish.type == "date" ? day : 1);
  if (wish.type == "date") at = std::floor(at / day) * day;
  std::string text = date_text(at, wish.type != "date");
  return {wish.type == "timestamptz" ? text + "+00" : text, at};
}

// What a number is about where nothing limits it.
std::pair<double, double> usual_range(const std::string& name) {
  if (has(name, {"rating", "stars", "score"})) return {1, 5};
  if (has(name, {"percent", "progress"})) return {0, 100};
  if (name == "age" || name.ends_with("_age")) return {18, 80};
  if (has(name, {"year"})) return {2000, 2025};
  if (has(name, {"month"})) return {1, 12};
  if (has(name, {"weekday", "day_of_week"})) return {0, 6};
  if (has(name, {"hour"})) return {0, 23};
  if (name == "lat" || has(name, {"latitude"})) return {-60, 70};
  if (name == "lng" || name == "lon" || has(name, {"longitude"})) return {-180, 180};
  if (has(name, {"cents"})) return {100, 50000};
  if (has(name, {"duration", "minutes"})) return {15, 120};
  if (has(name, {"quantity", "qty"})) return {1, 10};
  if (has(name, {"rate", "tax", "discount", "ratio"})) return {1, 30};
  if (has(name, {"price", "amount", "total", "cost", "balance", "salary", "fee"})) return {5, 500};
  if (has(name, {"port"})) return {1024, 65535};
  if (has(name, {"size", "bytes"})) return {1000, 5000000};
  if (has(name, {"count", "position", "order", "sort", "number"})) return {0, 100};
  return {1, 1000};
}

Made number_for(const Wish& wish, const Place& place, Random& random) {
  const std::string& type = wish.type;
  int scale = 0;
  double highest = 9e15, lowest = -9e15;
  if (type == "smallint") highest = 32767, lowest = -32768;
  if (type == "integer") highest = 2147483647.0, lowest = -2147483648.0;
  if (type == "numeric") {
    int precision = wish.modifiers.empty() ? 12 : std::min(wish.modifiers[0], 15);
    scale = wish.modifiers.size() > 1 ? wish.modifiers[1] : wish.modifiers.empty() ? 2 : 0;
    highest = std::pow(10, std::max(0, precision - scale)) - std::pow(10, -scale);
    lowest = -highest;
  }
  if (type == "money" || type == "real" || type == "double precision") scale = 2;
  auto [low, high] = usual_range(wish.name);
  const Limits& limits = wish.limits;
  if (limits.low > low || limits.high < low) low = limits.low;
  if (place.after) low = *place.after, high = low + 100;
  if (limits.high < high) high = limits.high;
  if (low == -std::numeric_limits<double>::infinity()) low = high - 1000;
  if (high < low) high = limits.high < low ? limits.high : low + 1000;
  low = std::clamp(low, lowest, highest), high = std::clamp(high, lowest, highest);
  double step = std::pow(10, -scale), n;
  if (wish.unique) {
    n = std::max(low, limits.low > -1e15 ? limits.low : low) +
        static_cast<double>(place.row + place.attempt) * (scale ? step : 1);
  } else {
    n = low + random.unit() * (high - low + (scale ? 0 : 1));
    n = scale ? std::round(n / step) * step : std::floor(n);
    n = std::clamp(n, low, high);
  }
  // "greater than" keeps its limit out; an attempt that meets it goes up.
  if (place.attempt > 0 && n == limits.low) n += step;
  if (scale == 0) return {fmt::format("{:.0f}", n), n};
  return {fmt::format("{:.{}f}", n, std::min(scale, 10)), n};
}

std::string uuid(Random& random) {
  std::uint64_t a = random.next(), b = random.next();
  a = (a & ~0xF000ULL) | 0x4000ULL;
  b = (b & ~(3ULL << 62)) | (2ULL << 62);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", a >> 32, (a >> 16) & 0xFFFF, a & 0xFFFF, b >> 48,
                     b & 0xFFFFFFFFFFFFULL);
}

std::string vector_text(const Wish& wish, Random& random) {
  int count = wish.modifiers.empty() ? 3 : wish.modifiers[0];
  std::vector<std::string> parts;
  for (int i = 0; i < count; i++) parts.push_back(fmt::format("{:.4f}", random.unit() * 2 - 1));
  return "[" + text::join(parts, ",") + "]";
}

std::string bits(size_t count, Random& random) {
  std::string out;
  for (size_t i = 0; i < count; i++) out += random.chance(0.5) ? '1' : '0';
  return out;
}

std::optional<std::string> other_for(const Wish& wish, const Place& place, Random& random) {
  const std::string& type = wish.type;
  auto small = [&](size_t count) { return std::to_string(1 + random.below(count)); };
  if (type == "boolean") {
    double often =
        has(wish.name, {"deleted", "archived", "paused", "blocked", "banned", "locked", "disabled"}) ? 0.1 : 0.5;
    return random.chance(often) ? "t" : "f";
  }
  if (type == "uuid") return uuid(random);
  if (type == "json" || type == "jsonb") {
    if (!wish.default_text.empty()) return wish.default_text;
    return has(wish.name, {"tags", "items", "list"}) ? "[]" : "{}";
  }
  if (type == "bytea") return fmt::format("\\x{:016x}", random.next());
  if (type == "time" || type == "timetz")
    return fmt::format("{:02}:{:02}:00", place.after ? 23 : 8 + random.below(10), 15 * random.below(4)) +
           (type == "timetz" ? "+00" : "");
  if (type == "interval") return small(48) + " hours";
  if (type == "inet") return fmt::format("192.0.{}.{}", random.below(256), random.below(256));
  if (type == "cidr") return fmt::format("10.{}.{}.0/24", random.below(256), random.below(256));
  if (type == "macaddr")
    return fmt::format("02:00:00:{:02x}:{:02x}:{:02x}", random.below(256), random.below(256), random.below(256));
  if (type == "macaddr8")
    return fmt::format("02:00:00:00:00:{:02x}:{:02x}:{:02x}", random.below(256), random.below(256), random.below(256));
  if (type == "point") return "(" + small(100) + "," + small(100) + ")";
  if (type == "line") return "{1,-1," + small(10) + "}";
  if (type == "lseg" || type == "path") return "[(0,0),(" + small(10) + "," + small(10) + ")]";
  if (type == "box") return "(" + small(10) + "," + small(10) + "),(0,0)";
  if (type == "polygon") return "((0,0),(" + small(10) + ",0),(0," + small(10) + "))";
  if (type == "circle") return "<(0,0)," + small(10) + ">";
  if (type == "bit") return bits(wish.modifiers.empty() ? 1 : static_cast<size_t>(wish.modifiers[0]), random);
  if (type == "varbit" || type == "bit varying")
    return bits(wish.modifiers.empty() ? 8 : static_cast<size_t>(wish.modifiers[0]), random);
  if (type == "vector" || type == "halfvec") return vector_text(wish, random);
  if (type == "sparsevec") return fmt::format("{{1:{}}}/{}", small(9), wish.modifiers.empty() ? 3 : wish.modifiers[0]);
  if (type == "tsvector") return "garden river";
  if (type == "tsquery") return "garden & river";
  if (type == "xml") return "<value>" + small(1000) + "</value>";
  if (type == "oid" || type == "xid8") return small(100000);
  if (type == "hstore") return "kind=>" + small(10);
  if (type == "ltree") return "top.part" + small(100);
  if (type == "int4range" || type == "int8range" || type == "numrange") {
    size_t low = place.row * 10 + random.below(5);
    return fmt::format("[{},{})", low, low + 1 + random.below(5));
  }
  if (type == "daterange" || type == "tsrange" || type == "tstzrange") {
    double at = now + static_cast<double>(place.row) * day;
    return "[" + date_text(at, false) + "," + date_text(at + day, false) + ")";
  }
  if (type == "geometry" || type == "geography")
    return fmt::format("POINT({:.4f} {:.4f})", random.unit() * 90, random.unit() * 60);
  return std::nullopt;
}

// An element of an array literal.
std::string element(const std::string& text) {
  return "\"" + text::replace_all(text::replace_all(text, "\\", "\\\\"), "\"", "\\\"") + "\"";
}

}  // namespace

std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  return Random(a ^ (b * 0x9E3779B97F4A7C15ULL + 0x7F4A7C15ULL)).next();
}

std::uint64_t hash(std::string_view text) {
  std::uint64_t out = 1469598103934665603ULL;  // FNV-1a
  for (unsigned char c : text) out = (out ^ c) * 1099511628211ULL;
  return out;
}

bool is_time(const std::string& type) { return type == "date" || type == "timestamp" || type == "timestamptz"; }

bool is_number(const std::string& type) {
  return type == "smallint" || type == "integer" || type == "bigint" || type == "numeric" || type == "real" ||
         type == "double precision" || type == "money";
}

std::optional<Made> value_for(const Wish& wish, const Place& place, Random& random) {
  if (wish.dimensions > 0) {
    Wish one = wish;
    one.dimensions--;
    one.default_text.clear();
    one.unique = false;
    if (one.name.ends_with("s")) one.name.pop_back();
    std::vector<std::string> parts;
    for (size_t i = 1 + random.below(3); i > 0; i--) {
      std::optional<Made> item = value_for(one, place, random);
      if (!item) return std::nullopt;
      parts.push_back(one.dimensions > 0 ? item->text : element(item->text));
      if (one.dimensions > 0) break;  // the rows of an array have one length
    }
    return Made{"{" + text::join(parts, ",") + "}", 0};
  }
  if (!wish.enum_values.empty()) return Made{wish.enum_values[random.below(wish.enum_values.size())], 0};
  if (is_time(wish.type)) return time_for(wish, place, random);
  if (is_number(wish.type)) {
    if (!wish.limits.among.empty()) {
      std::string text = wish.limits.among[random.below(wish.limits.among.size())];
      return Made{text, std::strtod(text.c_str(), nullptr)};
    }
    return number_for(wish, place, random);
  }
  static const std::vector<std::string> texts{"text", "varchar",           "char",     "citext", "bpchar",
                                              "name", "character varying", "character"};
  if (std::find(texts.begin(), texts.end(), wish.type) != texts.end()) return Made{text_for(wish, place, random), 0};
  std::optional<std::string> other = other_for(wish, place, random);
  if (!other) return std::nullopt;
  return Made{*other, 0};
}

}  // namespace sluice::seed

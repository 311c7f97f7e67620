#include "seed/values.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/text.hpp"
#include "seed/text_values.hpp"

namespace sluice::seed {

namespace {

constexpr double day = 86400, now = 1767225600;  // 2026-01-01: the same data in every year
constexpr double slots_begin = now - 365 * day;

bool has(const std::string& name, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

// Seconds since 1970 as a date and time (Howard Hinnant's days-to-civil).
void append_date(std::string& out, double seconds, bool time) {
  const auto total = static_cast<std::int64_t>(std::floor(seconds));
  std::int64_t days = total / 86400, rest = total % 86400;
  if (rest < 0) rest += 86400, days--;
  const std::int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  const std::int64_t d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9, y = yoe + era * 400 + (m <= 2);
  const auto part = [&](char before, std::int64_t number, size_t width) {
    if (before) out += before;
    append_number(out, static_cast<std::uint64_t>(std::max<std::int64_t>(0, number)), width);
  };
  part(0, y, 4), part('-', m, 2), part('-', d, 2);
  if (time) part(' ', rest / 3600, 2), part(':', rest / 60 % 60, 2), part(':', rest % 60, 2);
}

// The n-th of so many equal steps between low and high, at random.
double between(double low, double high, double step, Random& random) {
  const double steps = std::max(1.0, std::ceil((high - low) / step));
  return low + std::floor(random.unit() * steps) * step;
}

Maker time_maker(const Wish& wish) {
  const std::string& name = wish.name;
  const bool date = wish.type == "date", zone = wish.type == "timestamptz", unique = wish.unique;
  const bool long_time = has(name, {"updated", "modified", "valid", "expires", "due", "paid"}) || date;
  double from = now - 900 - 730 * day, to = now - 900, step = 900;
  if (has(name, {"birth", "dob"})) {
    from = -631152000, to = from + 21900 * day, step = day;  // 1950 to 2009
  } else if (has(name, {"expire", "due", "until", "scheduled", "next"})) {
    from = now, to = now + 365 * day;
  }
  const std::optional<double> low = seconds_of(wish.limits.low_text), high = seconds_of(wish.limits.high_text);
  if (low && high)
    from = *low, to = *high, step = date ? day : to - from > day ? 900 : 1;
  else if (low && from < *low)
    from = *low + 3600, to = std::max(to, from + 365 * day);
  else if (high && to > *high)
    to = *high, from = std::min(from, to - 366 * day);
  const double first_slot = wish.unique_from ? std::ceil(*wish.unique_from / day) * day : slots_begin;
  return [=](const Place& place, Random& random, Cell& out) {
    double at;
    if (place.slot) {
      at = first_slot + static_cast<double>(*place.slot) * (date ? 3 * day : 5 * 3600.0);
    } else if (place.after) {
      at = *place.after + (place.in_slot && date         ? day
                           : long_time && !place.in_slot ? std::floor(random.unit() * 30) * day + 3600
                                                         : 900 * static_cast<double>(1 + random.below(16)));
      if (low && at < *low) at = *low + 3600;
      if (high && at >= *high && *place.after < *high) at = between(*place.after + 1, *high, 1, random);
    } else {
      at = between(from, to, step, random);
    }
    if (unique) {
      const double one = date ? day : 1;
      at = low && high
               ? from + std::fmod(static_cast<double>(place.row + place.attempt) * one, std::max(one, to - from))
               : at + static_cast<double>(place.row) * one;
    }
    if (date) at = std::floor(at / day) * day;
    append_date(out.text, at, !date);
    if (zone) out.text += "+00";
    out.number = at;
  };
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

// Numbers are made as whole ones, in units of the last digit behind the point.
Maker number_maker(const Wish& wish) {
  const std::string& type = wish.type;
  int scale = 0;
  double highest = 9e15, lowest = -9e15;
  if (type == "smallint") highest = 32767, lowest = -32768;
  if (type == "integer") highest = 2147483647.0, lowest = -2147483648.0;
  if (type == "money" || type == "real" || type == "double precision") scale = 2;
  if (type == "numeric") {
    const int precision = wish.modifiers.empty() ? 12 : std::min(wish.modifiers[0], 15);
    scale = std::clamp(wish.modifiers.size() > 1 ? wish.modifiers[1] : wish.modifiers.empty() ? 2 : 0, 0, 10);
    highest = std::pow(10, std::max(0, precision - scale)) - std::pow(10, -scale);
    lowest = -highest;
  }
  std::int64_t unit = 1;
  for (int i = 0; i < scale; i++) unit *= 10;
  auto [low, high] = usual_range(wish.name);
  const Limits& limits = wish.limits;
  if (limits.low > low || limits.high < low) low = limits.low;
  if (limits.high < high || (limits.low > -1e15 && limits.high < 1e15)) high = limits.high;
  if (limits.low > -1e15 && limits.high < 1e15) low = limits.low;
  if (low == -std::numeric_limits<double>::infinity()) low = high - 1000;
  if (high < low) high = limits.high < low ? limits.high : low + 1000;
  low = std::clamp(low, lowest, highest), high = std::clamp(high, lowest, highest);
  const auto units = static_cast<double>(unit);
  const auto whole = [units](double number, bool up) {
    number = std::clamp(number * units, -9e18, 9e18);
    return static_cast<std::int64_t>(up ? std::ceil(number - 1e-6) : std::floor(number + 1e-6));
  };
  const std::int64_t least = whole(low, true), most = std::max(least, whole(high, false));
  const std::int64_t limit = whole(std::min(limits.high, highest), false);
  const bool limited = limits.high < 1e15;
  std::optional<std::int64_t> bound;  // "greater than" keeps it out; an attempt that meets it goes up
  if (limits.low > -1e15) bound = whole(limits.low, true);
  const std::int64_t first = wish.unique_from ? whole(*wish.unique_from, true) : bound ? *bound : least;
  const bool unique = wish.unique, from_behind = wish.unique_from.has_value();
  const auto width = static_cast<size_t>(scale);
  return [=](const Place& place, Random& random, Cell& out) {
    std::int64_t n;
    const auto place_in_order = static_cast<std::int64_t>(place.row + place.attempt);
    if (place.slot) {
      n = (from_behind ? first : least) + static_cast<std::int64_t>(*place.slot) * 10 * unit;
    } else if (unique) {
      n = first + place_in_order - (from_behind ? static_cast<std::int64_t>(place.existing) : 0);
      if (limited && n > limit && limit > first) n = first + place_in_order % (limit - first + 1);
    } else {
      std::int64_t from = least, to = most;
      if (place.after) {
        from = whole(*place.after, true) + (place.in_slot ? 1 : 0);
        to = std::max(from, std::min(from + (place.in_slot ? 8 : 100 * unit), limit));
      }
      n = from + static_cast<std::int64_t>(random.below(static_cast<size_t>(to - from) + 1));
    }
    if (place.attempt > 0 && bound && n == *bound) n++;
    auto size = static_cast<std::uint64_t>(n < 0 ? -n : n);
    if (n < 0) out.text += '-';
    append_number(out.text, size / static_cast<std::uint64_t>(unit));
    if (width > 0) {
      out.text += '.';
      append_number(out.text, size % static_cast<std::uint64_t>(unit), width);
    }
    out.number = static_cast<double>(n) / units;
  };
}

void append_uuid(std::string& out, Random& random) {
  std::uint64_t a = random.next(), b = random.next();
  a = (a & ~0xF000ULL) | 0x4000ULL;
  b = (b & ~(3ULL << 62)) | (2ULL << 62);
  append_hex(out, a >> 32, 8);
  out += '-';
  append_hex(out, (a >> 16) & 0xFFFF, 4);
  out += '-';
  append_hex(out, a & 0xFFFF, 4);
  out += '-';
  append_hex(out, b >> 48, 4);
  out += '-';
  append_hex(out, b & 0xFFFFFFFFFFFFULL, 12);
}

void append_bits(std::string& out, size_t count, Random& random) {
  for (size_t i = 0; i < count; i++) out += random.chance(0.5) ? '1' : '0';
}

// -1.0000 to 1.0000
void append_share(std::string& out, Random& random) {
  const auto n = static_cast<std::int64_t>(random.below(20001)) - 10000;
  if (n < 0) out += '-';
  append_number(out, static_cast<std::uint64_t>(std::abs(n)) / 10000);
  out += '.';
  append_number(out, static_cast<std::uint64_t>(std::abs(n)) % 10000, 4);
}

// A text with "#" where a number stands.
Maker with_numbers(std::string_view pattern, std::uint64_t from, size_t count) {
  return [=](const Place&, Random& random, Cell& out) {
    for (char c : pattern)
      if (c == '#')
        append_number(out.text, from + random.below(count));
      else
        out.text += c;
  };
}

Maker fixed(const std::string& text) {
  return [text](const Place&, Random&, Cell& out) { out.text = text; };
}

Maker address_maker(std::string_view before, size_t bytes) {
  return [=](const Place&, Random& random, Cell& out) {
    out.text += before;
    for (size_t i = 0; i < bytes; i++) {
      out.text += ':';
      append_hex(out.text, random.below(256), 2);
    }
  };
}

// One behind the other: they never overlap.
Maker range_maker(const Wish& wish) {
  const bool numbers = wish.type == "int4range" || wish.type == "int8range" || wish.type == "numrange";
  const double begin = wish.unique_from ? *wish.unique_from : numbers ? 0 : now;
  const bool behind = wish.unique_from.has_value();
  return [=](const Place& place, Random& random, Cell& out) {
    const auto row = static_cast<double>(place.row - (behind ? place.existing : 0));
    out.text += '[';
    if (numbers) {
      const auto low = static_cast<std::uint64_t>(std::max(0.0, begin + row * 10)) + random.below(5);
      append_number(out.text, low);
      out.text += ',';
      append_number(out.text, low + 1 + random.below(5));
    } else {
      const double at = std::ceil(begin / day) * day + row * day;
      append_date(out.text, at, false);
      out.text += ',';
      append_date(out.text, at + day, false);
    }
    out.text += ')';
  };
}

Maker other_maker(const Wish& wish) {
  const std::string& type = wish.type;
  if (type == "boolean") {
    const double often =
        has(wish.name, {"deleted", "archived", "paused", "blocked", "banned", "locked", "disabled"}) ? 0.1 : 0.5;
    return [often](const Place&, Random& random, Cell& out) { out.text = random.chance(often) ? 't' : 'f'; };
  }
  if (type == "uuid") return [](const Place&, Random& random, Cell& out) { append_uuid(out.text, random); };
  if (type == "json" || type == "jsonb")
    return fixed(!wish.default_text.empty()                  ? wish.default_text
                 : has(wish.name, {"tags", "items", "list"}) ? "[]"
                                                             : "{}");
  if (type == "bytea")
    return [](const Place&, Random& random, Cell& out) {
      out.text += "\\x";
      append_hex(out.text, random.next(), 16);
    };
  if (type == "time" || type == "timetz")
    return [zone = type == "timetz"](const Place& place, Random& random, Cell& out) {
      append_number(out.text, place.after ? 23 : 8 + random.below(10), 2);
      out.text += ':';
      append_number(out.text, 15 * random.below(4), 2);
      out.text += zone ? ":00+00" : ":00";
    };
  if (type == "interval") return with_numbers("# hours", 1, 48);
  if (type == "inet") return with_numbers("192.0.#.#", 0, 256);
  if (type == "cidr") return with_numbers("10.#.#.0/24", 0, 256);
  if (type == "macaddr") return address_maker("02:00:00", 3);
  if (type == "macaddr8") return address_maker("02:00:00:00:00", 3);
  if (type == "point") return with_numbers("(#,#)", 1, 100);
  if (type == "line") return with_numbers("{1,-1,#}", 1, 10);
  if (type == "lseg" || type == "path") return with_numbers("[(0,0),(#,#)]", 1, 10);
  if (type == "box") return with_numbers("(#,#),(0,0)", 1, 10);
  if (type == "polygon") return with_numbers("((0,0),(#,0),(0,#))", 1, 10);
  if (type == "circle") return with_numbers("<(0,0),#>", 1, 10);
  if (type == "bit" || type == "varbit" || type == "bit varying") {
    const size_t count = wish.modifiers.empty() ? (type == "bit" ? 1 : 8) : static_cast<size_t>(wish.modifiers[0]);
    return [count](const Place&, Random& random, Cell& out) { append_bits(out.text, count, random); };
  }
  if (type == "vector" || type == "halfvec")
    return [count = wish.modifiers.empty() ? 3 : wish.modifiers[0]](const Place&, Random& random, Cell& out) {
      out.text += '[';
      for (int i = 0; i < count; i++) {
        if (i > 0) out.text += ',';
        append_share(out.text, random);
      }
      out.text += ']';
    };
  if (type == "sparsevec")
    return [size = std::to_string(wish.modifiers.empty() ? 3 : wish.modifiers[0])](const Place&, Random& random,
                                                                                   Cell& out) {
      out.text += "{1:";
      append_number(out.text, 1 + random.below(9));
      out.text += "}/" + size;
    };
  if (type == "tsvector") return fixed("garden river");
  if (type == "tsquery") return fixed("garden & river");
  if (type == "xml") return with_numbers("<value>#</value>", 1, 1000);
  if (type == "oid" || type == "xid8") return with_numbers("#", 1, 100000);
  if (type == "hstore") return with_numbers("kind=>#", 1, 10);
  if (type == "ltree") return with_numbers("top.part#", 1, 100);
  if (type == "int4range" || type == "int8range" || type == "numrange" || type == "daterange" || type == "tsrange" ||
      type == "tstzrange")
    return range_maker(wish);
  if (type == "geometry" || type == "geography") return with_numbers("POINT(#.5 #.25)", 0, 60);
  return {};
}

// An element of an array literal.
void append_element(std::string& out, const std::string& text) {
  out += '"';
  for (char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  out += '"';
}

Maker array_maker(const Wish& wish) {
  Wish one = wish;
  one.dimensions--;
  one.default_text.clear();
  one.unique = false;
  if (one.name.ends_with("s")) one.name.pop_back();
  Maker inner = maker_for(one);
  if (!inner) return {};
  return [inner, nested = one.dimensions > 0](const Place& place, Random& random, Cell& out) {
    out.text += '{';
    Cell item;
    for (size_t i = nested ? 1 : 1 + random.below(3); i > 0; i--) {  // the rows of an array have one length
      item.text.clear();
      inner(place, random, item);
      if (nested)
        out.text += item.text;
      else
        append_element(out.text, item.text);
      if (i > 1) out.text += ',';
    }
    out.text += '}';
  };
}

Maker choice_maker(const std::vector<std::string>& values, const std::vector<double>& weights, bool unique) {
  std::vector<double> ends;  // of the part of 0 … 1 that each has
  double sum = 0;
  for (double weight : weights) ends.push_back(sum += weight);
  for (double& end : ends) end /= sum > 0 ? sum : 1;
  std::vector<double> numbers;
  for (const std::string& value : values)
    numbers.push_back(seconds_of(value).value_or(std::strtod(value.c_str(), nullptr)));
  return [=](const Place& place, Random& random, Cell& out) {
    size_t at;
    if (unique)
      at = (place.row + place.attempt) % values.size();
    else if (ends.empty())
      at = random.below(values.size());
    else
      at = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), random.unit()) - ends.begin());
    at = std::min(at, values.size() - 1);
    out.text = values[at];
    out.number = numbers[at];
  };
}

}  // namespace

std::uint64_t hash(std::string_view text) {
  std::uint64_t out = 1469598103934665603ULL;  // FNV-1a
  for (unsigned char c : text) out = (out ^ c) * 1099511628211ULL;
  return out;
}

void append_number(std::string& out, std::uint64_t number, size_t width) {
  char digits[24];
  char* at = digits + sizeof digits;
  do *--at = static_cast<char>('0' + number % 10);
  while ((number /= 10) > 0);
  while (at > digits && static_cast<size_t>(digits + sizeof digits - at) < width) *--at = '0';
  out.append(at, static_cast<size_t>(digits + sizeof digits - at));
}

void append_hex(std::string& out, std::uint64_t number, size_t digits) {
  for (size_t i = digits; i > 0; i--) out += "0123456789abcdef"[(number >> (4 * (i - 1))) & 15];
}

std::optional<double> seconds_of(const std::string& text) {
  int y, m, d, hour = 0, minute = 0, second = 0;
  const int found = std::sscanf(text.c_str(), "%d-%d-%d%*[ T]%d:%d:%d", &y, &m, &d, &hour, &minute, &second);
  if (found != 3 && found != 5 && found != 6) return std::nullopt;
  y -= m <= 2;
  const int era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
  const int doe = yoe * 365 + yoe / 4 - yoe / 100 + (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  return (static_cast<double>(era) * 146097 + doe - 719468) * day + hour * 3600 + minute * 60 + second;
}

bool is_time(const std::string& type) { return type == "date" || type == "timestamp" || type == "timestamptz"; }

bool is_number(const std::string& type) {
  return type == "smallint" || type == "integer" || type == "bigint" || type == "numeric" || type == "real" ||
         type == "double precision" || type == "money";
}

bool is_text(const std::string& type) {
  static const std::vector<std::string> texts{"text", "varchar",           "char",     "citext", "bpchar",
                                              "name", "character varying", "character"};
  return std::find(texts.begin(), texts.end(), type) != texts.end();
}

Maker maker_for(const Wish& wish) {
  if (!wish.values.empty()) return choice_maker(wish.values, wish.weights, wish.unique);
  if (wish.dimensions > 0) return array_maker(wish);
  const std::vector<std::string>& among = wish.limits.among;
  if (!wish.enum_values.empty()) {
    std::vector<std::string> both;
    for (const std::string& value : wish.enum_values)
      if (among.empty() || std::find(among.begin(), among.end(), value) != among.end()) both.push_back(value);
    return choice_maker(both.empty() ? wish.enum_values : both, {}, wish.unique);
  }
  if (!among.empty()) return choice_maker(among, {}, wish.unique);
  if (is_time(wish.type)) return time_maker(wish);
  if (is_number(wish.type)) return number_maker(wish);
  if (is_text(wish.type)) return text_maker(wish);
  return other_maker(wish);
}

}  // namespace sluice::seed

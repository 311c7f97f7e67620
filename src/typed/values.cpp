// Values as text and back, in the forms that a session with DateStyle ISO and IntervalStyle postgres uses.
#include <sys/random.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "sluice/types.hpp"

namespace sluice::pg {

namespace {

[[noreturn]] void malformed(std::string_view text, std::string_view type) {
  throw Error("'" + std::string(text) + "' is no " + std::string(type));
}

// Takes a text apart from the left.
class Reader {
 public:
  Reader(std::string_view text, std::string_view type) : rest_(text), all_(text), type_(type) {}

  bool done() const { return rest_.empty(); }
  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail();
  }
  std::int64_t whole(size_t* digits = nullptr) {
    std::int64_t out = 0;
    auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (error != std::errc()) fail();
    auto size = static_cast<size_t>(end - rest_.data());
    if (digits != nullptr) *digits = size;
    rest_.remove_prefix(size);
    return out;
  }
  double number() {
    double out = 0;
    auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (error != std::errc()) fail();
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return out;
  }
  // "04:05:06.789", with any number of hours.
  std::chrono::microseconds clock() {
    using namespace std::chrono;
    std::int64_t hour = whole();
    expect(':');
    std::int64_t minute = whole(), second = 0, fraction = 0;
    if (take(':')) {
      second = whole();
      if (take('.')) {
        size_t digits = 0;
        fraction = whole(&digits);
        for (; digits < 6; digits++) fraction *= 10;
      }
    }
    return hours(hour) + minutes(minute) + seconds(second) + microseconds(fraction);
  }
  Date date() {
    std::int64_t year = whole();
    expect('-');
    std::int64_t month = whole();
    expect('-');
    std::int64_t day = whole();
    if (all_.ends_with(" BC")) year = 1 - year;
    return Date{std::chrono::year(static_cast<int>(year)), std::chrono::month(static_cast<unsigned>(month)),
                std::chrono::day(static_cast<unsigned>(day))};
  }
  // Behind a time: an offset east of Greenwich, and the era.
  std::chrono::seconds offset_and_end() {
    using namespace std::chrono;
    seconds out{0};
    bool negative = at('-');
    if (take('-') || take('+')) {
      out = hours(whole());
      if (take(':')) out += minutes(whole());
      if (take(':')) out += seconds(whole());
    }
    take(std::string_view(" BC"));
    if (!done()) fail();
    return negative ? -out : out;
  }
  [[noreturn]] void fail() const { malformed(all_, type_); }

 private:
  std::string_view rest_, all_, type_;
};

// "2026-01-02 03:04:05.678+00": what almost every timestamp looks like, read at its places. Nothing if it is any other.
struct DayAndTime {
  Date day;
  std::chrono::microseconds time;
};
std::optional<DayAndTime> usual_timestamp(std::string_view text) {
  bool fits = true;
  auto number = [&](size_t at, size_t size) {
    int out = 0;
    for (size_t i = at; i < at + size; i++) {
      fits = fits && text[i] >= '0' && text[i] <= '9';
      out = out * 10 + (text[i] - '0');
    }
    return out;
  };
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  using namespace std::chrono;
  DayAndTime out;
  out.day =
      Date{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))), day(static_cast<unsigned>(number(8, 2)))};
  out.time = hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2));
  size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    at++;
    size_t size = std::min(text.find_first_of("+- ", at), text.size()) - at;
    if (size == 0 || size > 6) return std::nullopt;
    int fraction = number(at, size);
    at += size;
    for (; size < 6; size++) fraction *= 10;
    out.time += microseconds(fraction);
  }
  if (at + 3 == text.size() && (text[at] == '+' || text[at] == '-')) {
    hours offset(number(at + 1, 2));
    out.time += text[at] == '-' ? offset : -offset;
    at += 3;
  }
  if (!fits || at != text.size()) return std::nullopt;
  return out;
}

template <class Point, class Days>
Point timestamp(std::string_view text, std::string_view type) {
  if (text == "infinity") return Point::max();
  if (text == "-infinity") return Point::min();
  if (auto usual = usual_timestamp(text)) return Point(Days(usual->day).time_since_epoch() + usual->time);
  Reader reader(text, type);
  Date date = reader.date();
  reader.expect(' ');
  auto time = reader.clock();
  auto offset = reader.offset_and_end();
  return Point(Days(date).time_since_epoch() + time - offset);
}

// As %0<width>d; a timestamp is written once for each row of a COPY.
void append_padded(std::string& to, std::int64_t n, size_t width) {
  char buffer[24];
  char* end = std::to_chars(buffer, buffer + sizeof buffer, n).ptr;
  size_t size = static_cast<size_t>(end - buffer);
  if (n >= 0 && size < width) to.append(width - size, '0');
  to.append(buffer, size);
}

std::string clock_text(std::chrono::microseconds time) {
  std::string out;
  std::int64_t all = time.count();
  append_padded(out, all / 3600000000, 2);
  out += ':';
  append_padded(out, all / 60000000 % 60, 2);
  out += ':';
  append_padded(out, all / 1000000 % 60, 2);
  out += '.';
  append_padded(out, all % 1000000, 6);
  return out;
}

// The date's text and, for years before the first, what stands behind everything.
std::pair<std::string, const char*> date_text(const Date& date) {
  int year = static_cast<int>(date.year());
  std::string out;
  append_padded(out, year > 0 ? year : 1 - year, 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  return {out, year > 0 ? "" : " BC"};
}

template <class Point>
std::string timestamp_text(const Point& point, const char* zone) {
  using namespace std::chrono;
  if (point == Point::max()) return "infinity";
  if (point == Point::min()) return "-infinity";
  auto day = floor<days>(point);
  auto [date, era] = date_text(Date(day));
  return date + " " + clock_text(point - day) + zone + era;
}

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr char digits[] = "0123456789abcdef";

template <class T>
std::string shortest(T value) {
  char buffer[40];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end};
}

}  // namespace

Uuid Uuid::parse(std::string_view text) {
  Uuid out;
  if (text.size() != 36) malformed(text, "uuid");
  size_t at = 0;
  for (size_t i = 0; i < 36;) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') malformed(text, "uuid");
      continue;
    }
    int high = hexadecimal(text[i]), low = hexadecimal(text[i + 1]);
    if (high < 0 || low < 0) malformed(text, "uuid");
    out.bytes[at++] = static_cast<std::uint8_t>(high << 4 | low);
    i += 2;
  }
  return out;
}

Uuid Uuid::random() {
  Uuid out;
  size_t have = 0;
  while (have < out.bytes.size()) {
    ssize_t got = getrandom(out.bytes.data() + have, out.bytes.size() - have, 0);
    if (got > 0) have += static_cast<size_t>(got);
  }
  out.bytes[6] = static_cast<std::uint8_t>((out.bytes[6] & 0x0f) | 0x40);
  out.bytes[8] = static_cast<std::uint8_t>((out.bytes[8] & 0x3f) | 0x80);
  return out;
}

std::string Uuid::str() const {
  std::string out;
  out.reserve(36);
  for (size_t i = 0; i < bytes.size(); i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += digits[bytes[i] >> 4];
    out += digits[bytes[i] & 15];
  }
  return out;
}

double Numeric::to_double() const { return detail::parse_double(text); }

namespace detail {

std::int64_t parse_integer(std::string_view text) {
  std::int64_t usual = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), usual);
  if (error == std::errc() && end == text.data() + text.size()) return usual;
  Reader reader(text, "whole number");
  std::int64_t out = reader.whole();
  if (!reader.done()) reader.fail();
  return out;
}

double parse_double(std::string_view text) {
  if (text == "NaN") return __builtin_nan("");
  if (text == "Infinity") return __builtin_inf();
  if (text == "-Infinity") return -__builtin_inf();
  Reader reader(text, "number");
  double out = reader.number();
  if (!reader.done()) reader.fail();
  return out;
}

std::string print_double(double value) { return shortest(value); }
std::string print_float(float value) { return shortest(value); }

bool parse_boolean(std::string_view text) {
  if (text != "t" && text != "f" && text != "true" && text != "false") malformed(text, "boolean");
  return text.front() == 't';
}

Timestamp parse_timestamp(std::string_view text) {
  return timestamp<Timestamp, std::chrono::local_days>(text, "timestamp");
}
TimestampTz parse_timestamptz(std::string_view text) {
  return timestamp<TimestampTz, std::chrono::sys_days>(text, "timestamp with time zone");
}
Date parse_date(std::string_view text) {
  Reader reader(text, "date");
  Date out = reader.date();
  reader.offset_and_end();
  return out;
}
Time parse_time(std::string_view text) {
  Reader reader(text, "time");
  Time out = reader.clock();
  if (!reader.done()) reader.fail();
  return out;
}

Interval parse_interval(std::string_view text) {
  Interval out;
  Reader reader(text, "interval");
  while (!reader.done()) {
    bool negative = reader.at('-');
    Reader ahead = reader;
    if (ahead.take('-') || ahead.take('+')) reader = ahead;
    Reader time = reader;
    std::int64_t n = reader.whole();
    if (reader.at(':')) {
      reader = time;
      out.time = reader.clock();
      if (negative) out.time = -out.time;
      break;
    }
    if (negative) n = -n;
    reader.expect(' ');
    if (reader.take(std::string_view("year")))
      out.months += static_cast<std::int32_t>(n * 12);
    else if (reader.take(std::string_view("mon")))
      out.months += static_cast<std::int32_t>(n);
    else if (reader.take(std::string_view("day")))
      out.days += static_cast<std::int32_t>(n);
    else
      reader.fail();
    reader.take('s');
    reader.take(' ');
  }
  return out;
}

Point parse_point(std::string_view text) {
  Reader reader(text, "point");
  Point out;
  reader.expect('(');
  out.x = reader.number();
  reader.expect(',');
  out.y = reader.number();
  reader.expect(')');
  return out;
}
Line parse_line(std::string_view text) {
  Reader reader(text, "line");
  Line out;
  reader.expect('{');
  out.a = reader.number();
  reader.expect(',');
  out.b = reader.number();
  reader.expect(',');
  out.c = reader.number();
  reader.expect('}');
  return out;
}

Bytes parse_bytes(std::string_view text) {
  Bytes out;
  if (text.starts_with("\\x")) {
    out.reserve(text.size() / 2);
    for (size_t i = 2; i + 1 < text.size(); i += 2) {
      int high = hexadecimal(text[i]), low = hexadecimal(text[i + 1]);
      if (high < 0 || low < 0) malformed(text, "bytea");
      out.push_back(static_cast<std::byte>(high << 4 | low));
    }
    return out;
  }
  // bytea_output = escape: \\ and \ooo.
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '\\') {
      out.push_back(static_cast<std::byte>(text[i]));
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      out.push_back(std::byte{'\\'});
      i++;
    } else if (i + 3 < text.size()) {
      out.push_back(static_cast<std::byte>((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0')));
      i += 3;
    } else {
      malformed(text, "bytea");
    }
  }
  return out;
}

std::vector<float> parse_floats(std::string_view text) {
  Reader reader(text, "vector");
  std::vector<float> out;
  reader.expect('[');
  while (!reader.take(']')) {
    if (!out.empty()) reader.expect(',');
    out.push_back(static_cast<float>(reader.number()));
  }
  return out;
}

std::string print(const Timestamp& value) { return timestamp_text(value, ""); }
std::string print_moment(const TimestampTz& value) { return timestamp_text(value, "+00"); }
std::string print_date(const Date& value) {
  auto [text, era] = date_text(value);
  return text + era;
}
std::string print_time(const Time& value) { return clock_text(value); }
std::string print(const Interval& value) {
  return std::to_string(value.months) + " months " + std::to_string(value.days) + " days " +
         std::to_string(value.time.count()) + " microseconds";
}
std::string print(const Point& value) { return "(" + shortest(value.x) + "," + shortest(value.y) + ")"; }
std::string print(const Line& value) {
  return "{" + shortest(value.a) + "," + shortest(value.b) + "," + shortest(value.c) + "}";
}
std::string print_bytes(const Bytes& value) {
  std::string out = "\\x";
  out.reserve(2 + 2 * value.size());
  for (std::byte b : value) {
    out += digits[std::to_integer<unsigned>(b) >> 4];
    out += digits[std::to_integer<unsigned>(b) & 15];
  }
  return out;
}
std::string print_floats(const std::vector<float>& value) {
  std::string out = "[";
  for (float number : value) {
    if (out.size() > 1) out += ',';
    out += shortest(number);
  }
  return out + "]";
}

void each_element(std::string_view list, void* context, void (*visit)(void*, std::string_view)) {
  // Bounds that do not begin at 1: "[0:1]={a,b}".
  if (list.starts_with('['))
    if (size_t at = list.find('='); at != std::string_view::npos) list.remove_prefix(at + 1);
  if (list.size() < 2 || list.front() != '{' || list.back() != '}') malformed(list, "list");
  std::string_view rest = list.substr(1, list.size() - 2);
  std::string element;
  while (!rest.empty()) {
    element.clear();
    size_t i = 0;
    if (rest.front() == '{') {
      int depth = 0;
      bool inside = false;
      for (; i < rest.size(); i++) {
        char c = rest[i];
        if (inside && c == '\\')
          i++;
        else if (c == '"')
          inside = !inside;
        else if (!inside && c == '{')
          depth++;
        else if (!inside && c == '}' && --depth == 0)
          break;
      }
      i = std::min(i + 1, rest.size());
      visit(context, rest.substr(0, i));
    } else if (rest.front() == '"') {
      for (i = 1; i < rest.size() && rest[i] != '"'; i++) {
        if (rest[i] == '\\') i++;
        if (i < rest.size()) element += rest[i];
      }
      i = std::min(i + 1, rest.size());
      visit(context, element);
    } else {
      i = std::min(rest.find(','), rest.size());
      if (rest.substr(0, i) == "NULL") throw Error("a list has an element that is NULL: " + std::string(list));
      visit(context, rest.substr(0, i));
    }
    rest.remove_prefix(std::min(i + 1, rest.size()));
  }
}

void append_element(std::string& list, std::string_view element, bool is_list) {
  if (list.size() > 1) list += ',';
  if (is_list) {
    list += element;
    return;
  }
  list += '"';
  for (char c : element) {
    if (c == '"' || c == '\\') list += '\\';
    list += c;
  }
  list += '"';
}

void unknown_label(std::string_view type, std::string_view label) {
  throw Error("enum " + std::string(type) + " has no label '" + std::string(label) + "' in this program");
}

}  // namespace detail

}  // namespace sluice::pg

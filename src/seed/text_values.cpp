// Texts by the names of columns.
#include "seed/text_values.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace sluice::seed {

namespace {

using Words = std::vector<std::string_view>;
using Text = std::function<void(const Place& place, Random& random, std::string& out)>;

const Words first_names{"Ada",  "Blaise", "Chiyo", "Dana",   "Emeka", "Freya", "Goran", "Hannah", "Iker",   "Jun",
                        "Kofi", "Lena",   "Marta", "Noor",   "Omar",  "Priya", "Quinn", "Rosa",   "Sven",   "Tomas",
                        "Uma",  "Viktor", "Wanda", "Ximena", "Yusuf", "Zoe",   "Amir",  "Bea",    "Carlos", "Dmitri"};
const Words last_names{"Byron",  "Moreau",  "Tanaka",   "Novak",   "Obi",   "Lund",   "Kovac",  "Brandt",
                       "Garcia", "Park",    "Mensah",   "Fischer", "Silva", "Haddad", "Farouk", "Sharma",
                       "Walsh",  "Conti",   "Berg",     "Horvat",  "Patel", "Ivanov", "Nowak",  "Reyes",
                       "Demir",  "Laurent", "Hosseini", "Martin",  "Ruiz",  "Orlov"};
const Words cities{"Lisbon", "Oslo",  "Nairobi", "Kyoto",  "Toronto", "Lima",
                   "Ghent",  "Porto", "Accra",   "Vienna", "Leeds",   "Austin"};
const Words countries{"Portugal", "Norway",  "Kenya", "Japan",   "Canada",
                      "Peru",     "Belgium", "Ghana", "Austria", "France"};
const Words country_codes{"PT", "NO", "KE", "JP", "CA", "PE", "BE", "GH", "AT", "FR"};
const Words currencies{"EUR", "USD", "GBP", "JPY", "CHF"};
const Words locales{"en-GB", "en-US", "de-DE", "fr-FR", "pt-PT", "ja-JP"};
const Words time_zones{"UTC", "Europe/Lisbon", "Europe/Berlin", "America/New_York", "Asia/Tokyo"};
const Words companies{"Northwind", "Brightleaf", "Harbour",    "Quillon",
                      "Solstice",  "Fernhill",   "Copperline", "Bluepeak"};
const Words company_kinds{"Ltd", "GmbH", "Inc", "Labs", "Studio", "Group"};
const Words streets{"Mill Lane", "Station Road", "Harbour Street", "Oak Avenue", "Church Row", "River Walk"};
const Words subjects{"Mathematics", "Physics", "History", "English", "Chemistry", "Music"};
const Words colors{"red", "green", "blue", "amber", "teal", "violet"};
const Words states{"active", "pending", "done", "draft"};
const Words things{"garden", "river",  "lamp",   "market", "signal", "bridge", "window", "harvest", "engine", "letter",
                   "orbit",  "canvas", "ladder", "meadow", "copper", "anchor", "basket", "compass", "forest", "kettle"};
const Words qualities{"quiet", "bright", "early", "second", "open", "small", "northern", "steady", "plain", "quick"};
const Words sentences{"It worked the first time.",
                      "Please call before noon.",
                      "Nothing to add.",
                      "The parts arrived on Monday.",
                      "Clear and patient.",
                      "We meet again next week.",
                      "Some details are missing.",
                      "Agreed with both sides.",
                      "Checked twice.",
                      "To be continued."};
const Words agents{"Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "Mozilla/5.0 (Macintosh) Safari/605.1.15"};
const Words mime_types{"image/png", "application/pdf", "text/plain", "image/jpeg"};

std::string_view pick(const Words& words, Random& random) { return words[random.below(words.size())]; }

void add_letters(std::string& out, Random& random, size_t count, char first) {
  for (size_t i = 0; i < count; i++) out += static_cast<char>(first + random.below(26));
}

void add_hex(std::string& out, Random& random, size_t digits) {
  for (; digits > 0; digits -= std::min<size_t>(digits, 16))
    append_hex(out, random.next(), std::min<size_t>(digits, 16));
}

void add_lower(std::string& out, std::string_view text) {
  for (char c : text) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

struct Person {
  std::string_view first, last;
};
Person person_of(std::uint64_t number) {
  Random random(number);
  const std::string_view first = pick(first_names, random);
  return {first, pick(last_names, random)};
}

// When a pattern must be met, other kinds of text are tried in turn.
void add_in_style(std::string& out, size_t style, size_t longest, const Place& place, Random& random) {
  switch (style % 12) {
    case 0:
      out.append(pick(qualities, random)).append("-").append(pick(things, random));
      return;
    case 1:
      return add_letters(out, random, 2, 'A');
    case 2:
      return add_letters(out, random, 3, 'A');
    case 3:
      return append_number(out, 1000 + random.below(9000));
    case 4:
      out += '#';
      return add_hex(out, random, 6);
    case 5:
      out += "+49";
      return append_number(out, 1000000000 + random.below(899999999));
    case 6:
      out.append("https://example.com/").append(pick(things, random));
      return;
    case 7:
      return add_letters(out, random, std::max<size_t>(3, std::min<size_t>(8, longest)), 'a');
    case 8:
      return add_hex(out, random, 40);
    case 9:
      add_lower(out, person_of(place.person).first);
      out += "@example.com";
      return;
    case 10:
      return append_number(out, 10000 + random.below(89999));
    default:
      out += pick(things, random);
  }
}

bool has(const std::string& name, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

// A word of the name, not a piece of one: "state" is not in "statement".
bool word(const std::string& name, std::initializer_list<std::string_view> words) {
  for (const std::string& part : text::split(name, "_"))
    if (std::find(words.begin(), words.end(), part) != words.end()) return true;
  return false;
}

Text one_of(const Words& words) {
  return [&words](const Place&, Random& random, std::string& out) { out += pick(words, random); };
}

Text two_of(const Words& words, std::string_view between, const Words& others) {
  return [&words, between, &others](const Place&, Random& random, std::string& out) {
    out += pick(words, random);
    out += between;
    out += pick(others, random);
  };
}

Text number_in(std::string_view before, std::uint64_t from, size_t count, std::string_view behind = "") {
  return [=](const Place&, Random& random, std::string& out) {
    out += before;
    append_number(out, from + random.below(count));
    out += behind;
  };
}

enum class Spelling { plain, lower };
Text person_text(bool first, std::string_view between, bool last, Spelling spelling, std::string_view behind = "") {
  return [=](const Place& place, Random&, std::string& out) {
    const Person person = person_of(place.person);
    const auto add = [&](std::string_view name) {
      if (spelling == Spelling::lower)
        add_lower(out, name);
      else
        out += name;
    };
    if (first) add(person.first);
    out += between;
    if (last) add(person.last);
    out += behind;
  };
}

Text surrounded(std::string_view before, Text text, std::string_view behind) {
  return [=](const Place& place, Random& random, std::string& out) {
    out += before;
    text(place, random, out);
    out += behind;
  };
}

Text hex_text(size_t digits) {
  return [=](const Place&, Random& random, std::string& out) { add_hex(out, random, digits); };
}

void add_sentences(const Place&, Random& random, std::string& out) {
  out += pick(sentences, random);
  for (size_t i = random.below(3); i > 0; i--) out.append(" ").append(pick(sentences, random));
}

Text by_name(const Wish& wish) {
  const std::string& name = wish.name;
  if (has(name, {"email", "e_mail"})) return person_text(true, ".", true, Spelling::lower, "@example.com");
  if (has(name, {"first_name", "given_name", "firstname", "forename"}))
    return person_text(true, "", false, Spelling::plain);
  if (has(name, {"last_name", "surname", "family_name", "lastname"}))
    return person_text(false, "", true, Spelling::plain);
  if (has(name, {"user_name", "username", "handle", "nickname", "login"}))
    return person_text(true, "_", true, Spelling::lower);
  if (has(name, {"full_name", "fullname", "display_name", "author", "contact_name"}))
    return person_text(true, " ", true, Spelling::plain);
  if (has(name, {"company", "organization", "organisation", "employer", "brand"}))
    return two_of(companies, " ", company_kinds);
  if (has(name, {"phone", "mobile"}) || word(name, {"tel", "fax"})) return number_in("+49 30 ", 1000000, 8999999);
  if (has(name, {"user_agent", "useragent"})) return one_of(agents);
  if (word(name, {"mime", "mimetype"}) || has(name, {"content_type", "media_type"})) return one_of(mime_types);
  if (has(name, {"avatar", "image", "photo", "picture", "logo", "thumbnail"}))
    return surrounded("https://example.com/images/", one_of(things), ".png");
  if (has(name, {"url", "website", "link", "webhook"}) || word(name, {"uri", "href", "homepage"}))
    return surrounded("https://example.com/", two_of(qualities, "-", things), "");
  if (has(name, {"domain", "hostname"}) || word(name, {"host"})) return surrounded("", one_of(things), ".example.com");
  if (word(name, {"ip"}) || has(name, {"ip_address"})) return number_in("192.0.2.", 1, 254);
  if (has(name, {"country_code"}) || (word(name, {"country"}) && wish.limits.longest <= 3))
    return one_of(country_codes);
  if (word(name, {"country"})) return one_of(countries);
  if (word(name, {"city", "town"})) return one_of(cities);
  if (has(name, {"street", "address"}))
    return [](const Place&, Random& random, std::string& out) {
      append_number(out, 1 + random.below(120));
      out.append(" ").append(pick(streets, random));
    };
  if (has(name, {"postal", "postcode"}) || word(name, {"zip"})) return number_in("", 10000, 89999);
  if (word(name, {"currency"})) return one_of(currencies);
  if (word(name, {"locale", "language", "lang"})) return one_of(locales);
  if (has(name, {"timezone", "time_zone"}) || word(name, {"tz"})) return one_of(time_zones);
  if (word(name, {"color", "colour"})) return one_of(colors);
  if (word(name, {"subject"}) && wish.table != "messages") return one_of(subjects);
  if (has(name, {"token", "secret", "hash", "password", "checksum", "signature", "api_key"}) ||
      word(name, {"key", "salt", "digest"}))
    return hex_text(32);
  if (word(name, {"slug"})) return two_of(qualities, "-", things);
  if (word(name, {"sku", "code", "reference", "ref"}))
    return [](const Place&, Random& random, std::string& out) {
      add_letters(out, random, 3, 'A');
      out += '-';
      append_number(out, 100 + random.below(900));
    };
  if (word(name, {"version"}))
    return [](const Place&, Random& random, std::string& out) {
      append_number(out, random.below(5));
      out += '.';
      append_number(out, random.below(20));
      out += '.';
      append_number(out, random.below(10));
    };
  if (has(name, {"file_name", "filename"}) || word(name, {"file"})) return surrounded("", one_of(things), ".pdf");
  if (word(name, {"path"})) return surrounded("/", two_of(things, "/", things), "");
  if (word(name, {"status", "state", "kind", "type", "category", "role", "mode", "level", "provider"}) ||
      name.ends_with("_type"))
    return one_of(states);
  if (has(name, {"description", "comment", "note", "bio", "body", "content", "message", "summary", "text", "reason",
                 "about"}))
    return add_sentences;
  if (word(name, {"name"}) && has(wish.table, {"user", "customer", "person", "people", "student", "tutor", "member",
                                               "contact", "employee", "author", "patient"}))
    return person_text(true, " ", true, Spelling::plain);
  if (name.ends_with("_id") || name == "id") return hex_text(16);
  return [](const Place&, Random& random, std::string& out) {
    const size_t begin = out.size();
    out.append(pick(qualities, random)).append(" ").append(pick(things, random));
    out[begin] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[begin])));
  };
}

// Adds to the text what no other row has, where it does not hurt.
void add_distinction(std::string& text, size_t number, size_t longest) {
  const size_t at = text.find("@example.com");
  std::string end = at == std::string::npos ? "" : text.substr(at);
  text.resize(text.size() - end.size());
  std::string digits;
  append_number(digits, number);
  const bool spaced = text.find(' ') != std::string::npos;
  if (text.size() + digits.size() + end.size() + 1 <= longest) {
    if (at == std::string::npos) text += spaced ? ' ' : '-';
  } else if (digits.size() + end.size() < longest) {
    text.resize(std::min(text.size(), longest - digits.size() - end.size()));
  } else {  // in base 36, as long as it must be
    text.clear();
    for (size_t rest = number; text.size() < longest; rest /= 36)
      text.insert(text.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
    return;
  }
  text += digits;
  text += end;
}

}  // namespace

Maker text_maker(const Wish& wish) {
  const Limits limits = wish.limits;
  Text text = by_name(wish);
  const bool closed =
      !wish.default_text.empty() && !wish.unique && has(wish.name, {"status", "type", "role", "kind", "mode", "state"});
  // The one value that the schema is known to allow.
  if (closed) text = [value = wish.default_text](const Place&, Random&, std::string& out) { out += value; };
  return [text, limits, unique = wish.unique](const Place& place, Random& random, Cell& cell) {
    std::string& out = cell.text;
    if (limits.pattern && place.attempt > 0)
      add_in_style(out, place.attempt - 1, limits.longest, place, random);
    else
      text(place, random, out);
    const bool low = !limits.low_text.empty() && out < limits.low_text;
    if (low || (!limits.high_text.empty() && out >= limits.high_text)) out.insert(0, limits.low_text);
    if (unique) add_distinction(out, place.row + 1 + place.attempt * 1000003, limits.longest);
    while (out.size() < limits.shortest) {
      if (!out.empty() && out.back() != ' ') out += ' ';
      out += pick(things, random);
    }
    if (out.size() <= limits.longest) return;
    size_t end = limits.longest;
    while (end > 0 && (out[end] & 0xC0) == 0x80) end--;
    out.resize(end);
    while (out.ends_with(' ') && out.size() > std::max<size_t>(1, limits.shortest)) out.pop_back();
  };
}

}  // namespace sluice::seed

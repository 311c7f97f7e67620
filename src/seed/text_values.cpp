// Texts by the names of columns.
#include "seed/text_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"

namespace sluice::seed {

namespace {

using Words = std::vector<const char*>;

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

std::string pick(const Words& words, Random& random) { return words[random.below(words.size())]; }

std::string hex(Random& random, size_t digits) {
  std::string out;
  while (out.size() < digits) out += fmt::format("{:016x}", random.next());
  return out.substr(0, digits);
}

std::string letters(Random& random, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; i++) out += static_cast<char>('a' + random.below(26));
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

struct Person {
  std::string first, last;
};
Person person_of(std::uint64_t number) {
  Random random(number);
  return {pick(first_names, random), pick(last_names, random)};
}

// When a pattern must be met, other kinds of text are tried in turn.
std::string in_style(size_t style, const Wish& wish, const Place& place, Random& random) {
  switch (style % 12) {
    case 0:
      return pick(qualities, random) + "-" + pick(things, random);
    case 1:
      return upper(letters(random, 2));
    case 2:
      return upper(letters(random, 3));
    case 3:
      return std::to_string(1000 + random.below(9000));
    case 4:
      return "#" + hex(random, 6);
    case 5:
      return "+49" + std::to_string(1000000000 + random.below(899999999));
    case 6:
      return "https://example.com/" + pick(things, random);
    case 7:
      return letters(random, std::max<size_t>(3, std::min<size_t>(8, wish.limits.longest)));
    case 8:
      return hex(random, 40);
    case 9:
      return text::to_lower(person_of(place.person).first) + "@example.com";
    case 10:
      return std::to_string(10000 + random.below(89999));
    default:
      return pick(things, random);
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

std::string by_name(const Wish& wish, const Place& place, Random& random) {
  const std::string& name = wish.name;
  Person person = person_of(place.person);
  if (has(name, {"email", "e_mail"})) return text::to_lower(person.first + "." + person.last) + "@example.com";
  if (has(name, {"first_name", "given_name", "firstname", "forename"})) return person.first;
  if (has(name, {"last_name", "surname", "family_name", "lastname"})) return person.last;
  if (has(name, {"user_name", "username", "handle", "nickname", "login"}))
    return text::to_lower(person.first) + "_" + text::to_lower(person.last);
  if (has(name, {"full_name", "fullname", "display_name", "author", "contact_name"}))
    return person.first + " " + person.last;
  if (has(name, {"company", "organization", "organisation", "employer", "brand"}))
    return pick(companies, random) + " " + pick(company_kinds, random);
  if (has(name, {"phone", "mobile"}) || word(name, {"tel", "fax"}))
    return "+49 30 " + std::to_string(1000000 + random.below(8999999));
  if (has(name, {"user_agent", "useragent"})) return pick(agents, random);
  if (word(name, {"mime", "mimetype"}) || has(name, {"content_type", "media_type"})) return pick(mime_types, random);
  if (has(name, {"avatar", "image", "photo", "picture", "logo", "thumbnail"}))
    return "https://example.com/images/" + pick(things, random) + ".png";
  if (has(name, {"url", "website", "link", "webhook"}) || word(name, {"uri", "href", "homepage"}))
    return "https://example.com/" + pick(qualities, random) + "-" + pick(things, random);
  if (has(name, {"domain", "hostname"}) || word(name, {"host"})) return pick(things, random) + ".example.com";
  if (word(name, {"ip"}) || has(name, {"ip_address"})) return fmt::format("192.0.2.{}", 1 + random.below(254));
  if (has(name, {"country_code"}) || (word(name, {"country"}) && wish.limits.longest <= 3))
    return pick(country_codes, random);
  if (word(name, {"country"})) return pick(countries, random);
  if (word(name, {"city", "town"})) return pick(cities, random);
  if (has(name, {"street", "address"})) return std::to_string(1 + random.below(120)) + " " + pick(streets, random);
  if (has(name, {"postal", "postcode"}) || word(name, {"zip"})) return std::to_string(10000 + random.below(89999));
  if (word(name, {"currency"})) return pick(currencies, random);
  if (word(name, {"locale", "language", "lang"})) return pick(locales, random);
  if (has(name, {"timezone", "time_zone"}) || word(name, {"tz"})) return pick(time_zones, random);
  if (word(name, {"color", "colour"})) return pick(colors, random);
  if (word(name, {"subject"}) && wish.table != "messages") return pick(subjects, random);
  if (has(name, {"token", "secret", "hash", "password", "checksum", "signature", "api_key"}) ||
      word(name, {"key", "salt", "digest"}))
    return hex(random, 32);
  if (word(name, {"slug"})) return pick(qualities, random) + "-" + pick(things, random);
  if (word(name, {"sku", "code", "reference", "ref"}))
    return upper(letters(random, 3)) + "-" + std::to_string(100 + random.below(900));
  if (word(name, {"version"})) return fmt::format("{}.{}.{}", random.below(5), random.below(20), random.below(10));
  if (has(name, {"file_name", "filename"}) || word(name, {"file"})) return pick(things, random) + ".pdf";
  if (word(name, {"path"})) return "/" + pick(things, random) + "/" + pick(things, random);
  if (word(name, {"status", "state", "kind", "type", "category", "role", "mode", "level", "provider"}) ||
      name.ends_with("_type"))
    return pick(states, random);
  if (has(name, {"description", "comment", "note", "bio", "body", "content", "message", "summary", "text", "reason",
                 "about"})) {
    std::string out = pick(sentences, random);
    for (size_t i = random.below(3); i > 0; i--) out += " " + pick(sentences, random);
    return out;
  }
  if (word(name, {"name"}) && has(wish.table, {"user", "customer", "person", "people", "student", "tutor", "member",
                                               "contact", "employee", "author", "patient"}))
    return person.first + " " + person.last;
  if (name.ends_with("_id") || name == "id") return hex(random, 16);
  std::string out = pick(qualities, random) + " " + pick(things, random);
  out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  return out;
}

// The text and something that no other row has, where it does not hurt.
std::string with_number(const std::string& text, size_t number, size_t longest) {
  size_t at = text.find("@example.com");
  std::string head = text.substr(0, at), tail = at == std::string::npos ? "" : text.substr(at);
  std::string digits = std::to_string(number);
  bool spaced = head.find(' ') != std::string::npos;
  if (head.size() + digits.size() + tail.size() + 1 > longest) {
    if (digits.size() + tail.size() >= longest) {  // in base 36, as long as it must be
      std::string code;
      for (size_t rest = number; code.size() < longest; rest /= 36)
        code.insert(code.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
      return code;
    }
    head = head.substr(0, longest - digits.size() - tail.size());
    return head + digits + tail;
  }
  return head + (at != std::string::npos ? "" : spaced ? " " : "-") + digits + tail;
}

}  // namespace

std::string text_for(const Wish& wish, const Place& place, Random& random) {
  const Limits& limits = wish.limits;
  if (!limits.among.empty()) return limits.among[random.below(limits.among.size())];
  bool styled = limits.pattern && place.attempt > 0;
  std::string out = styled ? in_style(place.attempt - 1, wish, place, random) : by_name(wish, place, random);
  bool closed = !wish.default_text.empty() && !wish.unique &&
                (wish.name.find("status") != std::string::npos || wish.name.find("type") != std::string::npos ||
                 wish.name.find("role") != std::string::npos || wish.name.find("kind") != std::string::npos ||
                 wish.name.find("mode") != std::string::npos || wish.name.find("state") != std::string::npos);
  if (closed && !styled) out = wish.default_text;  // the one value that the schema is known to allow
  if (wish.unique) out = with_number(out, place.row + 1 + place.attempt * 1000003, limits.longest);
  while (out.size() < limits.shortest) out += (out.empty() || out.back() == ' ' ? "" : " ") + pick(things, random);
  if (out.size() > limits.longest) {
    size_t end = limits.longest;
    while (end > 0 && (out[end] & 0xC0) == 0x80) end--;
    out = out.substr(0, end);
    while (out.ends_with(' ') && out.size() > std::max<size_t>(1, limits.shortest)) out.pop_back();
  }
  return out;
}

}  // namespace sluice::seed

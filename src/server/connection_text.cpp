#include "server/connection_text.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "server/connection.hpp"
#include "server/libpq.hpp"

namespace sluice::server {

namespace {

constexpr std::string_view example = "postgresql://user:password@host:5432/database";

[[noreturn]] void invalid(const std::string& what, const std::string& hint) {
  ErrorContext context;
  context.hint = hint;
  throw Error("the database URL is not valid: " + what, context);
}

bool is_alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_key_character(char c) { return is_alphanumeric(c) || c == '_'; }

const std::set<std::string>& known_keywords() {
  static const std::set<std::string> known = [] {
    std::set<std::string> keywords;
    PQconninfoOption* options = PQconninfoParse("", nullptr);
    for (PQconninfoOption* o = options; o && o->keyword; o++) keywords.insert(o->keyword);
    PQconninfoFree(options);
    return keywords;
  }();
  return known;
}

// The length of "postgres://" or "postgresql://", or 0.
size_t scheme_length(std::string_view text) {
  for (std::string_view scheme : {"postgresql://", "postgres://"})
    if (text::to_lower(text.substr(0, scheme.size())) == scheme) return scheme.size();
  return 0;
}

std::optional<std::string> percent_decoded(std::string_view s) {
  auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
  };
  std::string result;
  for (size_t i = 0; i < s.size(); i++) {
    if (s[i] != '%') {
      result += s[i];
      continue;
    }
    if (i + 2 >= s.size() || digit(s[i + 1]) < 0 || digit(s[i + 2]) < 0) return std::nullopt;
    char c = static_cast<char>(digit(s[i + 1]) * 16 + digit(s[i + 2]));
    if (c == '\0') return std::nullopt;
    result += c;
    i += 2;
  }
  return result;
}

std::string decode(std::string_view s, const std::string& part) {
  std::optional<std::string> decoded = percent_decoded(s);
  if (!decoded)
    invalid("a '%' in the " + part + " is not followed by two hexadecimal digits", "Write a '%' itself as %25.");
  return *decoded;
}

// Where the parameters begin: at a '?' with "key=" after it, since a '?' may also stand in a password.
size_t start_of_parameters(std::string_view rest) {
  for (size_t question = rest.find('?'); question < rest.size(); question = rest.find('?', question + 1)) {
    size_t end = question + 1;
    while (end < rest.size() && is_key_character(rest[end])) end++;
    if (end > question + 1 && end < rest.size() && rest[end] == '=') return question;
  }
  return rest.size();
}

// Where "user:password" ends: at the last '@' before the path, as in the drivers for node, which let a '@' stand in a
// password; npos if there is none. Like libpq we let '?' and '#' stand in a password too.
size_t end_of_credentials(std::string_view rest) {
  return rest.substr(0, std::min(rest.find('/'), start_of_parameters(rest))).rfind('@');
}

void read_port(std::string_view port, bool slash_in_password) {
  bool number = !port.empty() && port.size() <= 5 &&
                std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (number && std::stoi(std::string(port)) >= 1 && std::stoi(std::string(port)) <= 65535) return;
  // The port is not quoted: with an unescaped '/' in the password it would be a piece of the password.
  if (slash_in_password)
    invalid("the part after the host is not a port", "A '/' in the password must be written as %2F.");
  invalid("the port is not a number from 1 to 65535", "It should look like " + std::string(example) + ".");
}

// host[:port][,host[:port]]…; gives what follows them.
std::string_view read_hosts(std::string_view rest, bool slash_in_password, Settings& settings) {
  std::string hosts, ports;
  for (;;) {
    size_t end;
    if (rest.starts_with('[')) {
      end = rest.find(']');
      if (end == std::string_view::npos) invalid("an IPv6 address has no closing ']'", "Write it as [::1].");
      hosts += rest.substr(1, end - 1);
      end++;
    } else {
      end = std::min(rest.find_first_of(":/?,"), rest.size());
      hosts += rest.substr(0, end);
    }
    rest.remove_prefix(end);
    if (rest.starts_with(':')) {
      end = std::min(rest.find_first_of("/?,"), rest.size());
      if (end > 1) read_port(rest.substr(1, end - 1), slash_in_password);
      ports += rest.substr(1, end - 1);
      rest.remove_prefix(end);
    }
    if (!rest.starts_with(',')) break;
    rest.remove_prefix(1);
    hosts += ',', ports += ',';
  }
  if (!rest.empty() && rest[0] != '/' && rest[0] != '?')
    invalid("the host is followed by something else than a port", "It should look like " + std::string(example) + ".");
  if (!hosts.empty()) settings["host"] = decode(hosts, "host");
  if (ports.find_first_not_of(',') != std::string::npos) settings["port"] = ports;
  return rest;
}

// The parameters after '?'. What only other drivers know (Prisma's pgbouncer=true, node's ssl=true …) is translated
// where it matters for the connection and otherwise ignored.
void read_parameters(std::string_view query, Settings& settings) {
  std::string ssl;
  for (const std::string& pair : text::split(query, "&")) {
    size_t equals = pair.find('=');
    if (equals == std::string::npos) continue;
    std::string key = decode(pair.substr(0, equals), "parameters");
    if (key != "ssl" && !known_keywords().contains(key)) continue;
    std::string value = decode(pair.substr(equals + 1), "parameter " + key);
    if (key == "ssl") {
      ssl = value;
    } else if (key == "sslmode" && value == "no-verify") {
      settings[key] = "require";  // libpq's "require" does not verify the certificate either
    } else if (!value.empty()) {
      settings[key] = value;
    }
  }
  if (ssl.empty() || settings.contains("sslmode")) return;
  static const std::map<std::string, std::string> modes{
      {"true", "require"}, {"1", "require"}, {"no-verify", "require"}, {"false", "disable"}, {"0", "disable"}};
  auto mode = modes.find(ssl);
  settings["sslmode"] = mode != modes.end() ? mode->second : ssl;  // postgres.js: ?ssl=verify-full
}

Settings parse_url(std::string_view rest) {
  Settings settings;
  size_t at = end_of_credentials(rest);
  bool slash_in_password = at == std::string_view::npos && rest.find('@') != std::string_view::npos;
  if (at != std::string_view::npos) {
    std::string_view credentials = rest.substr(0, at);
    size_t colon = credentials.find(':');
    std::string user = decode(credentials.substr(0, colon), "user name");
    if (!user.empty()) settings["user"] = user;
    if (colon != std::string_view::npos && colon + 1 < credentials.size())
      settings["password"] = decode(credentials.substr(colon + 1), "password");
    rest.remove_prefix(at + 1);
  }
  rest = read_hosts(rest, slash_in_password, settings);
  size_t question = std::min(rest.find('?'), rest.size());
  if (rest.starts_with('/') && question > 1) settings["dbname"] = decode(rest.substr(1, question - 1), "database name");
  if (question < rest.size()) read_parameters(rest.substr(question + 1), settings);
  return settings;
}

// "key=value key='va lue'", with libpq's rules for quotes and backslashes.
Settings parse_key_values(std::string_view s) {
  const std::string hint = "Values with spaces are quoted: password='my secret'.";
  Settings settings;
  size_t i = 0;
  auto skip_spaces = [&] {
    while (i < s.size() && is_space(s[i])) i++;
  };
  for (skip_spaces(); i < s.size(); skip_spaces()) {
    std::string key, value;
    while (i < s.size() && s[i] != '=' && !is_space(s[i])) key += s[i++];
    skip_spaces();
    if (i >= s.size() || s[i] != '=') invalid("expected key=value pairs, but a '=' is missing", hint);
    i++;
    skip_spaces();
    bool quoted = i < s.size() && s[i] == '\'';
    if (quoted) i++;
    while (i < s.size() && (quoted ? s[i] != '\'' : !is_space(s[i]))) {
      if (s[i] == '\\' && i + 1 < s.size()) i++;
      value += s[i++];
    }
    if (quoted && i++ >= s.size()) invalid("a quoted value has no closing \"'\"", hint);
    if (!known_keywords().contains(key)) {
      // After an unquoted password with a space, this "key" is a piece of it; in what was meant for a URL, it holds
      // one.
      bool tell = !settings.contains("password") && std::all_of(key.begin(), key.end(), is_key_character);
      invalid(tell ? "there is no setting \"" + key + "\"" : "there is an unknown setting", hint);
    }
    if (!value.empty()) settings[key] = value;
  }
  return settings;
}

}  // namespace

Settings parse_connection_text(const std::string& text) {
  std::string_view trimmed = text::trim(text);
  if (trimmed.find('\0') != std::string_view::npos) invalid("it contains a zero byte", "");
  if (size_t length = scheme_length(trimmed)) return parse_url(trimmed.substr(length));
  if (trimmed.size() > 1 && (trimmed.front() == '"' || trimmed.front() == '\'') && scheme_length(trimmed.substr(1)))
    invalid("it begins with a quotation mark", "Remove the quotes around the URL.");
  if (text::to_lower(trimmed.substr(0, 5)) == "jdbc:")
    invalid("it is a JDBC URL", "Remove \"jdbc:\" and put user and password before the host: " + std::string(example));
  size_t scheme = trimmed.find("://");
  if (scheme != std::string_view::npos && trimmed.substr(0, scheme).find_first_of("= @") == std::string_view::npos)
    invalid("it is for \"" + std::string(trimmed.substr(0, scheme)) + "\", not for PostgreSQL",
            "It should look like " + std::string(example) + ".");
  if (!trimmed.empty() && trimmed.find('=') == std::string_view::npos)
    invalid("it does not begin with postgresql://", "It should look like " + std::string(example) + ".");
  return parse_key_values(trimmed);
}

namespace {

constexpr std::string_view mask = "***";

// Replaces the values of password=… and sslpassword=…; a value ends where `ends` says.
template <class Ends>
std::string mask_parameters(std::string_view s, Ends ends) {
  std::string result, lower = text::to_lower(s);
  size_t done = 0;
  for (size_t found = 0; (found = lower.find("password", found)) != std::string::npos;) {
    size_t value = found + 8;
    found = value;
    while (value < s.size() && is_space(s[value])) value++;
    if (value >= s.size() || s[value] != '=') continue;
    value++;
    while (value < s.size() && is_space(s[value])) value++;
    size_t end = ends(s, value);
    result += s.substr(done, value - done);
    if (end > value) result += mask;
    done = found = end;
  }
  return result + std::string(s.substr(done));
}

size_t end_in_url(std::string_view s, size_t i) { return std::min(s.find('&', i), s.size()); }

// A value that should have been quoted ("password=my secret") goes on until the next "key=": hide too much, not too
// little.
size_t end_in_key_values(std::string_view s, size_t i) {
  if (i < s.size() && s[i] == '\'') {
    for (i++; i < s.size() && s[i] != '\''; i++)
      if (s[i] == '\\') i++;
    return std::min(i + 1, s.size());
  }
  for (; i < s.size(); i++) {
    if (!is_space(s[i])) continue;
    size_t key = i;
    while (key < s.size() && is_space(s[key])) key++;
    size_t end = key;
    while (end < s.size() && is_key_character(s[end])) end++;
    if (end > key && end < s.size() && s[end] == '=' &&
        known_keywords().contains(std::string(s.substr(key, end - key))))
      return i;
  }
  return s.size();
}

}  // namespace

std::optional<int> port_of(const std::string& url) {
  std::string port = parse_connection_text(url)["port"];
  if (port.empty()) return 5432;
  if (port.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoi(port);
}

PsqlTarget for_psql(const std::string& url) {
  PsqlTarget target;
  for (const auto& [key, value] : parse_connection_text(url)) {
    if (key == "password") {
      target.password = value;
      continue;
    }
    std::string quoted;
    for (char c : value) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    target.text += (target.text.empty() ? "" : " ") + key + "='" + quoted + "'";
  }
  return target;
}

std::string with_database(const std::string& url, const std::string& database) {
  std::string_view trimmed = text::trim(url);
  size_t scheme = scheme_length(trimmed);
  if (scheme == 0) {
    Settings settings = parse_connection_text(url);
    settings["dbname"] = database;
    std::string out;
    for (const auto& [key, value] : settings) {
      out += (out.empty() ? "" : " ") + key + "='";
      for (char c : value) out += (c == '\'' || c == '\\' ? "\\" : "") + std::string(1, c);
      out += "'";
    }
    return out;
  }
  std::string_view rest = trimmed.substr(scheme);
  size_t at = end_of_credentials(rest);
  size_t hosts = at == std::string_view::npos ? 0 : at + 1;
  size_t parameters = hosts + start_of_parameters(rest.substr(hosts));
  size_t path = std::min(rest.find('/', hosts), parameters);
  std::string encoded;
  for (char c : database) {
    if (is_alphanumeric(c) || std::string_view("-_.~").find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      constexpr const char* digits = "0123456789ABCDEF";
      (encoded += '%') += digits[(c >> 4) & 15];
      encoded += digits[c & 15];
    }
  }
  return std::string(trimmed.substr(0, scheme + path)) + "/" + encoded + std::string(rest.substr(parameters));
}

std::string without_password(const std::string& url) {
  size_t scheme = url.find("://");
  std::string_view before = std::string_view(url).substr(0, scheme);
  if (scheme == std::string::npos || before.find('=') != std::string_view::npos)
    return mask_parameters(url, end_in_key_values);
  std::string_view rest = std::string_view(url).substr(scheme + 3);
  std::string head(std::string_view(url).substr(0, scheme + 3));
  // The last '@' before the parameters, even after a '/' left unescaped in the password: this may hide too much, but
  // never too little.
  size_t last = rest.substr(0, start_of_parameters(rest)).rfind('@');
  if (last != std::string_view::npos) {
    size_t colon = rest.substr(0, last).find(':');
    head += colon == std::string_view::npos ? std::string(rest.substr(0, last))
                                            : std::string(rest.substr(0, colon + 1)) + std::string(mask);
    rest.remove_prefix(last);
  }
  return head + mask_parameters(rest, end_in_url);
}

}  // namespace sluice::server

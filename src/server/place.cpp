// Where connections lead: the host, port and database behind a text, and whether two of them are one.
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <set>

#include "base/text.hpp"
#include "server/connection_text.hpp"
#include "server/place.hpp"

namespace sluice::server {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string own_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? text::to_lower(name.data()) : "";
}

std::string user_of_the_system() {
  const passwd* user = getpwuid(geteuid());
  return user ? user->pw_name : "";
}

// Sockets, the loopback addresses and the machine's own name are "localhost".
std::string canonical(const std::string& host) {
  std::string name = text::to_lower(host);
  while (name.ends_with('.')) name.pop_back();
  const bool here = name.empty() || name.starts_with('/') || name.starts_with('@') || name == "localhost" ||
                    name == "::1" || name == "::" || name == "0.0.0.0" || name.starts_with("127.") ||
                    name == own_name();
  return here ? "localhost" : name;
}

std::string printed(const sockaddr* address) {
  std::array<char, NI_MAXHOST> name{};
  const socklen_t length = address->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if ((address->sa_family != AF_INET && address->sa_family != AF_INET6) ||
      getnameinfo(address, length, name.data(), name.size(), nullptr, 0, NI_NUMERICHOST) != 0)
    return {};
  return name.data();
}

std::set<std::string> addresses_of_this_machine() {
  std::set<std::string> out;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return out;
  for (const ifaddrs* each = list; each; each = each->ifa_next)
    if (each->ifa_addr) out.insert(printed(each->ifa_addr));
  freeifaddrs(list);
  return out;
}

std::set<std::string> addresses_of(const std::string& host) {
  std::set<std::string> out;
  addrinfo* list = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, nullptr, &list) != 0) return out;
  for (const addrinfo* each = list; each; each = each->ai_next) out.insert(printed(each->ai_addr));
  freeaddrinfo(list);
  return out;
}

std::vector<std::string> list_of(const std::string& given, const std::string& otherwise) {
  return text::split(given.empty() ? otherwise : given, ",");
}

}  // namespace

std::vector<Place> places_of(const std::string& url) {
  Settings settings = parse_connection_text(url);
  auto setting = [&](const char* key, const char* environment) {
    const std::string& given = settings[key];
    return given.empty() ? variable(environment) : given;
  };
  const std::string user = setting("user", "PGUSER");
  std::string database = setting("dbname", "PGDATABASE");
  if (database.empty()) database = user.empty() ? user_of_the_system() : user;
  const std::vector<std::string> hosts = list_of(setting("host", "PGHOST"), ""),
                                 addresses = list_of(setting("hostaddr", "PGHOSTADDR"), ""),
                                 ports = list_of(setting("port", "PGPORT"), "5432");
  std::vector<Place> out;
  for (size_t i = 0; i < std::max(hosts.size(), addresses.size()); i++) {
    // The address decides where the connection leads, whatever name stands beside it.
    const std::string address = i < addresses.size() ? addresses[i] : "", name = i < hosts.size() ? hosts[i] : "";
    const std::string& port = ports.size() == 1 ? ports.front() : i < ports.size() ? ports[i] : ports.back();
    out.push_back({canonical(address.empty() ? name : address), port.empty() ? "5432" : port, database});
  }
  return out;
}

Place place_of(const std::string& url) { return places_of(url).front(); }

bool same_database(const std::string& url, const std::string& other) {
  for (const Place& one : places_of(url))
    for (const Place& two : places_of(other))
      if (one == two) return true;
  return false;
}

bool leads_to(const std::string& url, const Place& found) {
  for (const Place& place : places_of(url)) {
    if (place.port != found.port || place.database != found.database) continue;
    if (place.host == found.host) return true;
    std::set<std::string> there = addresses_of(place.host), here;
    if (found.host == "localhost") here = addresses_of_this_machine();
    here.insert(found.host);
    if (found.host == "localhost") here.merge(std::set<std::string>{"127.0.0.1", "::1"});
    for (const std::string& address : there)
      if (!address.empty() && (here.contains(address) || canonical(address) == found.host)) return true;
  }
  return false;
}

Place place_of_connection(const std::string& host, const std::string& address, const std::string& port,
                          const std::string& database) {
  std::string where = canonical(address.empty() ? host : address);
  if (where != "localhost" && addresses_of_this_machine().contains(where)) where = "localhost";
  return {where, port, database};
}

}  // namespace sluice::server

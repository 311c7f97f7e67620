// Who may talk to the studio: the browser page that was opened with the address that `sluice studio` printed, and
// nobody else. A page of another site cannot reach it (Host, Origin, Sec-Fetch-Site, SameSite), neither by a name of
// its own that leads to this machine (DNS rebinding), nor another user of this machine (the token).
#pragma once

#include <optional>
#include <string>

#include "studio/http.hpp"

namespace sluice::studio {

class Guard {
 public:
  // With a random token and session.
  explicit Guard(int port);

  const std::string& token() const { return token_; }
  // What is wrong with the request, as an answer; nothing if it may go on.
  std::optional<Response> refuse(const Request& request) const;
  // POST /api/session: the token for a cookie.
  Response exchange(const Request& request) const;
  // Headers of every answer; `nonce` is of the style elements that the page itself makes.
  static void add_headers(Response& response, const std::string& nonce);

 private:
  bool is_here(const std::string& host) const;
  bool has_session(const Request& request) const;
  std::string cookie() const;

  int port_;
  std::string token_, session_;
};

// Hexadecimal digits from the kernel's random numbers.
std::string random_text(size_t bytes);
// Takes as long for a wrong text as for the right one.
bool same_secret(const std::string& given, const std::string& secret);

}  // namespace sluice::studio

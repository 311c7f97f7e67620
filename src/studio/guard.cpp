#include "studio/guard.hpp"

#include <sys/random.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"

namespace sluice::studio {

namespace {

Response refusal(int status, const std::string& message) {
  return {status, "application/json", nlohmann::json{{"error", {{"message", message}}}}.dump()};
}

}  // namespace

std::string random_text(size_t bytes) {
  std::string raw(bytes, '\0'), out;
  for (size_t got = 0; got < bytes;) {
    const ssize_t more = getrandom(raw.data() + got, bytes - got, 0);
    if (more < 0) throw Error("the kernel gives no random numbers");
    got += static_cast<size_t>(more);
  }
  for (const char c : raw)
    for (const int shift : {4, 0}) out += "0123456789abcdef"[(static_cast<unsigned char>(c) >> shift) & 15];
  return out;
}

bool same_secret(const std::string& given, const std::string& secret) {
  unsigned char different = given.size() == secret.size() ? 0 : 1;
  for (size_t i = 0; i < secret.size(); i++)
    different |= static_cast<unsigned char>(secret[i] ^ (i < given.size() ? given[i] : 0));
  return different == 0;
}

Guard::Guard(int port) : port_(port), token_(random_text(24)), session_(random_text(32)) {}

bool Guard::is_here(const std::string& host) const {
  const std::string port = ":" + std::to_string(port_);
  return host == "127.0.0.1" + port || host == "localhost" + port;
}

// Cookies are shared by all ports of a host: the name tells one studio from another.
std::string Guard::cookie() const { return "sluice_studio_" + std::to_string(port_); }

bool Guard::has_session(const Request& request) const {
  for (const std::string& pair : text::split(request.header("cookie"), ";")) {
    const std::string_view trimmed = text::trim(pair);
    const size_t equals = trimmed.find('=');
    if (equals != std::string_view::npos && trimmed.substr(0, equals) == cookie() &&
        same_secret(std::string(trimmed.substr(equals + 1)), session_))
      return true;
  }
  return false;
}

std::optional<Response> Guard::refuse(const Request& request) const {
  const std::string host = request.header("host"), origin = request.header("origin"),
                    site = request.header("sec-fetch-site");
  if (!is_here(host)) return refusal(403, "this Host is not the studio's");
  if (!origin.empty() && origin != "http://" + host) return refusal(403, "a page of another origin may not do this");
  const bool api = request.path.starts_with("/api/");
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads && request.method != "POST") return refusal(403, "only GET and POST are known here");
  // The page itself may be opened from anywhere (a link in the terminal); it holds nothing before it has the session.
  if (api && !site.empty() && site != "same-origin") return refusal(403, "a page of another site may not do this");
  if (!api) return reads ? std::nullopt : std::optional(refusal(403, "there is nothing to post to here"));
  if (!reads) {
    // Types that a form of another site cannot send without asking first.
    const std::string type = request.header("content-type");
    if (!type.starts_with("application/json") && !type.starts_with("text/csv"))
      return refusal(415, "Content-Type must be application/json");
  }
  if (request.path == "/api/session" && !reads) return std::nullopt;
  if (!has_session(request))
    return refusal(401, "open the address that 'sluice studio' printed: this browser has no session");
  return std::nullopt;
}

Response Guard::exchange(const Request& request) const {
  const nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
  const bool given = body.is_object() && body.contains("token") && body["token"].is_string();
  if (!given || !same_secret(body["token"].get<std::string>(), token_))
    return refusal(401, "the token is not that of this studio: it was started again; open the address that it printed");
  Response response{200, "application/json", "{}"};
  response.headers.emplace_back("Set-Cookie", cookie() + "=" + session_ + "; HttpOnly; SameSite=Strict; Path=/");
  return response;
}

void Guard::add_headers(Response& response, const std::string& nonce) {
  const std::string policy =
      "default-src 'none'; script-src 'self'; style-src 'self'" + (nonce.empty() ? "" : " 'nonce-" + nonce + "'") +
      "; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'";
  response.headers.emplace_back("Content-Security-Policy", policy);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("X-Frame-Options", "DENY");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  bool cached = false;
  for (const auto& [name, value] : response.headers) cached = cached || name == "Cache-Control";
  if (!cached) response.headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace sluice::studio

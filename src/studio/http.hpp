// As much of HTTP/1.1 as a page on this machine needs. The server listens on 127.0.0.1 only, a thread for each
// connection. What a request may do is not decided here (guard.hpp).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::studio {

struct Request {
  std::string method, path;                    // the path without its query, percent-decoded
  std::map<std::string, std::string> query;    // decoded
  std::map<std::string, std::string> headers;  // names in lower case; one that stands twice is joined by ", "
  std::string body;

  // Empty if there is none.
  std::string header(const std::string& name) const;
  std::string parameter(const std::string& name) const;
};

struct Response {
  // False when nobody listens any more.
  using Write = std::function<bool(std::string_view)>;

  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::function<void(const Write&)> stream{};  // instead of `body`: sent piece by piece as it is made
};

// The first lines of a request, up to and with the empty one. Nothing if they are not HTTP/1.1 as browsers write it.
std::optional<Request> parse_head(std::string_view head);
// The bytes of a header field Content-Length; nothing if it is not a number below 2^40.
std::optional<size_t> parse_length(std::string_view text);

struct Handler {
  // Asked when the head is there and the body is not yet: an answer refuses the request.
  std::function<std::optional<Response>(const Request&)> refuse;
  std::function<Response(const Request&)> answer;
};

class HttpServer {
 public:
  // Listens on 127.0.0.1. Port 0: any free one. Throws Error if the port is taken.
  explicit HttpServer(int port);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }
  // Answers until an interrupt is requested; then ends the connections and waits for their threads.
  void run(Handler handler);

 private:
  void serve(int socket);

  struct Open {
    std::mutex mutex;
    std::set<int> sockets;
  };

  int listener_ = -1, port_ = 0;
  Handler handler_;
  std::shared_ptr<Open> open_ = std::make_shared<Open>();
};

}  // namespace sluice::studio

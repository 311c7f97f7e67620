#include "studio/http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"

namespace sluice::studio {

namespace {

constexpr size_t most_head = size_t{64} << 10, most_body = size_t{512} << 20, most_connections = 100;
constexpr int idle_seconds = 75;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

bool read_query(std::string_view text, std::map<std::string, std::string>& out) {
  if (text.empty()) return true;
  for (const std::string& pair : text::split(text, "&")) {
    const size_t equals = pair.find('=');
    const std::string_view whole = pair;
    const auto name = decoded(whole.substr(0, equals), true);
    const auto value = equals == std::string::npos ? std::string() : decoded(whole.substr(equals + 1), true);
    if (!name || !value) return false;
    out[*name] = *value;
  }
  return true;
}

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

// One connection: reads and writes with time limits, and gives up when the program is asked to end.
class Wire {
 public:
  explicit Wire(int socket) : socket_(socket) {}

  bool fill() {
    for (int waited = 0; waited < idle_seconds * 10; waited++) {
      if (interrupt::requested()) return false;
      pollfd fd{socket_, POLLIN, 0};
      if (poll(&fd, 1, 100) <= 0) continue;
      char piece[1 << 16];
      const ssize_t got = recv(socket_, piece, sizeof piece, 0);
      if (got <= 0) return false;
      buffer_.append(piece, static_cast<size_t>(got));
      return true;
    }
    return false;
  }

  bool write(std::string_view data) {
    for (int waited = 0; !data.empty() && waited < idle_seconds * 10;) {
      pollfd fd{socket_, POLLOUT, 0};
      if (poll(&fd, 1, 100) <= 0) {
        if (interrupt::requested()) return false;
        waited++;
        continue;
      }
      const ssize_t sent = send(socket_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<size_t>(sent));
      waited = 0;
    }
    return data.empty();
  }

  bool send_response(const Response& response, bool keep_open, bool head_only) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + reason_of(response.status) + "\r\n";
    if (!response.type.empty()) head += "Content-Type: " + response.type + "\r\n";
    for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
    head += keep_open ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    if (!response.stream) {
      head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n";
      if (head.size() + response.body.size() < (1 << 16)) return write(head_only ? head : head + response.body);
      return write(head) && (head_only || write(response.body));
    }
    if (!write(head + "Transfer-Encoding: chunked\r\n\r\n")) return false;
    bool open = true;
    response.stream([&](std::string_view piece) {
      char size[20];
      const auto end = std::to_chars(size, size + sizeof size, piece.size(), 16);
      if (!piece.empty()) open = open && write(std::string(size, end.ptr) + "\r\n" + std::string(piece) + "\r\n");
      return open;
    });
    return open && write("0\r\n\r\n");
  }

  std::string& buffer() { return buffer_; }

 private:
  int socket_;
  std::string buffer_;
};

Response plain(int status, const std::string& text) { return {status, "text/plain; charset=utf-8", text + "\n"}; }

}  // namespace

std::string Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string Request::parameter(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

std::optional<size_t> parse_length(std::string_view text) {
  size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value >> 40) return std::nullopt;
  return value;
}

std::optional<Request> parse_head(std::string_view head) {
  Request request;
  const size_t first = head.find("\r\n");
  if (first == std::string_view::npos || head.find('\0') != std::string_view::npos) return std::nullopt;
  const std::vector<std::string> words = text::split(head.substr(0, first), " ");
  if (words.size() != 3 || (words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0")) return std::nullopt;
  request.method = words[0];
  const std::string_view target = words[1];
  if (target.empty() || target.front() != '/') return std::nullopt;
  const size_t mark = target.find('?');
  const auto path = decoded(target.substr(0, mark), false);
  if (!path || path->find('\0') != std::string::npos) return std::nullopt;
  request.path = *path;
  if (mark != std::string_view::npos && !read_query(target.substr(mark + 1), request.query)) return std::nullopt;
  for (size_t at = first + 2; at < head.size();) {
    const size_t end = head.find("\r\n", at);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = head.substr(at, end - at);
    at = end + 2;
    if (line.empty()) return request;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 ||
        line.substr(0, colon).find_first_of(" \t") != std::string_view::npos)
      return std::nullopt;
    const std::string name = text::to_lower(line.substr(0, colon));
    const std::string value(text::trim(line.substr(colon + 1)));
    std::string& stored = request.headers[name];
    stored += (stored.empty() ? "" : ", ") + value;
  }
  return std::nullopt;
}

HttpServer::HttpServer(int port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) throw Error(std::string("cannot open a socket: ") + std::strerror(errno));
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 64) != 0) {
    const int reason = errno;
    close(listener_);
    ErrorContext context;
    if (reason == EADDRINUSE)
      context.hint =
          "Another program listens there, perhaps a studio. Choose another one, or --port 0 for any free one.";
    throw Error("cannot listen on 127.0.0.1:" + std::to_string(port) + ": " + std::strerror(reason), context);
  }
  socklen_t size = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

HttpServer::~HttpServer() { close(listener_); }

void HttpServer::run(Handler handler) {
  handler_ = std::move(handler);
  while (!interrupt::requested()) {
    pollfd fd{listener_, POLLIN, 0};
    if (poll(&fd, 1, 100) <= 0) continue;
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(open_->mutex);
    if (open_->sockets.size() >= most_connections) {
      close(socket);
      continue;
    }
    open_->sockets.insert(socket);
    std::thread([this, socket, open = open_] {
      try {
        serve(socket);
      } catch (const std::exception&) {  // no memory left for this one
      }
      const std::lock_guard done(open->mutex);
      open->sockets.erase(socket);
      close(socket);
    }).detach();
  }
  // Statements that run are cancelled by the same interrupt; each thread sees it within a moment.
  for (;;) {
    {
      const std::lock_guard lock(open_->mutex);
      if (open_->sockets.empty()) return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void HttpServer::serve(int socket) {
  Wire wire(socket);
  std::string& buffer = wire.buffer();
  for (bool keep_open = true; keep_open;) {
    size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (buffer.size() > most_head) {
        wire.send_response(plain(413, "the head of the request is too long"), false, false);
        return;
      }
      if (!wire.fill()) return;
    }
    std::optional<Request> request = parse_head(std::string_view(buffer).substr(0, end + 4));
    buffer.erase(0, end + 4);
    if (!request || !request->header("transfer-encoding").empty()) {
      wire.send_response(plain(400, "this is not a request that a browser makes"), false, false);
      return;
    }
    const bool head_only = request->method == "HEAD";
    if (std::optional<Response> refusal = handler_.refuse(*request)) {
      wire.send_response(*refusal, false, head_only);
      return;
    }
    const std::string length_text = request->header("content-length");
    const std::optional<size_t> length = length_text.empty() ? 0 : parse_length(length_text);
    if (!length || *length > most_body) {
      wire.send_response(plain(413, "the request is too long"), false, head_only);
      return;
    }
    if (request->header("expect") == "100-continue") wire.write("HTTP/1.1 100 Continue\r\n\r\n");
    while (buffer.size() < *length)
      if (!wire.fill()) return;
    request->body = buffer.substr(0, *length);
    buffer.erase(0, *length);
    keep_open = text::to_lower(request->header("connection")) != "close";
    keep_open = wire.send_response(handler_.answer(*request), keep_open, head_only) && keep_open;
  }
}

}  // namespace sluice::studio

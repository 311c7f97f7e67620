// Any connection text is taken apart or refused with an Error, and the Error does not show a password.
#include <cstdint>
#include <cstdlib>

#include "base/error.hpp"
#include "server/connection_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  try {
    for (const auto& [keyword, value] : sluice::server::parse_connection_text(text))
      if (keyword.empty() || value.find('\0') != std::string::npos) std::abort();
  } catch (const sluice::Error& error) {
    // The password of the seeds, where it is one and stands nowhere else: a keyword begins the text or follows a space,
    // and no quote before it makes it a part of another value.
    const std::string secret = "s3cret";
    bool is_password = text.find(":s3cret@") != std::string::npos;
    for (const char* keyword : {"password=s3cret", "password='s3cret"}) {
      const std::size_t at = text.find(keyword);
      is_password = is_password ||
                    (at != std::string::npos && (at == 0 || text[at - 1] == ' ') && text.find_first_of("'\\") > at);
    }
    if (!is_password || text.find(secret) != text.rfind(secret)) return 0;
    if ((error.what() + error.context.hint + error.context.detail).find(secret) != std::string::npos) std::abort();
  }
  return 0;
}

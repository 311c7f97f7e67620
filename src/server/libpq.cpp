#include "server/libpq.hpp"

#include <dlfcn.h>

#include <string>

#include "base/error.hpp"

namespace sluice::server {

void* libpq_function(const char* name) {
  // Never closed: connections may live as long as the process. The 5 is the version of libpq's interface since 2003.
  static void* const library = [] {
    void* const handle = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    const char* const reason = handle == nullptr ? dlerror() : nullptr;
    if (handle == nullptr) {
      throw Error("PostgreSQL's client library, libpq, cannot be loaded",
                  {.detail = reason != nullptr ? reason : "", .hint = "install it: apt install libpq5"});
    }
    return handle;
  }();
  void* const address = dlsym(library, name);
  if (address == nullptr) {
    throw Error("PostgreSQL's client library, libpq, is too old: it has no " + std::string(name),
                {.hint = "install libpq of PostgreSQL 13 or newer"});
  }
  return address;
}

}  // namespace sluice::server

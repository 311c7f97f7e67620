// A saved memory of the engine: drizzle-orm already evaluated, ready to go on. Only pages that are not zero are kept,
// and those at the start, where instantiation writes. The content depends on the translated module and the scripts, not
// on the compiler, so an image stays valid as long as the parts (parts.hpp) are the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::read {

class MemoryImage {
 public:
  struct Header {
    char magic[8] = {'S', 'L', 'I', 'M', 'A', 'G', 'E', '1'};
    uint32_t stack_pointer = 0, runtime = 0, context = 0;
    uint32_t wasm_pages = 0;  // size of the memory in units of 64 KB
    uint32_t page_count = 0;  // pages of 4 KB that follow: first all numbers, then all contents
  };

  // Throws ScriptError if `bytes` is not an image. Keeps a view: the bytes must outlive it.
  explicit MemoryImage(std::string_view bytes);
  const Header& header() const { return header_; }
  // `memory` must be as instantiation leaves it; all of it is brought to the saved state.
  void restore(uint8_t* memory, size_t size) const;

  static std::string make(Header header, std::string_view memory);

 private:
  size_t number(size_t i) const;  // of the i-th page

  Header header_;
  std::string_view numbers_, pages_;
};

}  // namespace sluice::read

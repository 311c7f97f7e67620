#include "read/typescript/engine_memory.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <string>

#if defined(__x86_64__)
#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "base/error.hpp"

namespace sluice::read {

namespace {
constexpr uint64_t page_size = 65536;
constexpr size_t reserved = size_t{8} << 30;
constexpr size_t huge_page_size = size_t{2} << 20;

// Addresses that begin at a border of huge pages.
uint8_t* reserve() {
  void* const at =
      mmap(nullptr, reserved + huge_page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return nullptr;
  auto* const begin = static_cast<uint8_t*>(at);
  const size_t skip = (huge_page_size - reinterpret_cast<uintptr_t>(begin) % huge_page_size) % huge_page_size;
  if (skip > 0) munmap(begin, skip);
  munmap(begin + skip + reserved, huge_page_size - skip);
  // One page fault instead of 512, where the system gives huge pages; a fifth of a small run were page faults.
  madvise(begin + skip, reserved, MADV_HUGEPAGE);
  return begin + skip;
}
}  // namespace

void reserve_memory(wasm_rt_memory_t& memory, uint32_t pages, uint32_t most_pages) {
  uint8_t* const at = reserve();
  if (at == nullptr) {
    throw Error(
        std::string("cannot reserve 8 GiB of address space for evaluating TypeScript: ") + std::strerror(errno),
        {.hint = "raise the limit of `ulimit -v`, or take it away; only addresses are reserved, no memory is used"});
  }
  memory = {at, 0, most_pages, 0};
  if (!grow_memory(memory, pages)) {
    const int error = errno;
    release_memory(memory);
    throw Error(std::string("no memory for evaluating TypeScript: ") + std::strerror(error));
  }
}

bool grow_memory(wasm_rt_memory_t& memory, uint32_t pages) {
  if (pages > memory.max_pages || mprotect(memory.data, pages * page_size, PROT_READ | PROT_WRITE) != 0) return false;
  memory.pages = pages;
  memory.size = pages * page_size;
  return true;
}

void release_memory(wasm_rt_memory_t& memory) {
  if (memory.data != nullptr) munmap(memory.data, reserved);
  memory = {};
}

void address_memory([[maybe_unused]] const wasm_rt_memory_t& memory) {
#if defined(__x86_64__)
  if (syscall(SYS_arch_prctl, ARCH_SET_GS, memory.data) != 0) {
    throw Error(std::string("cannot set up memory for evaluating TypeScript: ") + std::strerror(errno));
  }
#endif
}

}  // namespace sluice::read

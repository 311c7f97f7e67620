// The memory that scripts see: pages at the start of 8 GiB of reserved addresses. The translated code adds two numbers
// of 32 bits to reach a place, so it cannot leave the reservation and needs no checks: a place that was never handed
// out is not mapped, and touching it ends the process.
#pragma once

#include <cstdint>

extern "C" {
#include "wasm-rt.h"
}

namespace sluice::read {

// Throws Error if the address space is limited too tightly.
void reserve_memory(wasm_rt_memory_t& memory, uint32_t pages, uint32_t most_pages);
// False if that would be more than the most.
bool grow_memory(wasm_rt_memory_t& memory, uint32_t pages);
void release_memory(wasm_rt_memory_t& memory);
// On x86-64 the translated code finds the memory through the segment register gs of the running thread, which nothing
// else uses: to be called on the thread before the code runs there.
void address_memory(const wasm_rt_memory_t& memory);

}  // namespace sluice::read

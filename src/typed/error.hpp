// Our errors as programs see them.
#pragma once

#include "base/error.hpp"
#include "server/link.hpp"
#include "sluice/values.hpp"

namespace sluice::typed {

[[noreturn]] void throw_translated(const server::Refusal& refusal);
[[noreturn]] void throw_translated(const Error& error);

// Calls work(); what the server room throws comes out as pg::Error.
template <class Work>
decltype(auto) translated(Work&& work) {
  try {
    return work();
  } catch (const server::Refusal& refusal) {
    throw_translated(refusal);
  } catch (const Error& error) {
    throw_translated(error);
  }
}

}  // namespace sluice::typed

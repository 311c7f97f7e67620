// Where the esbuild program is on this machine.
#pragma once

#include "read/typescript/esbuild.hpp"

namespace sluice::read {

// $SLUICE_ESBUILD; else the embedded program, written once to the cache directory; else, where there is none to write
// to, the embedded program from memory.
const Esbuild& esbuild_program();

}  // namespace sluice::read

// Texts by the names of columns: names, addresses, links, codes, sentences. Private to this room.
#pragma once

#include "seed/values.hpp"

namespace sluice::seed {

Maker text_maker(const Wish& wish);

}  // namespace sluice::seed

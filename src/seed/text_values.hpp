// Texts by the names of columns: names, addresses, links, codes, sentences. Private to this room.
#pragma once

#include <string>

#include "seed/values.hpp"

namespace sluice::seed {

std::string text_for(const Wish& wish, const Place& place, Random& random);

}  // namespace sluice::seed

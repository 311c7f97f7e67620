// The part of a catalog that drizzle has no word for. Private to read/catalog.
#pragma once

#include "read/catalog/reader.hpp"

namespace sluice::read {

// Asks for it, behind all other questions; the answers are added to what the reader has so far. `version`: of the
// server.
void ask_beyond(Questions& questions, int version, Reader& reader);
// Of that only the domains.
void ask_domains(Questions& questions, Reader& reader);
// After Reader::finish(): what is covered after all is no longer told as not covered.
void finish_beyond(Reader& reader);
void finish_domains(Reader& reader);

}  // namespace sluice::read

// A live database in the words of the schema that is wanted. PostgreSQL stores expressions in words of its own ('x'
// comes back as 'x'::text, a view's text is laid out anew), so that what a person wrote can be compared with a catalog
// only by what PostgreSQL makes of it.
#pragma once

#include "diff/diff.hpp"

namespace sluice::diff {

// `read_back` is the catalog of a database that was built from `wanted`, `live` the catalog of the database that it is
// to become. Gives a schema that differs from `wanted` in what `live` differs from `read_back`: what is equal there has
// the text that `wanted` has, what is not has the catalog's. compare(in_words_of(…), wanted) are the changes to make.
model::Schema in_words_of(const model::Schema& wanted, model::Schema read_back, model::Schema live);

// The catalog's primary keys in the form that `wanted` has for them: .primaryKey() of a column says no name.
model::Schema with_aligned_keys(const model::Schema& wanted, model::Schema catalog);

// As renamed(), for a schema that was read from a catalog, whose expressions name columns without quotes.
model::Schema renamed_catalog(model::Schema catalog, const Renames& renames);

}  // namespace sluice::diff

// Types as PostgreSQL converts between them: how the values of a column become values of another type.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/schema.hpp"

namespace sluice::plan {

// "numeric" for numeric(10, 2), "timestamp with time zone" for timestamp (3) with time zone.
std::string without_parameters(std::string_view type);

// What kind of values a type has; arrays count as what they are arrays of.
enum class Family { text, number, time, json, other };
Family family_of(std::string_view type);

// The type of an array's elements; the type itself if it is no array.
std::string_view element_of(std::string_view type);
bool is_array(const model::Column& column);

// True if what stands on the column (checks, indexes with expressions, foreign keys) means the same to PostgreSQL after
// the change of type: only parameters differ, or both are integers.
bool is_soft_change(const model::Column& before, const model::Column& after);

// The expression behind USING, or nothing if PostgreSQL converts the values by itself. Where it has no cast, the values
// go through text: then the statement fails on a value that cannot be read, not on an empty table.
std::optional<std::string> conversion(const model::Column& before, const model::Column& after);

// True if a value may be one that the new type cannot hold or read.
bool may_fail(const model::Column& before, const model::Column& after);

// True if values may become others without an error: digits, fractions of seconds, elements or keys go. What is not
// known to keep every value counts as losing some.
bool may_lose(const model::Column& before, const model::Column& after);

}  // namespace sluice::plan

// Databases that have applied the old text do not get the new one: from then on they differ.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

const Rule edited_migration{
    "SL510", "edited-migration", Level::error,
    "Databases that have applied the old text do not get the new one: from then on they differ.",
    "Restore the file, and write a new migration for the change (sluice check --update, if it is applied nowhere)."};

}  // namespace sluice::review

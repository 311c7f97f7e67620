// Everything: declare tables, connect, query.
#pragma once

#include "sluice/database.hpp"
#include "sluice/query.hpp"
#include "sluice/relations.hpp"
#include "sluice/schema.hpp"

// All queries.
#pragma once

#include "sluice/change.hpp"
#include "sluice/select.hpp"
#include "sluice/statement.hpp"

// SPDX-License-Identifier: Apache-2.0
#include "query/sql/sql_text.h"

#include <span>
#include <stdexcept>

#include <fmt/format.h>

#include "common/embedded_sql.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> query_sql;

namespace query {

std::string sql_text(std::string_view name) {
    for (const auto& file : query_sql)
        if (file.name == name)
            return std::string(file.text);
    throw std::logic_error(fmt::format("{}.sql is not embedded", name));
}

} // namespace query
} // namespace ctrack

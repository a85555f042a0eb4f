// SPDX-License-Identifier: Apache-2.0
#include "query/checks/schema_checks.h"

#include <fmt/format.h>

#include "query/checks/type_checks.h"
#include "query/sql/all_rows.h"
#include "query/sql/schema_text.h"
#include "schema/objects.h"
#include "schema/schema.h"

namespace ctrack::query {

namespace {

// What is a user's own is nothing wrong as long as it does no harm.
Row finding_of(const schema::Difference& difference) {
    const bool is_wrong =
        difference.kind != schema::Difference::foreign || difference.prevents_reading;
    return {is_wrong ? "wrong" : "note",
            fmt::format("{} {}", difference.what, schema::said_of(difference.kind)),
            {},
            {}};
}

} // namespace

SchemaCheck check_schema(const std::string& path) {
    SchemaCheck check;
    auto db = schema::open_for_reading(path);
    for (const auto& difference : schema::differences(db)) {
        check.findings.push_back(finding_of(difference));
        check.can_be_read = check.can_be_read && !difference.prevents_reading;
    }
    return check;
}

std::vector<std::string> broken_constraints(Database& database) {
    auto broken = wrong_types(database);
    for (const auto& table : described_schema())
        for (const auto& check : table.checks) {
            const auto rows =
                all_rows(database, fmt::format("SELECT count(*) FROM main.{} WHERE NOT ({})",
                                               table.name, check));
            if (const auto count = std::get<std::int64_t>(rows[0][0]); count > 0)
                broken.push_back(fmt::format("CHECK constraint failed in {} of {}: {}", count,
                                             table.name, check));
        }
    return broken;
}

} // namespace ctrack::query

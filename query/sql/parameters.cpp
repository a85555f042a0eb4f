// SPDX-License-Identifier: Apache-2.0
#include "query/sql/parameters.h"

namespace ctrack::query {

std::map<std::string, Value> values_by_name(const Parameters& parameters, bool is_filtered) {
    const auto or_null = [](const auto& value) { return value ? Value(*value) : Value(); };
    std::map<std::string, Value> values{{":begin_us", parameters.window.begin_us},
                                        {":end_us", parameters.window.end_us},
                                        {":limit", parameters.limit},
                                        {":argument", or_null(parameters.argument)},
                                        {":interval_us", or_null(parameters.interval_us)},
                                        {":after_id", parameters.after_id},
                                        {":is_filtered", std::int64_t{is_filtered}},
                                        {":roll_up", std::int64_t{parameters.roll_up}},
                                        {":of_minutes", std::int64_t{parameters.of_minutes}}};
    values.insert(parameters.named.begin(), parameters.named.end());
    return values;
}

} // namespace ctrack::query

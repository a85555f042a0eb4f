// SPDX-License-Identifier: Apache-2.0
#include "query/render/json_object.h"

#include <nlohmann/json.hpp>

namespace ctrack::query {

namespace {

using nlohmann::json;

std::string json_quoted(const std::string& text) {
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string json_value(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value))
        return json_quoted(*text);
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value))
        return json(*real).dump(); // null if it is no finite number
    return "null";
}

bool is_json(const Layout& layout, const std::string& column, const Value& value) {
    const auto found = layout.columns.find(column);
    return found != layout.columns.end() && found->second.unit == Unit::json &&
           std::holds_alternative<std::string>(value);
}

} // namespace

std::string json_object(const std::vector<std::string>& columns, const Row& row,
                        const Layout& layout) {
    std::string object = "{";
    for (std::size_t i = 0; i < row.size(); ++i)
        object += (i == 0 ? "" : ",") + json_quoted(columns[i]) + ":" +
                  (is_json(layout, columns[i], row[i]) ? std::get<std::string>(row[i])
                                                       : json_value(row[i]));
    return object + "}";
}

} // namespace ctrack::query

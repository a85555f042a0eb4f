// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "query/render/formats.h"

namespace ctrack::query {

namespace {

using nlohmann::json;

std::string json_quoted(const std::string& text) {
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string json_value(const Value& value, Unit unit) {
    if (const auto* text = std::get_if<std::string>(&value))
        return unit == Unit::json ? *text : json_quoted(*text);
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value))
        return json(*real).dump(); // null if it is no finite number
    return "null";
}

class JsonRenderer : public Renderer {
public:
    JsonRenderer(Output& out, JsonStyle style) : out_(out), style_(style) {}

    void begin(const std::vector<std::string>& columns, const Layout& layout) override {
        Renderer::begin(columns, layout);
        if (style_ == JsonStyle::array)
            out_.write("[");
    }

    void row(const Row& row) override {
        if (style_ == JsonStyle::array)
            out_.write((is_first_ ? "" : ",\n") + object(row));
        else
            out_.write(object(row) + "\n");
        is_first_ = false;
    }

    void end() override {
        if (style_ == JsonStyle::array)
            out_.write("]\n");
    }

private:
    std::string object(const Row& row) {
        std::string members;
        for (std::size_t i = 0; i < row.size(); ++i)
            if (style_ != JsonStyle::known_lines || !std::holds_alternative<std::monostate>(row[i]))
                members += (members.empty() ? "" : ",") + json_quoted(columns_[i]) + ":" +
                           json_value(row[i], layout_.columns[columns_[i]].unit);
        return "{" + members + "}";
    }

    Output& out_;
    JsonStyle style_;
    bool is_first_ = true;
};

} // namespace

std::unique_ptr<Renderer> make_json_renderer(Output& out, JsonStyle style) {
    return std::make_unique<JsonRenderer>(out, style);
}

} // namespace ctrack::query

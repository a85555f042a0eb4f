// SPDX-License-Identifier: Apache-2.0
#include "query/render/json_text.h"

#include <fmt/format.h>

#include "common/terminal_text.h"
#include "query/render/formats.h"

namespace ctrack::query {

namespace {

using nlohmann::ordered_json;

// JSON has such a character in strings alone, where it may as well be the one or two halves that
// UTF-16 makes of it. An end of line stands between values alone.
std::string unseen_escaped(std::string_view text) {
    std::string safe;
    while (!text.empty()) {
        const auto [code, bytes, is_valid] = first_character(text);
        text.remove_prefix(bytes.size());
        if (!is_unseen(code) || bytes == "\n")
            safe += bytes;
        else if (code < 0x10000)
            safe += fmt::format("\\u{:04x}", static_cast<unsigned>(code));
        else
            safe += fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0U + (code >> 10U),
                                0xDC00U + (code & 0x3FFU));
    }
    return safe;
}

// Text that should be JSON is made by SQLite, but of names that may hold any bytes.
std::string json_of(const std::string& text) {
    const auto value = ordered_json::parse(text, nullptr, false);
    return json_text(value.is_discarded() ? ordered_json(text) : value);
}

std::string json_value(const Value& value, Unit unit) {
    if (const auto* text = std::get_if<std::string>(&value))
        return unit == Unit::json ? json_of(*text) : json_text(*text);
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value))
        return json_text(*real); // null if it is no finite number
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
                members += (members.empty() ? "" : ",") + json_text(columns_[i]) + ":" +
                           json_value(row[i], layout_.columns[columns_[i]].unit);
        return "{" + members + "}";
    }

    Output& out_;
    JsonStyle style_;
    bool is_first_ = true;
};

} // namespace

std::string json_text(const ordered_json& value, int indent) {
    return unseen_escaped(value.dump(indent, ' ', false, ordered_json::error_handler_t::replace));
}

std::unique_ptr<Renderer> make_json_renderer(Output& out, JsonStyle style) {
    return std::make_unique<JsonRenderer>(out, style);
}

} // namespace ctrack::query

// SPDX-License-Identifier: Apache-2.0
#include "query/render/formats.h"

namespace ctrack::query {

namespace {

std::string tsv_escaped(const std::string& text) {
    std::string field;
    for (const char c : text) {
        switch (c) {
        case '\t': field += "\\t"; break;
        case '\n': field += "\\n"; break;
        case '\r': field += "\\r"; break;
        case '\\': field += "\\\\"; break;
        default: field += c;
        }
    }
    return field;
}

std::string tsv_field(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value))
        return tsv_escaped(*text);
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value))
        return number_text(*real);
    return "";
}

class TsvRenderer : public Renderer {
public:
    explicit TsvRenderer(Output& out) : out_(out) {}

    void begin(const std::vector<std::string>& columns, const Layout&) override {
        row(Row(columns.begin(), columns.end()));
    }

    void row(const Row& row) override {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += (i == 0 ? "" : "\t") + tsv_field(row[i]);
        out_.write(line + "\n");
    }

    void end() override {}

private:
    Output& out_;
};

} // namespace

std::unique_ptr<Renderer> make_tsv_renderer(Output& out) {
    return std::make_unique<TsvRenderer>(out);
}

} // namespace ctrack::query

// SPDX-License-Identifier: Apache-2.0
#include "query/render/formats.h"

namespace ctrack::query {

namespace {

std::string csv_quoted(const std::string& text) {
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string field = "\"";
    for (const char c : text)
        field += c == '"' ? std::string("\"\"") : std::string(1, c);
    return field + "\"";
}

std::string csv_field(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value))
        return csv_quoted(*text);
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value))
        return number_text(*real);
    return "";
}

class CsvRenderer : public Renderer {
public:
    explicit CsvRenderer(Output& out) : out_(out) {}

    void begin(const std::vector<std::string>& columns, const Layout&) override {
        row(Row(columns.begin(), columns.end()));
    }

    void row(const Row& row) override {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += (i == 0 ? "" : ",") + csv_field(row[i]);
        out_.write(line + "\r\n");
    }

    void end() override {}

private:
    Output& out_;
};

} // namespace

std::unique_ptr<Renderer> make_csv_renderer(Output& out) {
    return std::make_unique<CsvRenderer>(out);
}

} // namespace ctrack::query

// SPDX-License-Identifier: Apache-2.0
#include "common/terminal_text.h"
#include "query/base/replace_all.h"
#include "query/render/formats.h"
#include "query/render/units.h"

namespace ctrack::query {

namespace {

std::string csv_quoted(std::string text) {
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    replace_all(text, "\"", "\"\"");
    return "\"" + text + "\"";
}

std::string tsv_escaped(std::string text) {
    replace_all(text, "\\", "\\\\"); // stands first, because the others write it
    replace_all(text, "\t", "\\t");
    replace_all(text, "\n", "\\n");
    replace_all(text, "\r", "\\r");
    return text;
}

// How one line for each row is written.
struct LineStyle {
    const char* separator;
    const char* end;
    std::string (*text_field)(std::string);
};

constexpr LineStyle csv{",", "\r\n", csv_quoted};
constexpr LineStyle tsv{"\t", "\n", tsv_escaped};

class SeparatedRenderer : public Renderer {
public:
    SeparatedRenderer(const LineStyle& style, Output& out) : style_(style), out_(out) {}

    void begin(const std::vector<std::string>& columns, const Layout&) override {
        row(Row(columns.begin(), columns.end()));
    }

    void row(const Row& row) override {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += (i == 0 ? "" : style_.separator) + field(row[i]);
        out_.write(line + (out_.is_terminal() ? "\n" : style_.end));
    }

private:
    std::string field(const Value& value) const {
        if (const auto* text = std::get_if<std::string>(&value))
            return out_.is_terminal() ? one_line(style_.text_field(*text))
                                      : style_.text_field(*text);
        if (const auto* integer = std::get_if<std::int64_t>(&value))
            return std::to_string(*integer);
        if (const auto* real = std::get_if<double>(&value))
            return number_text(*real);
        return "";
    }

    const LineStyle& style_;
    Output& out_;
};

} // namespace

std::unique_ptr<Renderer> make_csv_renderer(Output& out) {
    return std::make_unique<SeparatedRenderer>(csv, out);
}

std::unique_ptr<Renderer> make_tsv_renderer(Output& out) {
    return std::make_unique<SeparatedRenderer>(tsv, out);
}

} // namespace ctrack::query

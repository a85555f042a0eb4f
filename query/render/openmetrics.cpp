// SPDX-License-Identifier: Apache-2.0
#include "query/render/formats.h"

#include <optional>

#include <fmt/format.h>

#include "query/base/replace_all.h"
#include "query/base/usage_error.h"

namespace ctrack::query {

namespace {

bool is_in_us(Unit unit) { return unit == Unit::duration || unit == Unit::time; }

// The point in time opened_us becomes ctrack_opened_timestamp_seconds.
std::string metric_name(std::string column, Unit unit) {
    if (is_in_us(unit) && column.ends_with("_us"))
        column.resize(column.size() - 3);
    const char* suffix = unit == Unit::time ? "_timestamp_seconds"
                         : is_in_us(unit)   ? "_seconds"
                                            : "";
    return "ctrack_" + column + suffix;
}

std::string metric_value(double number, Unit unit) {
    return number_text(is_in_us(unit) ? number / 1e6 : number);
}

// A text has no value in OpenMetrics, nor has what is not known.
std::optional<std::string> metric_value(const Value& value, Unit unit) {
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return is_in_us(unit) ? metric_value(static_cast<double>(*integer), unit)
                              : std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value))
        return metric_value(*real, unit);
    return std::nullopt;
}

std::string help_escaped(std::string help) {
    replace_all(help, "\\", "\\\\");
    replace_all(help, "\"", "\\\"");
    return help;
}

class OpenmetricsRenderer : public Renderer {
public:
    explicit OpenmetricsRenderer(Output& out) : out_(out) {}

    void begin(const std::vector<std::string>& columns, const Layout& layout) override {
        if (!layout.as_record)
            throw UsageError("openmetrics is for reports of one row, as summary: use -o table, "
                             "json, ndjson, csv or tsv");
        Renderer::begin(columns, layout);
    }

    void row(const Row& row) override {
        for (std::size_t i = 0; i < row.size(); ++i)
            write(columns_[i], row[i]);
    }

    void end() override { out_.write("# EOF\n"); }

private:
    void write(const std::string& column, const Value& value) {
        const auto& format = layout_.columns[column];
        const auto text = metric_value(value, format.unit);
        if (!text)
            return;
        const auto name = metric_name(column, format.unit);
        out_.write(fmt::format("# TYPE {} gauge\n", name));
        if (name.ends_with("_seconds"))
            out_.write(fmt::format("# UNIT {} seconds\n", name));
        if (!format.meaning.empty())
            out_.write(fmt::format("# HELP {} {}\n", name, help_escaped(format.meaning)));
        out_.write(fmt::format("{} {}\n", name, *text));
    }

    Output& out_;
};

} // namespace

std::unique_ptr<Renderer> make_openmetrics_renderer(Output& out) {
    return std::make_unique<OpenmetricsRenderer>(out);
}

} // namespace ctrack::query

// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "query/base/replace_all.h"
#include "query/base/usage_error.h"
#include "query/commands/command.h"
#include "query/render/formats.h"
#include "query/report/notices.h"
#include "query/report/window.h"
#include "query/sql/sql_text.h"

namespace ctrack::query::command {

namespace {

// The types of Zeek's fields, in the order of export_zeek.sql.
constexpr std::array zeek_types{"time",  "string", "addr",       "port",   "addr",  "port",
                                "enum",  "string", "interval",   "count",  "count", "string",
                                "bool",  "bool",   "count",      "string", "count", "count",
                                "count", "count",  "set[string]"};

std::string zeek_time(std::int64_t us) {
    return fmt::format("{:%Y-%m-%d-%H-%M-%S}", fmt::gmtime(us / 1'000'000));
}

// A text as Zeek's ASCII writer escapes it and its reader reads it: \xHH, also for what would be
// taken for a field that is not set or empty.
std::string zeek_text(std::string text) {
    if (text.empty())
        return "(empty)";
    replace_all(text, "\\", "\\x5c");
    if (text == "-" || text == "(empty)")
        return fmt::format("\\x{:02x}{}", text[0], text.substr(1));
    return one_line(text);
}

std::string zeek_value(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value))
        return zeek_text(*text);
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return std::to_string(*number);
    return "-";
}

class ZeekRenderer : public Renderer {
public:
    ZeekRenderer(Output& out, std::int64_t opened_us) : out_(out), opened_us_(opened_us) {}

    void begin(const std::vector<std::string>& columns, const Layout&) override {
        out_.write(fmt::format("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n"
                               "#unset_field\t-\n#path\tconn\n#open\t{}\n#fields\t{}\n#types\t{}\n",
                               zeek_time(opened_us_), fmt::join(columns, "\t"),
                               fmt::join(zeek_types, "\t")));
    }

    void row(const Row& row) override {
        std::string line;
        for (const auto& value : row)
            line += (line.empty() ? "" : "\t") + zeek_value(value);
        out_.write(line + "\n");
    }

    void end() override { out_.write(fmt::format("#close\t{}\n", zeek_time(now_us()))); }

private:
    Output& out_;
    std::int64_t opened_us_;
};

} // namespace

int export_(const Options& options, Output& out) {
    if (options.zeek == options.ndjson)
        throw UsageError("export needs one of --zeek and --ndjson");
    const auto now = now_us();
    Database database(options.files,
                      filter::condition_of(options.narrowing, filter_words(options, 0), now));
    const Parameters parameters{window_of(options, now, database), -1};
    ZeekRenderer zeek(out, now);
    const auto attributes = make_json_renderer(out, JsonStyle::known_lines);
    if (options.zeek)
        database.run({sql_text("export_zeek"), {}}, parameters, zeek);
    else
        database.run({sql_text("export_otel"), {}}, parameters, *attributes);
    out.flush();
    report_not_recorded(options.files, asked_window(options, parameters.window), database);
    report_silent(options.files, parameters.window, database);
    report_deleted(options.files, parameters, database);
    report_losses(options.files, parameters.window, database);
    return 0;
}

} // namespace ctrack::query::command

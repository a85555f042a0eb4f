// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <span>

#include <fmt/format.h>

#include "common/embedded_sql.h"
#include "common/error.h"
#include "query/base/usage_error.h"
#include "query/checks/compare_schema.h"
#include "query/checks/constraints.h"
#include "query/commands/command.h"
#include "query/render/renderer.h"
#include "query/report/report.h"
#include "query/sql/database.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> verify_checks;

namespace query::command {

namespace {

// How many findings of one check are shown; more of them would tell nothing new.
constexpr std::size_t most_findings = 20;

struct Finding {
    std::string status, check, text;
    Value begin_us, end_us;
};

// Takes the rows of a check. A check may leave out any column but status and finding.
class Findings : public Renderer {
public:
    explicit Findings(std::string check) : check_(std::move(check)) {}

    void row(const Row& row) override {
        if (++count_ <= most_findings)
            found_.push_back({text(row, "status"), check_, text(row, "finding"),
                              value(row, "begin_us"), value(row, "end_us")});
    }

    void end() override {
        if (count_ > most_findings)
            found_.push_back({found_.back().status,
                              check_,
                              fmt::format("and {} more", count_ - most_findings),
                              {},
                              {}});
    }

    const std::vector<Finding>& found() const { return found_; }

private:
    Value value(const Row& row, std::string_view name) const {
        const auto column = std::find(columns_.begin(), columns_.end(), name);
        return column == columns_.end() ? Value() : row[column - columns_.begin()];
    }
    std::string text(const Row& row, std::string_view name) const {
        return std::get<std::string>(value(row, name));
    }

    std::string check_;
    std::vector<Finding> found_;
    std::size_t count_ = 0;
};

// Runs a check. A file that is too damaged to answer it is a finding too.
std::vector<Finding> findings_of(const Report& check, Database& database) {
    Findings findings(check.name);
    try {
        database.run(check.main, {{0, 0}, -1}, findings);
    } catch (const Error& e) {
        return {{"wrong", check.name, e.what(), {}, {}}};
    }
    if (findings.found().empty())
        return {{"ok", check.name, check.question, {}, {}}};
    return findings.found();
}

// Runs a check that is a function; `question` says what is well if it finds nothing.
std::vector<Finding> findings_of(const char* check, const char* question, Database& database,
                                 std::vector<std::string> (*look)(Database&)) {
    std::vector<Finding> findings;
    try {
        for (auto& text : look(database))
            findings.push_back({"wrong", check, std::move(text), {}, {}});
    } catch (const Error& e) {
        findings.push_back({"wrong", check, e.what(), {}, {}});
    }
    if (findings.empty())
        findings.push_back({"ok", check, question, {}, {}});
    return findings;
}

std::vector<Finding> verified(Database& database) {
    auto all = findings_of("schema", "tables, columns and views are those of its version", database,
                           schema_differences);
    for (auto& finding : findings_of("constraints", "values are of those their columns allow",
                                     database, broken_constraints))
        all.push_back(std::move(finding));
    for (const auto& file : verify_checks)
        for (auto& finding : findings_of(parse_report(file.name, file.text), database))
            all.push_back(std::move(finding));
    return all;
}

void render(const std::vector<Finding>& findings, const Options& options, Output& out) {
    const auto renderer = renderer_for(options, out);
    Layout layout;
    layout.columns = {{"status", {Unit::text, ""}},
                      {"check", {Unit::text, ""}},
                      {"finding", {Unit::text, ""}},
                      {"begin_us", {Unit::time, "FROM"}},
                      {"end_us", {Unit::time, "TO"}}};
    renderer->begin({"status", "check", "finding", "begin_us", "end_us"}, layout);
    for (const auto& finding : findings)
        renderer->row(
            {finding.status, finding.check, finding.text, finding.begin_us, finding.end_us});
    renderer->end();
}

std::string file_of(const Options& options) {
    if (options.arguments.empty())
        return options.files.front();
    if (is_given(options, "-r"))
        throw UsageError("verify reads one file: give it as FILE or with -r");
    return options.arguments[0];
}

} // namespace

int verify(const Options& options, Output& out) {
    Database database(file_of(options));
    const auto findings = verified(database);
    render(findings, options, out);
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.status == "wrong"; });
}

} // namespace query::command
} // namespace ctrack

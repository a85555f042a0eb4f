// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <limits>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "common/embedded_sql.h"
#include "common/error.h"
#include "query/base/usage_error.h"
#include "query/checks/schema_checks.h"
#include "query/commands/command.h"
#include "query/render/renderer.h"
#include "query/report/report.h"
#include "query/sql/all_rows.h"
#include "query/sql/sql_text.h"
#include "schema/schema.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> verify_checks;

namespace query::command {

namespace {

constexpr Window whole_time{0, std::numeric_limits<std::int64_t>::max()};

// How many findings of one check are shown; more of them would tell nothing new.
constexpr std::size_t most_findings = 20;

// What a check has found: rows of status, finding, begin_us and end_us.
class Findings : public Renderer {
public:
    void row(const Row& row) override {
        if (++count_ <= most_findings)
            found_.push_back(row);
    }

    void end() override {
        if (count_ > most_findings)
            found_.push_back(
                {found_.back()[0], fmt::format("and {} more", count_ - most_findings), {}, {}});
    }

    const std::vector<Row>& found() const { return found_; }

private:
    std::vector<Row> found_;
    std::size_t count_ = 0;
};

struct Check {
    std::string name;
    std::string question; ///< says what is well if it finds nothing
    std::function<void(Database&, Findings&)> run;
};

Check of_function(const char* name, const char* question,
                  std::vector<std::string> (*look)(Database&)) {
    return {name, question, [look](Database& database, Findings& findings) {
                for (auto& text : look(database))
                    findings.row({"wrong", std::move(text), {}, {}});
                findings.end();
            }};
}

Check of_sql(const Report& report) {
    return {report.name, report.question, [report](Database& database, Findings& findings) {
                database.run(report.main, {{0, 0}, -1}, findings);
            }};
}

// A backup that SQLite has made looks the same as a copy that lacks the log, so this is a note.
Check of_log(const std::string& file) {
    return {"log", "no recording without an end lacks its -wal",
            [file](Database& database, Findings& findings) {
                for (const auto& silent : all_rows(database, sql_text("silent"), {whole_time, -1}))
                    if (schema::log_of(file) == schema::Log::not_there)
                        findings.row({"note",
                                      fmt::format("{}: no -wal is there: if it was not copied "
                                                  "along, what came later is missing",
                                                  std::get<std::string>(silent[0])),
                                      silent[1],
                                      {}});
            }};
}

std::vector<Check> all_checks(const std::string& file) {
    std::vector<Check> checks{
        of_function("constraints", "values are of those their columns allow", broken_constraints),
        of_log(file)};
    for (const auto& file : verify_checks)
        checks.push_back(of_sql(parse_report(file.name, file.text)));
    return checks;
}

// Shows what checks have found.
class FindingsTable {
public:
    explicit FindingsTable(Renderer& renderer) : renderer_(renderer) {
        Layout layout;
        layout.columns = {{"status", {Unit::text, ""}},
                          {"check", {Unit::text, ""}},
                          {"finding", {Unit::wide, ""}},
                          {"begin_us", {Unit::time, "FROM"}},
                          {"end_us", {Unit::time, "TO"}}};
        layout.fitting = Fitting::hide;
        layout.least_useful = {"end_us"};
        renderer_.begin({"status", "check", "finding", "begin_us", "end_us"}, layout);
    }

    void add(const std::string& check, const std::string& question, const std::vector<Row>& found) {
        if (found.empty())
            renderer_.row({"ok", check, question, {}, {}});
        for (const auto& row : found) {
            renderer_.row({row[0], check, row[1], row[2], row[3]});
            is_well_ = is_well_ && row[0] != Value("wrong");
        }
    }

    void end() { renderer_.end(); }
    bool is_well() const { return is_well_; }

private:
    Renderer& renderer_;
    bool is_well_ = true;
};

// Runs a check. A file that is too damaged to answer it is a finding too.
std::vector<Row> found_by(const Check& check, Database& database) {
    Findings findings;
    try {
        check.run(database, findings);
    } catch (const Error& e) {
        return {{"wrong", e.what(), {}, {}}};
    }
    return findings.found();
}

// The tables come first: nothing else can be asked of a file whose tables are not ours.
bool show_findings(const std::string& file, const Options& options, Output& out) {
    const auto schema = check_schema(file);
    std::optional<Database> database;
    if (schema.can_be_read)
        database.emplace(file);
    const auto renderer = renderer_for(options, out);
    FindingsTable table(*renderer);
    table.add("schema", "tables, columns and views are those of its version", schema.findings);
    if (database)
        for (const auto& check : all_checks(file))
            table.add(check.name, check.question, found_by(check, *database));
    else
        table.add("schema", "", {{"note", "nothing else is looked at in such a file", {}, {}}});
    table.end();
    return table.is_well();
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
    return show_findings(file_of(options), options, out) ? 0 : 1;
}

} // namespace query::command
} // namespace ctrack

// SPDX-License-Identifier: Apache-2.0
//
// Every report against an empty file of the real schema.
#include "common/nearest.h"
#include "query/report/catalog.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "query/base/usage_error.h"
#include "query/cli/commands.h"
#include "query/filter/narrowing.h"
#include "query/report/grouping.h"
#include "query/report/prepared_report.h"
#include "query/sql/all_rows.h"
#include "query/sql/database.h"
#include "schema/schema.h"
#include "tests/catch.h"

using namespace ctrack::query;
using ctrack::nearest;

namespace {

// A file without a recording, gone at the end.
class EmptyFile {
public:
    EmptyFile()
        : path_(std::filesystem::temp_directory_path() /
                ("ctrack-query-test-" + std::to_string(getpid()) + ".db")) {
        ctrack::schema::open_for_writing(path_);
    }
    ~EmptyFile() { std::filesystem::remove(path_); }
    EmptyFile(const EmptyFile&) = delete;
    EmptyFile& operator=(const EmptyFile&) = delete;

    std::string path() const { return path_; }

private:
    std::filesystem::path path_;
};

struct ColumnNames : Renderer {
    std::vector<std::string> names;

    void begin(const std::vector<std::string>& columns, const Layout&) override { names = columns; }
    void row(const Row&) override {}
    void end() override {}
};

// The report as it is without --by and with each choice.
std::vector<Report> variants(const Report& report) {
    std::vector<Report> all{grouped_by(report, std::nullopt)};
    for (const auto& choice : report.choices)
        all.push_back(grouped_by(report, choice.name));
    return all;
}

const Parameters parameters{{0, 1}, -1, "1"};

std::vector<std::string> columns_of(const Query& query, Database& database) {
    ColumnNames columns;
    database.run(query, parameters, columns);
    return columns.names;
}

// Each column is described; it is seen from now on.
void check_described(const std::vector<std::string>& columns, const Layout& layout,
                     std::set<std::string>& unseen) {
    for (const auto& name : columns) {
        CAPTURE(name);
        CHECK(std::count(columns.begin(), columns.end(), name) == 1);
        CHECK(layout.columns.count(name) == 1);
        unseen.erase(name);
    }
}

std::set<std::string> names_of(const Layout& layout) {
    std::set<std::string> names;
    for (const auto& [name, format] : layout.columns)
        names.insert(name);
    return names;
}

void check_below(const Query& query, Database& database) {
    auto unseen = names_of(query.layout);
    check_described(columns_of(query, database), query.layout, unseen);
    CHECK(unseen == std::set<std::string>{});
}

} // namespace

TEST_CASE("reports: each runs, and describes the columns it has") {
    const EmptyFile file;
    for (const auto& report : all_reports()) {
        CAPTURE(report.name);
        auto unseen = names_of(report.main.layout);
        for (const auto& variant : variants(report)) {
            Database database(file.path());
            PreparedReport prepared(variant, database);
            ColumnNames columns;
            prepared.run_main(variant.main.layout, parameters, columns);
            check_described(columns.names, variant.main.layout, unseen);
            for (const auto& section : variant.sections)
                check_below(section, database);
            if (variant.footer)
                check_below(*variant.footer, database);
        }
        CHECK(unseen == std::set<std::string>{});
    }
}

TEST_CASE("reports: the first statement is compiled once, whatever is asked of it") {
    const EmptyFile file;
    for (const auto& report : all_reports())
        for (const auto& variant : variants(report)) {
            CAPTURE(report.name);
            Database database(file.path());
            PreparedReport prepared(variant, database);
            CHECK_FALSE(prepared.columns().names.empty());
            CHECK_FALSE(prepared.takes(":nothing"));
            CHECK_FALSE(prepared.reads("nothing"));
            database.set_scope({{0, 1}, 0}, prepared.tables());
            ColumnNames columns;
            prepared.run_main(variant.main.layout, parameters, columns);
            prepared.run_below(parameters, columns);
            CHECK(prepared.compiles() == 1);
        }
}

TEST_CASE("reports: rows are counted, but nobody waits for that") {
    using namespace std::chrono_literals;
    const EmptyFile file;
    Database database(file.path());
    const std::string numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                                "LIMIT {}) SELECT i FROM n;\n";
    CHECK(database.count_rows(fmt::format(fmt::runtime(numbers), 1000), parameters, 1h) == 1000);
    CHECK_FALSE(database.count_rows(fmt::format(fmt::runtime(numbers), -1), parameters, 10ms));
    CHECK(all_rows(database, "SELECT 1").size() == 1); // the database works on
}

// SQLite would rather make an index of all connections, thousands of times more than there are
// in a window.
void check_plan(const std::string& sql, Database& database) {
    for (const auto& row : all_rows(database, "EXPLAIN QUERY PLAN " + sql)) {
        const auto step = std::get<std::string>(row[3]);
        CAPTURE(step);
        CHECK_FALSE((step.starts_with("SEARCH c USING AUTOMATIC") &&
                     !step.ends_with("LEFT-JOIN"))); // small ones
    }
}

TEST_CASE("reports: connections of a window are found by their ids, with a filter too") {
    const EmptyFile file;
    for (const std::string words : {"", "outcome refused", "comm = nginx and uid 0"})
        for (const auto& report : all_reports())
            for (const auto& variant : variants(report)) {
                CAPTURE(words, report.name);
                Database database(file.path(), filter::condition_of({}, words, 0));
                const PreparedReport prepared(variant, database);
                database.set_scope({{0, 1}, 0}, prepared.tables());
                for (const auto& shared : variant.shared)
                    check_plan(shared.sql, database);
                check_plan(variant.main.sql, database);
            }
}

TEST_CASE("reports: a file without a recording has no end and no losses") {
    const EmptyFile file;
    Database database(file.path());
    CHECK_FALSE(database.recorded());
    CHECK(all_rows(database, "SELECT * FROM losses").empty());
}

TEST_CASE("reports: by name") {
    CHECK(find_report("slowest")->name == "slowest");
    CHECK_THROWS_WITH(report_named("top-takers"), Contains("did you mean top-talkers?"));
    CHECK_THROWS_AS(report_named("top-takers"), UsageError);
}

TEST_CASE("reports: by another name, and no name stands for two") {
    CHECK(find_report("top")->name == "top-talkers");
    CHECK_THROWS_WITH(report_named("retrnas"), Contains("did you mean retrans?"));
    std::set<std::string> names{"sql", "list", "help"};
    for (const auto& report : all_reports()) {
        CHECK(names.insert(report.name).second);
        for (const auto& alias : report.aliases) {
            CAPTURE(alias);
            CHECK(names.insert(alias).second);
        }
    }
}

// What a column is called in tables that have a row for each thing; in a record they are words.
std::string heading(const std::string& name, const ColumnFormat& format) {
    return format.heading.empty() ? name : format.heading;
}

TEST_CASE("reports: a column has the same heading in all of them") {
    std::map<std::string, std::string> headings;
    for (const auto& report : all_reports()) {
        if (report.main.layout.as_record)
            continue;
        for (const auto& [name, format] : report.main.layout.columns) {
            if (name == "closed_us" && format.heading == "TIME")
                continue; // of failures: each row is an event
            if (format.is_hidden && name.ends_with("_address"))
                continue; // beside LOCAL or PEER, which have the port as well
            CAPTURE(report.name, name);
            const auto text = heading(name, format);
            CHECK(headings.emplace(name, text).first->second == text);
        }
    }
}

TEST_CASE("reports: what --by puts into a statement is a list of columns") {
    for (const auto& report : all_reports())
        for (const auto& choice : report.choices) {
            CAPTURE(report.name, choice.name);
            CHECK(choice.columns.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789, ") ==
                  std::string::npos);
            CHECK_FALSE(choice.meaning.empty());
            CHECK(grouped_by(report, choice.name).main.sql.find('{') == std::string::npos);
        }
}

TEST_CASE("reports: the nearest name") {
    const std::vector<std::string> names{"active", "events", "top-talkers", "rtt"};
    CHECK(ctrack::nearest("event", names) == "events");
    CHECK(ctrack::nearest("acitve", names) == "active");
    CHECK(ctrack::nearest("top", names) == "top-talkers");
    CHECK(ctrack::nearest("rrt", names) == "rtt");
    CHECK(ctrack::nearest("nginx", names).empty());
    CHECK(ctrack::nearest("", names).empty());
}

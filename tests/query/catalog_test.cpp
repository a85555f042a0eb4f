// SPDX-License-Identifier: Apache-2.0
//
// Every report against an empty file of the real schema.
#include "query/base/nearest.h"
#include "query/report/catalog.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <unistd.h>

#include "query/base/usage_error.h"
#include "query/filter/options.h"
#include "query/report/grouping.h"
#include "query/sql/all_rows.h"
#include "query/sql/database.h"
#include "schema/schema.h"
#include "tests/catch.h"

using namespace ctrack::query;

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
std::vector<Query> variants(const Report& report) {
    std::vector<Query> all{chosen_by(report, std::nullopt).main};
    for (const auto& choice : report.choices)
        all.push_back(chosen_by(report, choice.name).main);
    return all;
}

// Each column of each result is described, and each one described is in some result.
void check_columns(const std::vector<Query>& queries, Database& database) {
    std::set<std::string> unseen;
    for (const auto& [name, format] : queries.front().layout.columns)
        unseen.insert(name);
    for (const auto& query : queries) {
        ColumnNames columns;
        database.run(query, {{0, 1}, -1, "1"}, columns);
        for (const auto& name : columns.names) {
            CAPTURE(name);
            CHECK(std::count(columns.names.begin(), columns.names.end(), name) == 1);
            CHECK(query.layout.columns.count(name) == 1);
            unseen.erase(name);
        }
    }
    CHECK(unseen == std::set<std::string>{});
}

} // namespace

TEST_CASE("reports: each runs, and describes the columns it has") {
    const EmptyFile file;
    Database database(file.path());
    for (const auto& report : all_reports()) {
        CAPTURE(report.name);
        check_columns(variants(report), database);
        for (const auto& section : report.sections)
            check_columns({section}, database);
        if (report.footer)
            check_columns({*report.footer}, database);
    }
}

// SQLite would rather make an index of all connections, thousands of times more than there are
// in a window.
TEST_CASE("reports: connections of a window are found by their ids, with a filter too") {
    const EmptyFile file;
    for (const std::string words : {"", "outcome refused", "comm = nginx and uid 0"}) {
        Database database(file.path(), filter::expression_of({}, words, 0));
        database.choose({0, 1}, all_reports().front().main);
        for (const auto& report : all_reports())
            for (const auto& query : variants(report))
                for (const auto& row : collect(database, "EXPLAIN QUERY PLAN " + query.sql)) {
                    const auto step = std::get<std::string>(row[3]);
                    CAPTURE(words, report.name, step);
                    CHECK_FALSE((step.starts_with("SEARCH c USING AUTOMATIC") &&
                                 !step.ends_with("LEFT-JOIN"))); // small ones
                }
    }
}

TEST_CASE("reports: a file without a recording has no end and no losses") {
    const EmptyFile file;
    Database database(file.path());
    CHECK_FALSE(database.recorded_until_us());
    CHECK(database.losses({0, 1}).empty());
}

TEST_CASE("reports: by name") {
    CHECK(find_report("slowest").name == "slowest");
    CHECK_THROWS_WITH(find_report("top-takers"), Contains("did you mean top-talkers?"));
    CHECK_THROWS_AS(find_report("top-takers"), UsageError);
}

TEST_CASE("reports: by another name, and no name stands for two") {
    CHECK(find_report("top").name == "top-talkers");
    CHECK_THROWS_WITH(find_report("retrnas"), Contains("did you mean retrans?"));
    std::set<std::string> names{"sql", "list", "help"};
    for (const auto& report : all_reports()) {
        CHECK(names.insert(report.name).second);
        for (const auto& alias : report.aliases) {
            CAPTURE(alias);
            CHECK(names.insert(alias).second);
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
            CHECK(chosen_by(report, choice.name).main.sql.find('{') == std::string::npos);
        }
}

TEST_CASE("reports: the nearest name") {
    const std::vector<std::string> names{"active", "events", "top-talkers", "rtt"};
    CHECK(nearest("event", names) == "events");
    CHECK(nearest("acitve", names) == "active");
    CHECK(nearest("top", names) == "top-talkers");
    CHECK(nearest("rrt", names) == "rtt");
    CHECK(nearest("nginx", names).empty());
    CHECK(nearest("", names).empty());
}

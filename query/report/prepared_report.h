// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/render/renderer.h"
#include "query/report/column_choice.h"
#include "query/report/report.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// A report whose first statement and footer are compiled, once, for the files that are read. All
/// that must be known of it before it runs is asked here. Its sections are compiled when they are
/// shown.
class PreparedReport {
public:
    /// Makes the tables that statements of the report share; they are empty until run_main.
    PreparedReport(Report report, Database& database);

    const Report& report() const { return report_; }

    /// Whether the first statement, or one whose rows are shared, has that parameter.
    bool takes(const std::string& parameter) const;
    bool takes_window() const { return takes(":begin_us") || takes(":end_us"); }

    /// Whether the sums of all traffic can take the place of its connections, in the first
    /// statement or in the footer.
    bool takes_sums() const;

    /// The tables and views that the first statement and those of shared rows read.
    const TableNames& tables() const { return tables_; }
    bool reads(std::string_view table) const { return tables_.contains(table); }

    /// The same, and those that the footer reads.
    TableNames all_tables() const;

    /// The columns of the first statement. They refer to this object.
    Columns columns() const { return {main_.columns(), report_.main.layout}; }

    /// Runs the first statement. Returns how many rows there were. `order` is the text of -s:
    /// a sorted statement is another one, which is compiled too.
    std::int64_t run_main(const Layout& layout, const Parameters& parameters, Renderer& renderer);
    std::int64_t run_sorted(const std::string& order, const Layout& layout, Parameters parameters,
                            Renderer& renderer);

    /// Runs what a table shows below the rows of the first statement.
    void run_below(const Parameters& parameters, Renderer& renderer);

    /// How many rows the first statement has without a limit, if they are soon counted.
    std::optional<std::int64_t> count_rows(Parameters parameters);

    /// How often SQLite has compiled the first statement.
    int compiles() const { return main_.compiles(); }

private:
    std::vector<Statement> prepare_shared();
    void fill_shared(const Parameters& parameters);

    Report report_;
    Database& database_;
    TableNames tables_, footer_tables_;
    std::vector<Statement> shared_;
    Statement main_;
    std::optional<Statement> footer_;
    std::optional<std::int64_t> filled_limit_; ///< the :limit with which the tables were filled
};

} // namespace ctrack::query

// SPDX-License-Identifier: Apache-2.0
#include "query/render/formats.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/render/fit.h"
#include "query/render/record.h"
#include "query/render/screen.h"
#include "query/render/smartcols.h"

namespace ctrack::query {

namespace {

constexpr std::size_t most_bar_width = 40;
constexpr std::size_t least_bar_width = 10;
constexpr std::size_t bar_frame = 4; // a line on each side, and two blanks before

// A longer table is laid out in pieces of so many rows. That bounds the memory, to some 20 MB for
// 15 columns, and the wait for the first row.
constexpr std::size_t most_rows_held = 10'000;

double number_of(const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return static_cast<double>(*integer);
    const auto* real = std::get_if<double>(&value);
    return real == nullptr ? 0 : *real;
}

class TableRenderer : public Renderer {
public:
    TableRenderer(Output& out, Color color) : out_(out), is_coloured_(use_color(color, out)) {}

    void begin(const std::vector<std::string>& columns, const Layout& layout) override;
    void row(const Row& row) override;
    void end() override;
    bool shows_footers() const override { return true; }

private:
    bool is_fitted() const { return out_.is_terminal() && layout_.fitting != Fitting::none; }
    Grid grid() { return make_grid(columns_, layout_, rows_); }
    void fit_terminal(Grid& grid);
    void say_hidden(const std::vector<std::string>& headings);
    std::size_t bar_width(const Grid& grid) const;
    void write_rows();
    void write_headings();
    void write_gap();
    void write_record();
    void keep_widths(libscols_table* table);
    void add_bars(libscols_table* table, const Grid& grid) const;

    Output& out_;
    bool is_coloured_;
    std::vector<Row> rows_;
    Fit fit_;                         // to the terminal, of the rows that were written last
    std::vector<std::size_t> widths_; // of the columns, in the rows that were written last
    bool is_first_ = true;
    bool is_begun_ = false; // whether some rows of this result are written
};

void TableRenderer::begin(const std::vector<std::string>& columns, const Layout& layout) {
    Renderer::begin(columns, layout);
    rows_.clear();
    is_begun_ = false;
}

void TableRenderer::row(const Row& row) {
    rows_.push_back(row);
    if (rows_.size() < most_rows_held || layout_.as_record || !layout_.bar.empty())
        return;
    write_rows();
    rows_.clear();
    is_begun_ = true;
}

void TableRenderer::end() {
    if (rows_.empty() && !is_begun_ && (layout_.is_optional || layout_.continues))
        return;
    if (!rows_.empty() && !layout_.as_record)
        write_rows();
    else if (layout_.as_record)
        write_record();
    else if (!is_begun_)
        write_headings();
    rows_.clear();
}

// An empty line stands before each table but the first.
void TableRenderer::write_gap() {
    if (!is_first_ && !is_begun_ && !layout_.continues)
        out_.write("\n");
    is_first_ = false;
}

// Writes the headings of a table without rows, for which libsmartcols writes nothing.
void TableRenderer::write_headings() {
    write_gap();
    auto columns = grid();
    fit_terminal(columns);
    std::string line;
    for (const auto& column : columns)
        line += (line.empty() ? "" : "  ") + column.heading;
    out_.write(line + "\n");
}

void TableRenderer::say_hidden(const std::vector<std::string>& headings) {
    if (!headings.empty())
        out_.say_below(fmt::format("not shown in {} columns: {}; {} shows all", terminal_columns(),
                                   fmt::join(headings, ", "), layout_.shows_all));
}

// Rows that go on below others are treated as these.
void TableRenderer::fit_terminal(Grid& grid) {
    if (!is_fitted())
        return;
    const auto bars = layout_.bar.empty() ? 0 : least_bar_width + bar_frame;
    const auto width = terminal_columns() - std::min(terminal_columns(), bars);
    if (!layout_.continues) {
        fit_ = fit_for(grid, width, layout_.fitting == Fitting::hide, layout_.least_useful);
        say_hidden(fit_.headings);
    }
    apply(fit_, width, grid);
}

void TableRenderer::write_rows() {
    write_gap();
    auto columns = grid();
    fit_terminal(columns);
    const auto table = make_table(out_, is_coloured_);
    add_cells(table.get(), columns);
    if (!layout_.bar.empty())
        add_bars(table.get(), columns);
    keep_widths(table.get());
    print(table.get(), out_);
    widths_.clear();
    for (std::size_t i = 0; i < columns.size(); ++i)
        widths_.push_back(scols_column_get_width(scols_table_get_column(table.get(), i)));
}

// Rows that continue others get the widths of those, so that they stand below them.
void TableRenderer::keep_widths(libscols_table* table) {
    if (!layout_.continues)
        return;
    check(scols_table_enable_noheadings(table, 1));
    for (std::size_t i = 0; i < widths_.size(); ++i)
        check(scols_column_set_whint(scols_table_get_column(table, i),
                                     static_cast<double>(widths_[i])));
}

std::size_t TableRenderer::bar_width(const Grid& grid) const {
    if (!is_fitted())
        return most_bar_width;
    const auto taken = width_of(grid) + bar_frame;
    const auto room = terminal_columns() - std::min(terminal_columns(), taken);
    return std::clamp(room, least_bar_width, most_bar_width);
}

void TableRenderer::add_bars(libscols_table* table, const Grid& grid) const {
    const auto found = std::find(columns_.begin(), columns_.end(), layout_.bar);
    if (found == columns_.end())
        return; // it was not chosen
    const auto index = static_cast<std::size_t>(found - columns_.begin());
    add_column(table, layout_.bar_heading, 0);
    double most = 0;
    for (const auto& row : rows_)
        most = std::max(most, number_of(row[index]));
    const auto width = bar_width(grid);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const double share = most > 0 ? number_of(rows_[i][index]) / most : 0;
        const auto stars =
            std::string(static_cast<std::size_t>(share * static_cast<double>(width)), '*');
        set_cell(scols_table_get_line(table, i), grid.size(), fmt::format("|{:{}}|", stars, width));
    }
}

void TableRenderer::write_record() {
    write_gap();
    for (const auto& record : as_records(grid(), is_fitted() ? terminal_columns() : no_limit)) {
        const auto table = make_table(out_, is_coloured_);
        check(scols_table_enable_noheadings(table.get(), 1));
        add_cells(table.get(), record);
        print(table.get(), out_);
    }
}

} // namespace

std::unique_ptr<Renderer> make_table_renderer(Output& out, Color color) {
    return std::make_unique<TableRenderer>(out, color);
}

} // namespace ctrack::query

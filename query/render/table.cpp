// SPDX-License-Identifier: Apache-2.0
#include "query/render/formats.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "common/error.h"
#include "common/terminal_text.h"
#include "query/render/smartcols.h"

namespace ctrack::query {

namespace {

constexpr int bar_width = 40;

// A longer table is laid out in pieces of so many rows. That bounds the memory, to some 20 MB for
// 15 columns, and the wait for the first row.
constexpr std::size_t most_rows_held = 10'000;

std::string column_heading(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name;
}

std::string record_heading(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

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
    struct Column {
        std::size_t index; // in a row
        std::string name;
        ColumnFormat format;
    };

    std::string heading(const Column& column) const;
    std::string cell(const Row& row, const Column& column) const;
    const char* color(const Row& row, const Column& column) const;
    int flags(const Column& column) const;
    bool all_numbers(std::size_t index) const;
    void write_rows();
    void write_headings();
    void write_gap();
    void write_records();
    void print(libscols_table* table);
    void keep_widths(libscols_table* table);
    void add_bars(libscols_table* table, const Column& column);

    Output& out_;
    bool is_coloured_;
    std::vector<Column> shown_; // the columns that are not hidden
    std::vector<Row> rows_;
    std::vector<std::size_t> widths_; // of the columns, in the rows that were written last
    bool is_first_ = true;
    bool is_begun_ = false; // whether some rows of this result are written
};

void TableRenderer::begin(const std::vector<std::string>& columns, const Layout& layout) {
    Renderer::begin(columns, layout);
    shown_.clear();
    rows_.clear();
    is_begun_ = false;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& format = layout_.columns[columns[i]];
        if (!format.is_hidden)
            shown_.push_back({i, columns[i], format});
    }
}

void TableRenderer::row(const Row& row) {
    rows_.push_back(row);
    if (rows_.size() < most_rows_held || layout_.as_record || !layout_.bar.empty())
        return;
    write_rows();
    rows_.clear();
    is_begun_ = true;
}

std::string TableRenderer::heading(const Column& column) const {
    if (!column.format.heading.empty())
        return column.format.heading;
    auto name = column.name;
    if (column.format.unit != Unit::plain && name.ends_with("_us"))
        name.resize(name.size() - 3); // the cells say their unit
    return layout_.as_record ? record_heading(name) : column_heading(name);
}

std::string TableRenderer::cell(const Row& row, const Column& column) const {
    return humanise(row[column.index], column.format.unit);
}

const char* TableRenderer::color(const Row& row, const Column& column) const {
    const auto* text = std::get_if<std::string>(&row[column.index]);
    if (column.format.unit != Unit::outcome || text == nullptr || *text == "closed")
        return nullptr;
    return *text == "open" ? "green" : *text == "lost" ? "yellow" : "red";
}

bool TableRenderer::all_numbers(std::size_t index) const {
    return std::none_of(rows_.begin(), rows_.end(), [index](const Row& row) {
        return std::holds_alternative<std::string>(row[index]);
    });
}

int TableRenderer::flags(const Column& column) const {
    const auto unit = column.format.unit;
    if (unit == Unit::wide)
        return SCOLS_FL_TRUNC;
    const bool is_right = is_numeric(unit) || (unit == Unit::plain && all_numbers(column.index));
    return is_right ? SCOLS_FL_RIGHT : 0;
}

void TableRenderer::end() {
    if (rows_.empty() && !is_begun_ && (layout_.is_optional || layout_.continues))
        return;
    if (!rows_.empty() && !layout_.as_record)
        write_rows();
    else if (layout_.as_record)
        write_records();
    else if (!is_begun_)
        write_headings();
    rows_.clear();
}

void TableRenderer::print(libscols_table* table) {
    if (scols_print_table(table) != 0)
        throw Error("cannot lay out the table");
    out_.write("");
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
    std::string line;
    for (const auto& column : shown_)
        line += (line.empty() ? "" : "  ") + heading(column);
    out_.write(one_line(line) + "\n");
}

void TableRenderer::write_rows() {
    write_gap();
    const auto table = make_table(out_, is_coloured_);
    for (const auto& column : shown_)
        add_column(table.get(), heading(column), flags(column));
    for (const auto& row : rows_) {
        auto* line = add_line(table.get());
        for (std::size_t i = 0; i < shown_.size(); ++i)
            set_cell(line, i, cell(row, shown_[i]), color(row, shown_[i]));
    }
    for (const auto& column : shown_)
        if (column.name == layout_.bar)
            add_bars(table.get(), column);
    keep_widths(table.get());
    print(table.get());
    widths_.clear();
    for (std::size_t i = 0; i < shown_.size(); ++i)
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

void TableRenderer::add_bars(libscols_table* table, const Column& column) {
    add_column(table, layout_.bar_heading, 0);
    double most = 0;
    for (const auto& row : rows_)
        most = std::max(most, number_of(row[column.index]));
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const double share = most > 0 ? number_of(rows_[i][column.index]) / most : 0;
        const auto stars = std::string(static_cast<std::size_t>(share * bar_width), '*');
        set_cell(scols_table_get_line(table, i), shown_.size(),
                 fmt::format("|{:{}}|", stars, bar_width));
    }
}

void TableRenderer::write_records() {
    write_gap();
    for (const auto& row : rows_) {
        const auto table = make_table(out_, is_coloured_);
        check(scols_table_enable_noheadings(table.get(), 1));
        add_column(table.get(), "name", 0);
        add_column(table.get(), "value", SCOLS_FL_TRUNC);
        for (const auto& column : shown_) {
            auto* line = add_line(table.get());
            set_cell(line, 0, heading(column), "bold");
            set_cell(line, 1, cell(row, column));
        }
        print(table.get());
    }
}

} // namespace

std::unique_ptr<Renderer> make_table_renderer(Output& out, Color color) {
    return std::make_unique<TableRenderer>(out, color);
}

} // namespace ctrack::query

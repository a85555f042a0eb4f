// SPDX-License-Identifier: Apache-2.0
#include "query/render/fit.h"

#include <algorithm>
#include <utility>

#include "common/terminal_text.h"

namespace ctrack::query {

namespace {

constexpr std::size_t gap = 2;
// Texts tell something down to this width: an IPv4 address with a port is never cut.
constexpr std::size_t least_of_text = 22;
constexpr std::size_t date_size = std::string_view("2026-11-21 ").size();

std::string_view ellipsis() { return shows_utf8() ? "…" : ".."; }

std::vector<Character> characters_of(std::string_view text) {
    std::vector<Character> characters;
    while (!text.empty()) {
        characters.push_back(first_character(text));
        text.remove_prefix(characters.back().bytes.size());
    }
    return characters;
}

// As many characters from this one on as take no more columns.
template <typename Iterator> Iterator after(Iterator from, Iterator end, std::size_t width) {
    std::size_t taken = 0;
    while (from != end && taken + width_of(from->bytes) <= width)
        taken += width_of(from++->bytes);
    return from;
}

bool is_time(const GridColumn& column) {
    return column.unit == Unit::time || column.unit == Unit::second;
}

// How narrow a column of this width may become.
std::size_t least_width(const GridColumn& column, std::size_t width) {
    const bool is_text = column.unit == Unit::wide || column.unit == Unit::text ||
                         (column.unit == Unit::plain && !column.is_right);
    const auto least = is_text ? least_of_text : width;
    return std::max(width_of(column.shown_heading()), std::min(width, least));
}

// The cells that show a time, and not that there is none.
template <typename Visit> void visit_times(Grid& grid, Visit visit) {
    for (auto& column : grid)
        if (is_time(column))
            for (auto& cell : column.cells)
                if (cell.size() > date_size)
                    visit(cell);
}

// The date that all times have, with the blank behind it; empty if they differ.
std::string common_date(Grid& grid) {
    std::string date;
    bool is_common = true;
    visit_times(grid, [&](const std::string& cell) {
        const auto other = cell.substr(0, date_size);
        is_common = is_common && (date.empty() || date == other);
        date = other;
    });
    return is_common ? date : "";
}

// The column of times that is left out last.
std::string last_of_times(const Grid& grid, const std::vector<std::string>& least_useful) {
    std::string last;
    std::ptrdiff_t fewest_after = 0;
    for (const auto& column : grid) {
        const auto place = std::find(least_useful.begin(), least_useful.end(), column.name);
        if (is_time(column) && (last.empty() || least_useful.end() - place < fewest_after)) {
            last = column.name;
            fewest_after = least_useful.end() - place;
        }
    }
    return last;
}

void shorten_times(const Fit& fit, Grid& grid) {
    for (auto& column : grid)
        if (!fit.date.empty() && column.name == fit.date_column)
            column.date = fit.date.substr(0, date_size - 1);
    visit_times(grid, [&fit](std::string& cell) {
        if (const auto point = cell.find('.'); fit.drops_microseconds && point != cell.npos)
            cell.resize(point + 4);
        if (!fit.date.empty() && cell.starts_with(fit.date))
            cell.erase(0, date_size);
    });
}

// The columns in the order in which they are left out.
std::vector<std::size_t> order_of(const Grid& grid, const std::vector<std::string>& least_useful) {
    std::vector<std::size_t> order;
    for (const auto& name : least_useful)
        for (std::size_t i = 0; i < grid.size(); ++i)
            if (grid[i].name == name)
                order.push_back(i);
    for (auto i = grid.size(); i-- > 0;)
        if (std::find(order.begin(), order.end(), i) == order.end())
            order.push_back(i);
    return order;
}

// Chooses what is left out: as little as possible, if the others are cut. If they need not be cut
// then, what has room beside them stays.
void hide(const Grid& grid, std::size_t width, const std::vector<std::string>& least_useful,
          Fit& fit) {
    std::size_t least = 0; // what is left takes at least this, with a gap behind each
    std::size_t whole = 0; // and this if it is not cut
    std::vector<std::size_t> widths;
    for (const auto& column : grid) {
        widths.push_back(column_width(column) + gap);
        whole += widths.back();
        least += least_width(column, widths.back() - gap) + gap;
    }
    auto gone = order_of(grid, least_useful);
    auto stays = gone.begin();
    for (; std::next(stays) != gone.end() && least > width + gap; ++stays) {
        whole -= widths[*stays];
        least -= least_width(grid[*stays], widths[*stays] - gap) + gap;
    }
    gone.erase(stays, gone.end());
    for (auto place = gone.rbegin(); place != gone.rend(); ++place) {
        if (whole + widths[*place] > width + gap)
            fit.hidden.push_back(*place);
        else
            whole += widths[*place];
    }
    std::sort(fit.hidden.begin(), fit.hidden.end());
    for (const auto i : fit.hidden)
        fit.headings.push_back(grid[i].heading);
}

// How wide each column becomes, if the widest ones give way first.
std::vector<std::size_t> narrowed(const Grid& grid, std::size_t too_many) {
    std::vector<std::size_t> widths;
    std::vector<std::size_t> spare; // how much narrower each may become
    for (const auto& column : grid) {
        widths.push_back(column_width(column));
        spare.push_back(widths.back() - least_width(column, widths.back()));
    }
    for (; too_many > 0; --too_many) {
        std::size_t widest = 0;
        for (std::size_t i = 1; i < grid.size(); ++i)
            if (spare[i] > 0 && (spare[widest] == 0 || widths[i] > widths[widest]))
                widest = i;
        if (spare[widest] == 0)
            break;
        --widths[widest];
        --spare[widest];
    }
    return widths;
}

void cut_texts(Grid& grid, std::size_t too_many) {
    const auto widths = narrowed(grid, too_many);
    for (std::size_t i = 0; i < grid.size(); ++i)
        for (auto& cell : grid[i].cells)
            cell = cut_to(cell, widths[i]);
}

} // namespace

std::string cut_to(std::string_view text, std::size_t width) {
    if (width_of(text) <= width)
        return std::string(text);
    const auto all = characters_of(text);
    const auto kept = width - std::min(width, width_of(ellipsis()));
    const auto begin_end = after(all.begin(), all.end(), kept - kept / 2);
    const auto end_begin = after(all.rbegin(), all.rend(), kept / 2);
    std::string cut;
    for (auto character = all.begin(); character != begin_end; ++character)
        cut += character->bytes;
    cut += ellipsis();
    for (auto character = end_begin.base(); character != all.end(); ++character)
        cut += character->bytes;
    return cut;
}

std::vector<std::string> broken_at(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    while (width_of(text) > width) {
        const auto all = characters_of(text);
        const auto fitting = after(all.begin(), all.end(), width);
        const auto rest = fitting == all.begin() ? std::next(fitting) : fitting;
        if (rest == all.end())
            break;
        auto size = static_cast<std::size_t>(rest->bytes.data() - text.data());
        if (const auto blank = text.rfind(' ', size); blank != text.npos && blank > 0)
            size = blank;
        lines.emplace_back(text.substr(0, size));
        text.remove_prefix(std::min(text.find_first_not_of(' ', size), text.size()));
    }
    lines.emplace_back(text);
    return lines;
}

Fit fit_for(Grid grid, std::size_t width, bool may_hide,
            const std::vector<std::string>& least_useful) {
    Fit fit;
    if (width_of(grid) > width) {
        fit.date = common_date(grid);
        fit.date_column = last_of_times(grid, least_useful);
        shorten_times(fit, grid);
    }
    if (width_of(grid) > width) {
        fit.drops_microseconds = true;
        shorten_times(fit, grid);
    }
    if (may_hide)
        hide(grid, width, least_useful, fit);
    return fit;
}

void apply(const Fit& fit, std::size_t width, Grid& grid) {
    shorten_times(fit, grid);
    for (auto i = fit.hidden.rbegin(); i != fit.hidden.rend(); ++i)
        grid.erase(grid.begin() + static_cast<std::ptrdiff_t>(*i));
    if (const auto taken = width_of(grid); taken > width)
        cut_texts(grid, taken - width);
}

} // namespace ctrack::query

// SPDX-License-Identifier: Apache-2.0
#include "query/files/table_writer.h"

#include <algorithm>

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>

#include "common/error.h"
#include "query/sql/bind.h"

namespace ctrack::query {

namespace {

// Where each name stands last.
std::vector<std::size_t> last_places(const std::vector<std::string>& names) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (std::find(names.begin() + static_cast<std::ptrdiff_t>(i) + 1, names.end(), names[i]) ==
            names.end())
            places.push_back(i);
    return places;
}

std::string insert_sql(const std::string& table, const std::vector<std::string>& columns,
                       const std::string& on_conflict) {
    const std::vector<std::string_view> marks(columns.size(), "?");
    return fmt::format("INSERT {} INTO main.{} ({}) VALUES ({}) {}",
                       on_conflict.empty() ? "OR REPLACE" : "", table, fmt::join(columns, ", "),
                       fmt::join(marks, ", "), on_conflict);
}

} // namespace

TableWriter::TableWriter(SQLite::Database& db, const Table& table, RowStep* step,
                         std::string on_conflict)
    : db_(db), table_(table), step_(step), on_conflict_(std::move(on_conflict)) {}

void TableWriter::begin(const std::vector<std::string>& columns, const Layout&) {
    places_ = last_places(columns);
    std::vector<std::string> names;
    for (const auto place : places_)
        names.push_back(columns[place]);
    insert_.emplace(db_, insert_sql(table_.name, names, on_conflict_));
    if (step_ != nullptr)
        step_->begin(table_, names);
}

void TableWriter::row(const Row& row) {
    row_.clear();
    for (const auto place : places_)
        row_.push_back(row[place]);
    if (step_ != nullptr && !step_->take(row_))
        return;
    try {
        for (std::size_t i = 0; i < row_.size(); ++i)
            std::visit(Binder{*insert_, static_cast<int>(i) + 1}, row_[i]);
        insert_->exec();
        insert_->reset();
    } catch (const SQLite::Exception& e) {
        throw StorageError(fmt::format("cannot write {}: {}", table_.name, e.what()));
    }
}

} // namespace ctrack::query

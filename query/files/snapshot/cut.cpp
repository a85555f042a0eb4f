// SPDX-License-Identifier: Apache-2.0
#include "query/files/snapshot/cut.h"

#include <map>
#include <set>
#include <span>
#include <stdexcept>
#include <unordered_set>

#include <fmt/format.h>

#include "common/clock.h"
#include "common/embedded_sql.h"
#include "query/sql/sql_text.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> snapshot_rules;

namespace query {

namespace {

// Owners are copied last, when it is known to which of them rows refer.
const std::set<std::string_view>& owner_tables() {
    static const std::set<std::string_view> tables{"processes", "cgroups"};
    return tables;
}

std::string rule_of(const std::string& table) {
    for (const auto& rule : snapshot_rules)
        if (rule.name == table)
            return std::string(rule.text);
    throw std::logic_error(fmt::format("there is no query/files/snapshot/{}.sql", table));
}

// Notes the owners to which copied rows refer. Owner 0, which stands for nobody, is always there.
class OwnersSeen : public RowStep {
public:
    void begin(const Table& table, const std::vector<std::string>& columns) override {
        ids_.clear();
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (const auto parent = table.parents.find(columns[i]);
                parent != table.parents.end() && owner_tables().contains(parent->second))
                ids_.push_back({i, &seen_[parent->second]});
    }

    bool take(Row& row) override {
        for (const auto& [place, seen] : ids_)
            if (const auto* id = std::get_if<std::int64_t>(&row[place]))
                seen->insert(*id);
        return true;
    }

    bool has(const std::string& table, std::int64_t id) { return seen_[table].contains(id); }

private:
    using Ids = std::unordered_set<std::int64_t>;
    std::map<std::string, Ids> seen_;
    std::vector<std::pair<std::size_t, Ids*>> ids_; // are the columns of the present table
};

// Leaves out owners to which no row refers.
class OwnersWanted : public RowStep {
public:
    explicit OwnersWanted(OwnersSeen& seen) : seen_(seen) {}

    void begin(const Table& table, const std::vector<std::string>& columns) override {
        table_ = table.name;
        for (place_ = 0; columns.at(place_) != "id";)
            ++place_;
    }

    bool take(Row& row) override { return seen_.has(table_, std::get<std::int64_t>(row[place_])); }

private:
    OwnersSeen& seen_;
    std::string table_;
    std::size_t place_ = 0;
};

std::vector<RowStep*> steps(RowStep* first, RowStep* change) {
    return change == nullptr ? std::vector{first} : std::vector{first, change};
}

// Whether the window and the filter leave all of the source.
bool is_whole(Database& source, const Window& window, bool is_filtered) {
    const auto recorded = source.recorded();
    return !is_filtered && recorded && window.begin_us <= recorded->begin_us &&
           window.end_us >= recorded->end_us;
}

Parameters parameters(const Window& window, bool is_whole, bool is_filtered, bool is_anonymized) {
    return {.window = window,
            .limit = -1,
            .named = {{":made_us", now_us()},
                      {":is_whole", std::int64_t{is_whole}},
                      {":is_filtered", std::int64_t{is_filtered}},
                      {":is_anonymized", std::int64_t{is_anonymized}}}};
}

} // namespace

std::vector<std::string> tables_with_rules() {
    std::vector<std::string> tables;
    for (const auto& rule : snapshot_rules)
        tables.emplace_back(rule.name);
    return tables;
}

void cut(Database& source, const Window& window, bool is_filtered, RowStep* change,
         SQLite::Database& target) {
    OwnersSeen seen;
    OwnersWanted wanted(seen);
    const bool whole = is_whole(source, window, is_filtered);
    const auto values = parameters(window, whole, is_filtered, change != nullptr);
    const auto copy = [&](const Table& table, RowStep* step) {
        TableWriter writer(target, table, steps(step, change));
        source.run({rule_of(table.name), {}}, values, writer);
    };
    const auto tables = tables_of(target);
    for (const auto& table : tables)
        if (!owner_tables().contains(table.name))
            copy(table, &seen);
    for (const auto& table : tables)
        if (owner_tables().contains(table.name))
            copy(table, &wanted);
    target.exec(sql_text("clip_batches"));
    target.exec(sql_text("find_connections"));
    if (!whole) // the sums must be those of the connections that are there
        target.exec(sql_text("sums_of_connections"));
}

} // namespace query
} // namespace ctrack

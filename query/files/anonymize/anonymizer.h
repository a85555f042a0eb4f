// SPDX-License-Identifier: Apache-2.0
//
// Replaces addresses and names in the rows of a new file. One key gives one mapping, so the same
// program has the same new name in every column, every file and every run.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/files/anonymize/columns.h"
#include "query/files/anonymize/crypto_pan.h"
#include "query/files/anonymize/known_names.h"
#include "query/files/table_writer.h"

namespace ctrack::query::anonymize {

/// Which names stay.
enum class Level {
    strict, ///< none
    names,  ///< those of programs, units and folders that are known (known_names.txt)
};

class Anonymizer : public RowStep {
public:
    /// `key` is the content of a key file.
    Anonymizer(std::string_view key, Level level);

    void begin(const Table& table, const std::vector<std::string>& columns) override;
    bool take(Row& row) override;

    /// `words` are those that stay if it is of kind word.
    std::string replaced(Kind kind, const std::string& text,
                         const std::set<std::string>& words = {});

    /// The level as the file has it.
    std::string level() const { return level_ == Level::strict ? "strict" : "names"; }

    /// The names that stayed.
    const std::set<std::string>& kept_names() const { return kept_names_; }

private:
    struct Place {
        std::size_t column;
        Kind kind;
        std::set<std::string> words;
    };

    Value value(const Place& place, const Value& value);
    std::int64_t number(std::int64_t number) const;
    std::string name(const std::string& text) const;
    std::string program(const std::string& text);
    std::string unit(const std::string& text);
    std::string path(const std::string& text);
    std::string hex(const std::string& text) const;
    std::string address(const std::string& text) const;

    std::array<std::uint8_t, 32> name_key_;
    CryptoPan addresses_;
    Level level_;
    std::vector<Described> schema_ = described_schema();
    KnownNames known_names_;
    std::set<std::string> kept_names_;
    std::vector<Place> places_; ///< are the columns of the present table
    bool is_ours_ = false;      ///< says that its rows are left out
};

} // namespace ctrack::query::anonymize

// SPDX-License-Identifier: Apache-2.0
//
// Replaces addresses and names in the rows of a new file. One key gives one mapping, so the same
// program has the same new name in every column, every file and every run.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/files/anonymize/crypto_pan.h"
#include "query/files/table_writer.h"

namespace ctrack::query::anonymize {

/// How a text is replaced.
enum class Kind {
    address, ///< by CryptoPan; loopback and the unspecified address stay
    name,    ///< as a whole
    path,    ///< part by part between slashes; "/" stays
    unit,    ///< up to its ending, which stays: .service, .scope, .slice
    hex,     ///< by as many hexadecimal digits, with each - where it was
    removed, ///< by nothing
    plain,   ///< not at all, because it says nothing about this host or its users
};

/// How a column of type TEXT is replaced. Throws std::logic_error for a column that it does not
/// know, so that a new one cannot slip through; a unit test asks for all of them.
Kind kind_of(std::string_view table, std::string_view column);

class Anonymizer : public RowStep {
public:
    /// `key` is the content of a key file.
    explicit Anonymizer(std::string_view key);

    void begin(const Table& table, const std::vector<std::string>& columns) override;
    bool take(Row& row) override;

    std::string replaced(Kind kind, const std::string& text) const;

private:
    std::string name(const std::string& text) const;
    std::string path(const std::string& text) const;
    std::string unit(const std::string& text) const;
    std::string hex(const std::string& text) const;
    std::string address(const std::string& text) const;

    std::array<std::uint8_t, 32> name_key_;
    CryptoPan addresses_;
    std::vector<std::pair<std::size_t, Kind>> places_; ///< are the columns of the present table
};

/// Reads a key file. Throws Error if it cannot be read or is shorter than 32 bytes.
std::string read_key(const std::string& path);

} // namespace ctrack::query::anonymize

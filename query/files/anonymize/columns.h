// SPDX-License-Identifier: Apache-2.0
//
// What --anonymize does with each column of each table.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/sql/schema_text.h"

namespace ctrack::query::anonymize {

/// What is done with a value.
enum class Kind {
    // Of numbers. A text in such a column becomes a hash as a whole.
    kept,   ///< stays: counts, lengths, times, ports, pids, uids
    number, ///< becomes another number of 53 bits; 0 stays
    // Of text. A value that has not the form that it should have becomes a hash as a whole.
    word,    ///< stays if it is one of the words that ctrack writes there
    counts,  ///< stays if it is an object of JSON that has numbers alone
    version, ///< its first two numbers stay
    address, ///< becomes another one by CryptoPan; loopback and the unspecified address stay
    hex,     ///< becomes as many hexadecimal digits, with each - where it was
    path,    ///< becomes hashes of its parts between slashes; "/" stays
    unit,    ///< becomes a hash up to its ending, which stays, such as .service
    program, ///< becomes a hash as a whole, as the next; at level names a known name stays
    name,    ///< becomes a hash as a whole
    options, ///< becomes empty, but for the line that says that there are no intervals
    // Of tables.
    ours, ///< the new file has the table's rows from schema.sql; those of the source are left out
};

/// Throws std::logic_error for a column that is not classified, so that a new one cannot slip
/// through; a unit test asks for all of them.
Kind kind_of(std::string_view table, std::string_view column);

/// The words that ctrack writes into a column of kind word: those of the CHECKs of all columns of
/// that name in described_schema(), and for a few columns a list.
std::set<std::string> words_of(std::string_view column, const std::vector<Described>& schema);

} // namespace ctrack::query::anonymize

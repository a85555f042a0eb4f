// SPDX-License-Identifier: Apache-2.0
#include "query/sql/bounds.h"

#include <fstream>
#include <string>

#include <fmt/format.h>

#include "query/sql/attach.h"

namespace ctrack::query {

namespace {

constexpr std::int64_t least_steps = 100'000'000; // take SQLite some seconds
constexpr std::int64_t steps_per_byte = 200;
constexpr std::int64_t least_written_bytes = 256 << 20;
constexpr std::int64_t written_bytes_per_byte = 200;
constexpr std::size_t most_cell_bytes = 1 << 20; // a recorder writes texts of some kilobytes
constexpr int most_value_bytes = 64 << 20; // a distribution of RTTs has 16 bytes for each RTT in it

std::int64_t number(SQLite::Database& db, const std::string& schema, const char* pragma) {
    return db.execAndGet(fmt::format("PRAGMA {}.{}", schema, pragma)).getInt64();
}

} // namespace

Bounds bounds_for(SQLite::Database& db, std::size_t files) {
    std::int64_t bytes = 0;
    for (std::size_t file = 0; file < files; ++file)
        bytes += number(db, schema_name(file), "page_count") *
                 number(db, schema_name(file), "page_size");
    return {least_steps + steps_per_byte * bytes,
            least_written_bytes + written_bytes_per_byte * bytes, most_cell_bytes,
            most_value_bytes};
}

std::int64_t bytes_written() {
    std::ifstream file("/proc/self/io");
    std::int64_t bytes = 0;
    for (std::string name; file >> name >> bytes;)
        if (name == "wchar:")
            return bytes;
    return 0;
}

} // namespace ctrack::query

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace ctrack {

/// One row in the record format of SQLite's files, value after value: a header with the
/// type of each, then their bytes (https://sqlite.org/fileformat2.html#record_format).
class Record {
public:
    void clear() {
        header_bytes_ = 1;
        body_bytes_ = 0;
    }

    void null() { add_type(0); }

    void integer(std::int64_t value) {
        if (value == 0 || value == 1)
            return add_type(static_cast<std::uint8_t>(8 + value));
        const std::size_t type = type_of(value);
        add_type(static_cast<std::uint8_t>(type));
        add_big_endian(static_cast<std::uint64_t>(value), integer_bytes[type]);
    }

    void real(double value) {
        add_type(7);
        add_big_endian(std::bit_cast<std::uint64_t>(value), 8);
    }

    /// At most 57 bytes, as names and addresses have; what is longer is cut.
    void text(std::string_view text) {
        text = text.substr(0, 57);
        add_type(static_cast<std::uint8_t>(13 + 2 * text.size()));
        std::memcpy(body_.data() + body_bytes_, text.data(), text.size());
        body_bytes_ += text.size();
    }

    std::size_t values() const { return header_bytes_ - 1; }

    std::span<const std::uint8_t> header() {
        header_[0] = static_cast<std::uint8_t>(header_bytes_);
        return std::span(header_).first(header_bytes_);
    }
    std::span<const std::uint8_t> body() const { return std::span(body_).first(body_bytes_); }

private:
    static constexpr std::size_t max_values = 126; ///< then the header's length takes a byte
    static constexpr std::array<std::size_t, 7> integer_bytes{0, 1, 2, 3, 4, 6, 8};

    static std::size_t type_of(std::int64_t value) {
        const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
        std::size_t type = 1;
        while (type < 6 && magnitude >> (8 * integer_bytes[type] - 1))
            ++type;
        return type;
    }

    void add_type(std::uint8_t type) { header_[header_bytes_++] = type; }

    // Eight bytes at once, of which the first count.
    void add_big_endian(std::uint64_t value, std::size_t bytes) {
        const std::uint64_t first = __builtin_bswap64(value << (64 - 8 * bytes));
        std::memcpy(body_.data() + body_bytes_, &first, sizeof first);
        body_bytes_ += bytes;
    }

    std::array<std::uint8_t, 1 + max_values> header_;
    std::array<std::uint8_t, max_values * 57 + 8> body_;
    std::size_t header_bytes_ = 1, body_bytes_ = 0;
};

} // namespace ctrack

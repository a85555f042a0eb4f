// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ctrack::query::filter {

/// An IPv6 address, or an IPv4 one as ::ffff:a.b.c.d, in network byte order.
using Address = std::array<std::uint8_t, 16>;

/// Reads 10.0.0.1, ::1 or ::ffff:10.0.0.1; the first and the last are the same.
std::optional<Address> parse_address(std::string_view text);

/// As the file holds it: dotted IPv4, or IPv6 as in RFC 5952.
std::string address_text(const Address& address);

/// All addresses whose first bits are those of one.
struct Network {
    Address address;
    unsigned bits; ///< of 128

    bool holds(const Address& other) const;
};

/// Reads ADDRESS or ADDRESS/BITS, where 10.0.0.0/8 is ::ffff:10.0.0.0/104.
std::optional<Network> parse_network(std::string_view text);

} // namespace ctrack::query::filter

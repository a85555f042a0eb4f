// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ctrack::query::filter {

/// An IPv6 address, or an IPv4 address as ::ffff:a.b.c.d, in network byte order.
using Address = std::array<std::uint8_t, 16>;

/// Reads 10.0.0.1, ::1 or ::ffff:10.0.0.1. The first and the last are the same address.
std::optional<Address> parse_address(std::string_view text);

/// The text of an address in a ctrack file: dotted IPv4, or IPv6 as in RFC 5952.
std::string address_text(const Address& address);

/// All addresses whose first bits are those of `address`.
struct Network {
    Address address;
    unsigned bits; ///< how many of the 128 bits count

    bool holds(const Address& other) const;
};

/// Reads ADDRESS or ADDRESS/BITS. The network 10.0.0.0/8 becomes ::ffff:10.0.0.0/104.
std::optional<Network> parse_network(std::string_view text);

} // namespace ctrack::query::filter

// SPDX-License-Identifier: Apache-2.0
#include "query/filter/network.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

#include "query/filter/numbers.h"

namespace ctrack::query::filter {

namespace {

constexpr Address mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr std::size_t ipv4_offset = 12;
constexpr unsigned mapped_bits = 96;

bool is_ipv4(const Address& address) {
    return std::equal(mapped.begin(), mapped.begin() + ipv4_offset, address.begin());
}

} // namespace

std::optional<Address> parse_address(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> copy{}; // inet_pton wants a zero at the end
    if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::copy(text.begin(), text.end(), copy.begin());
    Address address = mapped;
    if (inet_pton(AF_INET, copy.data(), address.data() + ipv4_offset) == 1)
        return address;
    if (inet_pton(AF_INET6, copy.data(), address.data()) == 1)
        return address;
    return std::nullopt;
}

std::string address_text(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_ipv4(address))
        inet_ntop(AF_INET, address.data() + ipv4_offset, text.data(), text.size());
    else
        inet_ntop(AF_INET6, address.data(), text.data(), text.size());
    return text.data();
}

bool Network::holds(const Address& other) const {
    const std::size_t whole = bits / 8;
    if (std::memcmp(address.data(), other.data(), whole) != 0)
        return false;
    const unsigned rest = bits % 8;
    return rest == 0 || (address[whole] ^ other[whole]) >> (8 - rest) == 0;
}

std::optional<Network> parse_network(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address)
        return std::nullopt;
    if (slash == std::string_view::npos)
        return Network{*address, 128};
    // Bits behind an address with a colon are those of IPv6: ::ffff:0:0/96 is all of IPv4.
    const unsigned before =
        text.substr(0, slash).find(':') == std::string_view::npos ? mapped_bits : 0;
    const auto bits = parse_integer(text.substr(slash + 1));
    if (!bits || *bits < 0 || *bits > 128 - before)
        return std::nullopt;
    return Network{*address, static_cast<unsigned>(*bits) + before};
}

} // namespace ctrack::query::filter

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstring>
#include <string_view>

#include <netinet/in.h>

namespace ctrack {

/// As in ctrack_summary: IPv4 as ::ffff:a.b.c.d.
using Address = unsigned char[16];

bool is_ipv4(const Address& address);

/// False before TCP chose one: 0.0.0.0 or ::.
bool is_chosen(const Address& address);

/// Bytes -> text; IPv4-mapped addresses as IPv4, IPv6 as in RFC 5952. Keeps the last one: the
/// same address comes over and over.
class AddressText {
public:
    AddressText();

    /// Valid until the next call.
    std::string_view of(const Address& address) {
        if (std::memcmp(address, address_, sizeof address_) != 0)
            make(address);
        return {text_.data(), length_};
    }

private:
    void make(const Address& address);

    Address address_;
    std::array<char, INET6_ADDRSTRLEN> text_;
    std::size_t length_;
};

} // namespace ctrack

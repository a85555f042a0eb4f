// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include <netinet/in.h>

namespace ctrack {

/// An address as ctrack_summary has it: IPv4 as ::ffff:a.b.c.d.
using Address = unsigned char[16];

bool is_ipv4(const Address& address);

/// True for 127.0.0.0/8 and ::1, which never leave their network namespace.
bool is_loopback(const Address& address);

/// False for 0.0.0.0 and ::, which sockets have before TCP has chosen an address.
bool is_chosen(const Address& address);

/// Reads what AddressText writes; all 0 if it is no address.
std::array<unsigned char, 16> address_from(const std::string& text);

/// Writes addresses as text: IPv4 in four numbers, IPv6 as RFC 5952 has it. It keeps the last text,
/// because the same address comes over and over.
class AddressText {
public:
    AddressText();

    /// The text is valid until the next call.
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

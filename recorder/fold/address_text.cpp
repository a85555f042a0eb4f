// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/address_text.h"

#include <charconv>

#include <arpa/inet.h>

namespace ctrack {

namespace {

in6_addr in6_of(const Address& address) {
    in6_addr in6;
    std::memcpy(&in6, address, sizeof in6);
    return in6;
}

// inet_ntop() formats by printf(), which takes ten times as long.
char* write_ipv4(const unsigned char* bytes, char* out) {
    for (int i = 0; i < 4; ++i) {
        if (i > 0)
            *out++ = '.';
        out = std::to_chars(out, out + 3, unsigned{bytes[i]}).ptr;
    }
    return out;
}

} // namespace

bool is_ipv4(const Address& address) {
    const in6_addr in6 = in6_of(address);
    return IN6_IS_ADDR_V4MAPPED(&in6);
}

bool is_loopback(const Address& address) {
    const in6_addr in6 = in6_of(address);
    return IN6_IS_ADDR_LOOPBACK(&in6) || (is_ipv4(address) && address[12] == 127);
}

bool is_chosen(const Address& address) {
    const in6_addr in6 = in6_of(address);
    return !IN6_IS_ADDR_UNSPECIFIED(&in6) && (!is_ipv4(address) || in6.s6_addr32[3]);
}

AddressText::AddressText() { make(Address{}); }

void AddressText::make(const Address& address) {
    std::memcpy(address_, address, sizeof address_);
    if (is_ipv4(address)) {
        length_ = static_cast<std::size_t>(write_ipv4(address + 12, text_.data()) - text_.data());
    } else {
        inet_ntop(AF_INET6, address, text_.data(), text_.size());
        length_ = std::strlen(text_.data());
    }
}

std::array<unsigned char, 16> address_from(const std::string& text) {
    std::array<unsigned char, 16> address{};
    const bool is_ipv4 = !text.empty() && text.find(':') == std::string::npos;
    inet_pton(AF_INET6, is_ipv4 ? ("::ffff:" + text).c_str() : text.c_str(), address.data());
    return address;
}

} // namespace ctrack

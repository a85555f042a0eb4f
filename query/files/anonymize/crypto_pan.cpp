// SPDX-License-Identifier: Apache-2.0
#include "query/files/anonymize/crypto_pan.h"

#include <algorithm>

#include <arpa/inet.h>

namespace ctrack::query::anonymize {

namespace {

// Bit i, where bit 0 is the highest one of the first byte.
bool bit(std::span<const std::uint8_t> bytes, std::size_t i) {
    return (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
}

void set_bit(std::span<std::uint8_t> bytes, std::size_t i, bool value) {
    const auto mask = static_cast<std::uint8_t>(1 << (7 - i % 8));
    bytes[i / 8] = static_cast<std::uint8_t>(value ? bytes[i / 8] | mask : bytes[i / 8] & ~mask);
}

} // namespace

CryptoPan::CryptoPan(const Key& key) {
    aes128_set_encrypt_key(&aes_, key.data());
    std::copy_n(key.begin() + AES128_KEY_SIZE, padding_.size(), padding_.begin());
    padding_ = encrypt(padding_);
}

CryptoPan::Block CryptoPan::encrypt(const Block& block) const {
    Block result;
    aes128_encrypt(&aes_, result.size(), result.data(), block.data());
    return result;
}

void CryptoPan::map(std::span<std::uint8_t> address) const {
    // Each bit is flipped if the first bit of a cipher is 1: that of the bits before it, with the
    // padding behind them.
    Block input = padding_;
    std::array<std::uint8_t, 16> original{};
    std::copy(address.begin(), address.end(), original.begin());
    for (std::size_t i = 0; i < address.size() * 8; ++i) {
        set_bit(address, i, bit(original, i) != bit(encrypt(input), 0));
        set_bit(input, i, bit(original, i));
    }
}

std::string CryptoPan::map(const std::string& address) const {
    std::array<std::uint8_t, 16> bytes;
    const bool is_ipv6 = address.find(':') != std::string::npos;
    const int family = is_ipv6 ? AF_INET6 : AF_INET;
    if (inet_pton(family, address.c_str(), bytes.data()) != 1)
        return address;
    map(std::span(bytes).first(is_ipv6 ? 16 : 4));
    std::array<char, INET6_ADDRSTRLEN> text;
    return inet_ntop(family, bytes.data(), text.data(), text.size());
}

} // namespace ctrack::query::anonymize

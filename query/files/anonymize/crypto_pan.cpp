// SPDX-License-Identifier: Apache-2.0
#include "query/files/anonymize/crypto_pan.h"

#include <algorithm>

#include <arpa/inet.h>

namespace ctrack::query::anonymize {

namespace {

// Bit i, where bit 0 is the highest one of the first byte.
std::uint8_t mask(std::size_t i) { return static_cast<std::uint8_t>(0x80U >> i % 8); }

bool bit(const CryptoPan::Block& bytes, std::size_t i) { return (bytes[i / 8] & mask(i)) != 0; }

void flip(CryptoPan::Block& bytes, std::size_t i) { bytes[i / 8] ^= mask(i); }

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

// Each bit is flipped if the first bit of a cipher is 1: that of the bits before it, with the
// padding behind them.
std::optional<std::string> CryptoPan::map(const std::string& address) const {
    const bool is_ipv6 = address.find(':') != std::string::npos;
    const int family = is_ipv6 ? AF_INET6 : AF_INET;
    Block bytes{};
    if (inet_pton(family, address.c_str(), bytes.data()) != 1)
        return std::nullopt;
    const Block original = bytes;
    Block input = padding_;
    for (std::size_t i = 0; i < (is_ipv6 ? 128 : 32); ++i) {
        if (bit(encrypt(input), 0))
            flip(bytes, i);
        if (bit(input, i) != bit(original, i))
            flip(input, i);
    }
    std::array<char, INET6_ADDRSTRLEN> text;
    return std::string(inet_ntop(family, bytes.data(), text.data(), text.size()));
}

} // namespace ctrack::query::anonymize

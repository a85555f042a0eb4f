// SPDX-License-Identifier: Apache-2.0
//
// Crypto-PAn (Xu, Fan, Ammar, Moon, 2002): addresses that share the first n bits do so
// afterwards, and no others do. IPv6 is done the same way over 128 bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include <nettle/aes.h>

namespace ctrack::query::anonymize {

class CryptoPan {
public:
    using Key = std::array<std::uint8_t, 32>; ///< of AES, then what the padding is made of

    explicit CryptoPan(const Key& key);

    /// The address, of 4 or 16 bytes, in place.
    void map(std::span<std::uint8_t> address) const;

    /// An address as text, in the form of inet_ntop. What is no address stays as it is.
    std::string map(const std::string& address) const;

private:
    using Block = std::array<std::uint8_t, AES_BLOCK_SIZE>;

    Block encrypt(const Block& block) const;

    aes128_ctx aes_;
    Block padding_;
};

} // namespace ctrack::query::anonymize

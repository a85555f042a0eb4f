// SPDX-License-Identifier: Apache-2.0
//
// Crypto-PAn (Xu, Fan, Ammar, Moon, 2002) replaces addresses so that two of them share their first
// n bits afterwards exactly if they did before. IPv6 is done the same way over 128 bits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <nettle/aes.h>

namespace ctrack::query::anonymize {

class CryptoPan {
public:
    using Key = std::array<std::uint8_t, 32>; ///< 16 bytes for AES, 16 to make the padding of
    using Block = std::array<std::uint8_t, AES_BLOCK_SIZE>;

    explicit CryptoPan(const Key& key);

    /// Returns the new address as text, in the form of inet_ntop; nullopt for a text that is no
    /// address.
    std::optional<std::string> map(const std::string& address) const;

private:
    Block encrypt(const Block& block) const;

    aes128_ctx aes_;
    Block padding_;
};

} // namespace ctrack::query::anonymize

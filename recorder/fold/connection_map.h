// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>

namespace ctrack {

/// Names a connection. The same socket, with the same cookie, can make several connections in turn;
/// their generations are 1, 2, ...
struct ConnectionKey {
    std::uint64_t cookie;
    std::uint32_t generation;

    auto operator<=>(const ConnectionKey&) const = default;
};

/// Connections by their keys. It remembers those that were found last, because the records of one
/// connection mostly come close together.
template <class Connection> class ConnectionMap {
public:
    /// The connection with this key, and whether it is new.
    std::pair<Connection&, bool> find_or_add(const ConnectionKey& key) {
        Recent& recent = recent_of(key);
        if (recent.connection && recent.key == key)
            return {*recent.connection, false};
        auto [it, added] = connections_.try_emplace(key);
        recent = {key, &it->second};
        return {it->second, added};
    }

    /// The connection with this key, or nullptr.
    Connection* find(const ConnectionKey& key) {
        const auto found = connections_.find(key);
        return found == connections_.end() ? nullptr : &found->second;
    }

    void erase(const ConnectionKey& key) {
        recent_of(key) = {};
        connections_.erase(key);
    }

    auto begin() { return connections_.begin(); }
    auto end() { return connections_.end(); }

private:
    struct Hash {
        std::size_t operator()(const ConnectionKey& key) const {
            return std::hash<std::uint64_t>{}(key.cookie * 31 + key.generation);
        }
    };
    struct Recent {
        ConnectionKey key;
        Connection* connection;
    };

    Recent& recent_of(const ConnectionKey& key) { return recent_[key.cookie % recent_.size()]; }

    std::unordered_map<ConnectionKey, Connection, Hash> connections_;
    std::array<Recent, 16> recent_{};
};

} // namespace ctrack

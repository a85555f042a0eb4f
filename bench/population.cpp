// SPDX-License-Identifier: Apache-2.0
#include "bench/population.h"

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace ctrack::bench {

namespace {

constexpr std::uint64_t owner_count = 400;
constexpr std::uint64_t first_cgroup = 4000;

constexpr std::array<Program, 16> programs{{{"nginx", true, 443, 20'000},
                                            {"app-server", false, 5432, 4},
                                            {"postgres", true, 5432, 40},
                                            {"haproxy", false, 8080, 30},
                                            {"curl", false, 443, 500},
                                            {"redis-server", true, 6379, 40},
                                            {"worker", false, 6379, 4},
                                            {"java", true, 8080, 5'000},
                                            {"node", true, 3000, 20'000},
                                            {"python3", false, 443, 200},
                                            {"sshd", true, 22, 300},
                                            {"prometheus", false, 9100, 100},
                                            {"node_exporter", true, 9100, 3},
                                            {"dockerd", false, 443, 10},
                                            {"git-remote-http", false, 443, 10},
                                            {"backup", false, 22, 20}}};

Owner make_owner(std::uint64_t number) {
    const Program& program = programs[number % programs.size()];
    ctrack_owner owner{};
    owner.pid = static_cast<std::uint32_t>(1000 + number * 7);
    owner.start_boottime_ns = (10 + number) * 1'000'000'000;
    std::strcpy(owner.comm, program.comm);
    return {program,
            {owner, fmt::format("/usr/bin/{}", program.comm),
             fmt::format("{} --instance {}", program.comm, number), program.server ? 0 : 1000, 1},
            first_cgroup + number % programs.size()};
}

void set_address(unsigned char (&address)[16], const std::string& text) {
    inet_pton(AF_INET6, text.c_str(), address);
}

// The busiest peer is this host itself; one in six has an IPv6 address.
std::string peer_address(std::uint64_t rank) {
    const std::uint64_t hash = mix(rank);
    if (rank == 0)
        return "::ffff:127.0.0.1";
    if (hash % 6 == 0)
        return fmt::format("2001:db8:{:x}::{:x}", hash >> 8 & 0xffff, hash >> 24 & 0xffff);
    return fmt::format("::ffff:{}.{}.{}.{}", rank % 3 ? 10 : 198, hash >> 8 & 255, hash >> 16 & 255,
                       1 + (hash >> 24) % 254);
}

const char* local_address(const std::string& peer) {
    if (peer == "::ffff:127.0.0.1")
        return "::ffff:127.0.0.1";
    return peer.starts_with("::ffff:") ? "::ffff:10.20.30.40" : "2001:db8::40";
}

double typical_rtt_us(std::uint64_t rank) {
    return rank == 0 ? 25 : Random(rank).log_normal(2000, 2);
}

} // namespace

Population::Population() {
    for (std::uint64_t number = 0; number < owner_count; ++number)
        owners_.push_back(make_owner(number));
}

std::vector<CgroupRow> Population::cgroups() const {
    std::vector<CgroupRow> rows;
    for (std::uint64_t number = 0; number < programs.size(); ++number)
        rows.push_back({first_cgroup + number,
                        fmt::format("/system.slice/{}.service", programs[number].comm)});
    return rows;
}

const Owner& Population::owner_of_next(Random& random) const {
    return owners_[random.rank(owners_.size())];
}

double Population::choose_peer(Random& random, const Owner& owner, ctrack_summary& summary) const {
    const std::uint64_t rank = random.rank(owner.program.peers);
    const std::string peer = peer_address(rank);
    const auto ephemeral = static_cast<std::uint16_t>(32768 + random.below(28232));
    set_address(summary.peer_address, peer);
    set_address(summary.local_address, local_address(peer));
    summary.local_port = owner.program.server ? owner.program.port : ephemeral;
    summary.peer_port = owner.program.server ? ephemeral : owner.program.port;
    return typical_rtt_us(rank);
}

} // namespace ctrack::bench

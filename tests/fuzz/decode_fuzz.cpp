// SPDX-License-Identifier: Apache-2.0
//
// Arbitrary bytes through decode and the connection table. An input is a row of
// records, each after one byte that says which ring it comes from and how long
// it is; the table's own promises are checked at the end.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "recorder/fold/connection_table.h"
#include "recorder/fold/decode.h"
#include "recorder/fold/tcp_state.h"

using namespace ctrack;

namespace {

using Bytes = std::span<const std::byte>;

void require(bool condition) {
    if (!condition)
        std::abort();
}

Bytes take(Bytes& bytes, std::size_t size) {
    const Bytes front = bytes.first(std::min(size, bytes.size()));
    bytes = bytes.subspan(front.size());
    return front;
}

std::size_t length_of(unsigned selector) {
    if (selector & 4)
        return selector >> 3; // of no record
    return selector & 2 ? sizeof(ctrack_summary) : sizeof(ctrack_event);
}

void check(const ctrack_event& event) {
    require(event.cookie != 0);
    require((event.generation == 0) == (event.kind == CTRACK_ATTEMPT)); // which is no connection
    require(event.old_state >= tcp_first_state && event.old_state <= tcp_last_state);
    require(event.new_state >= tcp_first_state && event.new_state <= tcp_last_state);
}

void feed(ConnectionTable& table, bool sample_ring, Bytes record) {
    if (sample_ring) {
        if (const auto sample = decode_rtt(record))
            table.apply(*sample);
        return;
    }
    const auto decoded = decode_lifecycle(record);
    if (!decoded)
        return;
    if (const auto* summary = std::get_if<ctrack_summary>(&*decoded))
        check(summary->event);
    else if (const auto* event = std::get_if<ctrack_event>(&*decoded))
        check(*event);
    table.apply(*decoded);
}

void check(const Batch& batch, std::int64_t next_id) {
    for (const auto& row : batch.connections) {
        require(row.id >= 1 && row.id < next_id);
        require(row.closed_us.has_value() == (row.ending.outcome != Outcome::open));
    }
    for (const auto& event : batch.events)
        require(event.connection_id >= 1 && event.connection_id < next_id);
    for (const auto& sample : batch.rtt_samples)
        require(sample.connection_id >= 1 && sample.connection_id < next_id);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ConnectionTable table({.connection = 1, .listener = 1}, 0);
    Bytes bytes = std::as_bytes(std::span(data, size));
    while (!bytes.empty()) {
        const auto selector = static_cast<unsigned>(take(bytes, 1)[0]);
        feed(table, selector & 1, take(bytes, length_of(selector)));
        if (selector == 255)
            check(table.take(), table.next_id());
        if (selector == 254)
            table.samples_read();
        if (selector == 253)
            table.begin_walk();
        if (selector == 252)
            table.end_walk();
    }
    check(table.take(), table.next_id());
    return 0;
}

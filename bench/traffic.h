// SPDX-License-Identifier: Apache-2.0
//
// A day of traffic, as the batches that a recorder would hand to its writer: the
// same for the same shape on every machine.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "bench/population.h"
#include "bench/random.h"
#include "recorder/fold/batch.h"

namespace ctrack::bench {

struct Shape {
    std::int64_t connections;
    std::int64_t samples; ///< about this many: each connection has its share by chance
    std::int64_t seconds = 86'400;
    std::uint64_t seed = 1;
    bool events = true;
    bool losses = true;
    double duration_median_us = 50'000;
    std::int64_t busy = 0; ///< of the connections: open all day, and each moves some in each second
};

class Traffic {
public:
    explicit Traffic(const Shape& shape);

    /// What was committed at the end of the next second; nothing after the last.
    std::optional<Batch> next();

    static constexpr std::int64_t begin_us = 1'760'000'000'000'000; // in October 2025
    std::int64_t now_us() const { return begin_us + second_ * 1'000'000; }

private:
    struct Flow {
        ConnectionRow row;
        std::int64_t close_us;
        Ending ending;
        std::uint32_t error;
        double rtt_us;
        std::int64_t samples, taken;
        std::uint32_t sample_slot;
    };

    std::int64_t opened_until(std::int64_t second) const;
    void open_flow(Batch& batch, std::int64_t opened_us);
    void describe(Flow& flow, const Owner& owner);
    void decide_end(Flow& flow);
    void advance(Batch& batch, std::size_t slot);
    void keep_busy(std::size_t slot);
    void move_some(Batch& batch);
    void take_samples(Batch& batch, Flow& flow);
    void close(Batch& batch, Flow& flow);
    void hold_up(Flow& flow);
    void add_event(Batch& batch, const Flow& flow, std::int64_t time_us, ctrack_kind kind,
                   unsigned old_state, unsigned new_state, std::int64_t value = 0) const;
    void wait(std::size_t slot);
    void lose_some(Batch& batch);
    std::size_t free_slot();

    Shape shape_;
    Random random_;
    Population population_;
    std::int64_t second_ = 0;
    std::int64_t opened_ = 0;
    std::deque<Flow> flows_; ///< stay where they are, as tally_ asks for
    SampleTally tally_;
    std::vector<std::size_t> free_;
    std::vector<std::size_t> busy_;
    std::vector<std::size_t> closed_; ///< in this second: free once its samples are counted
    std::vector<std::vector<std::size_t>> waiting_; ///< by second: slots of flows_ to advance
};

} // namespace ctrack::bench

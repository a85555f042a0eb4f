// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace ctrack {

/// due() is true once in each interval, however late it is asked.
class Ticker {
public:
    using Time = std::chrono::steady_clock::time_point;
    using milliseconds = std::chrono::milliseconds;

    Ticker(Time start, milliseconds interval) : next_(start + interval), interval_(interval) {}

    bool due(Time now) {
        if (now < next_)
            return false;
        next_ = std::max(next_ + interval_, now);
        return true;
    }

    /// Changes the interval, also the one that has begun.
    void set_interval(milliseconds interval) {
        next_ += interval - interval_;
        interval_ = interval;
    }

    milliseconds left(Time now) const {
        const auto left = std::chrono::duration_cast<milliseconds>(next_ - now);
        return std::max(left + milliseconds(1), milliseconds(0));
    }

private:
    Time next_;
    milliseconds interval_;
};

} // namespace ctrack

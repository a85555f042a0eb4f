// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/file_descriptor.h"

namespace ctrack {

/// Tells the service manager that the recorder lives, as long as its loop goes round or waits for
/// the disk. A commit can wait for a disk for minutes, and who ends the recorder then loses what
/// waits in memory, while a new recorder would wait for the same disk. The loop cannot say so
/// itself, because it hangs in the system call; so a thread looks at what the kernel says of it.
/// There is no thread where nobody watches.
class LoopWatch {
public:
    /// To be made by the thread whose loop is watched.
    LoopWatch();
    ~LoopWatch();

    void came_round() { moved_.store(true, std::memory_order_relaxed); }

private:
    using milliseconds = std::chrono::milliseconds;

    void run(const std::stop_token& stop, milliseconds period);
    void look(milliseconds since_last_look);
    bool waits_for_disk() const;

    FileDescriptor state_; ///< /proc/PID/task/TID/stat of the loop's thread
    std::atomic<bool> moved_{true};
    milliseconds standing_{0}; ///< for how long the loop waits for the disk; of our thread only
    std::mutex mutex_;
    std::condition_variable_any wakeup_;
    std::jthread thread_; ///< the last member, so that it ends first
};

} // namespace ctrack

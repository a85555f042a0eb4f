// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/ring_reader.h"

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "tests/catch.h"
#include <linux/bpf.h>

using namespace ctrack;

namespace {

// Writes as the kernel does (kernel/bpf/ringbuf.c).
class Kernel {
public:
    static constexpr std::uint32_t bytes = 512;

    RingMemory memory() {
        return {&consumer_, &producer_, reinterpret_cast<std::byte*>(records_.data()), bytes};
    }

    /// Gives the place of its header.
    std::uint64_t write(std::string_view record, std::uint32_t flags = 0) {
        const std::uint64_t begin = producer_;
        put(begin, static_cast<std::uint32_t>(record.size()) | flags);
        for (std::size_t i = 0; i < record.size(); ++i)
            put_byte(begin + BPF_RINGBUF_HDR_SZ + i, record[i]);
        producer_ += BPF_RINGBUF_HDR_SZ + (record.size() + 7) / 8 * 8;
        return begin;
    }

    void put(std::uint64_t position, std::uint32_t header) {
        for (std::size_t i = 0; i < sizeof header; ++i)
            put_byte(position + i, reinterpret_cast<const char*>(&header)[i]);
    }

    std::uint64_t released() const { return consumer_; }

private:
    // The memory is mapped twice: what is behind the end is at the beginning too.
    void put_byte(std::uint64_t position, char byte) {
        const std::size_t place = position % bytes;
        reinterpret_cast<char*>(records_.data())[place] = byte;
        reinterpret_cast<char*>(records_.data())[place + bytes] = byte;
    }

    __u64 consumer_ = 0;
    __u64 producer_ = 0;
    std::array<std::uint64_t, 2 * bytes / 8> records_{};
};

std::string text(std::span<const std::byte> record) {
    return {reinterpret_cast<const char*>(record.data()), record.size()};
}

} // namespace

TEST_CASE("ring: records in their order, as many as were there") {
    Kernel kernel;
    RingReader ring(kernel.memory());
    CHECK(ring.front().empty());
    kernel.write("one");
    kernel.write("the second");
    CHECK(ring.front().empty()); // not looked
    ring.look();
    kernel.write("later");
    CHECK(text(ring.front()) == "one");
    CHECK(text(ring.front()) == "one");
    ring.pop();
    CHECK(text(ring.front()) == "the second");
    ring.pop();
    CHECK(ring.front().empty());
    CHECK(ring.read() < ring.written());
    ring.look();
    CHECK(text(ring.front()) == "later");
}

TEST_CASE("ring: what is being written is waited for, what is discarded passed over") {
    Kernel kernel;
    RingReader ring(kernel.memory());
    kernel.write("nothing", BPF_RINGBUF_DISCARD_BIT);
    const auto busy = kernel.write("busy", BPF_RINGBUF_BUSY_BIT);
    kernel.write("behind");
    ring.look();
    CHECK(ring.front().empty());
    CHECK(ring.read() == busy);
    kernel.put(busy, 4);
    CHECK(text(ring.front()) == "busy");
    ring.pop();
    CHECK(text(ring.front()) == "behind");
}

TEST_CASE("ring: goes round, and gives room back") {
    Kernel kernel;
    RingReader ring(kernel.memory());
    for (int number = 0; number < 100; ++number) {
        const std::string record(1 + number % 60, static_cast<char>('a' + number % 26));
        kernel.write(record);
        ring.look();
        REQUIRE(text(ring.front()) == record);
        ring.pop();
        ring.release();
        REQUIRE(kernel.released() == ring.written());
    }
}

TEST_CASE("ring: much that is read is given back at once, little is not") {
    Kernel kernel;
    RingReader ring(kernel.memory());
    kernel.write("x");
    kernel.write("eight by");
    ring.look();
    (void)ring.front();
    ring.pop();
    CHECK(kernel.released() == 0);
    (void)ring.front();
    ring.pop();
    CHECK(kernel.released() == ring.read());
}

// SPDX-License-Identifier: Apache-2.0
//
// A program that runs over all objects of a kind. Part of the probe: knows libbpf.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>

#include <sys/types.h>

#include "recorder/bpf_link.h"

namespace ctrack {

class BpfIterator {
public:
    /// map: whose elements it goes over, if it does. Throws Error.
    explicit BpfIterator(const bpf_program* program, const bpf_map* map = nullptr);

    /// Runs it by reading its file, which is a row of records, and hands each to the
    /// function. How many there were. Throws Error.
    template <class Record, class Function> std::size_t run(const Function& function) const;

private:
    FileDescriptor open() const;
    static std::size_t read_some(const FileDescriptor& file, std::byte* to, std::size_t most);

    Link link_;
};

template <class Record, class Function>
std::size_t BpfIterator::run(const Function& function) const {
    const FileDescriptor file = open();
    std::array<std::byte, 64 << 10> buffer;
    std::size_t held = 0; // of a record that a read cut in two
    std::size_t records = 0;
    while (const auto got = read_some(file, buffer.data() + held, buffer.size() - held)) {
        held += got;
        std::size_t done = 0;
        for (Record record; held - done >= sizeof record; done += sizeof record, ++records) {
            std::memcpy(&record, buffer.data() + done, sizeof record);
            function(record);
        }
        std::memmove(buffer.data(), buffer.data() + done, held -= done);
    }
    return records;
}

} // namespace ctrack

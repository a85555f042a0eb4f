// SPDX-License-Identifier: Apache-2.0
//
// Runs a BPF program over all objects of a kind. This file knows libbpf.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include "common/file_descriptor.h"
#include "recorder/kernel/bpf_link.h"

namespace ctrack {

class BpfIterator {
public:
    /// A program that runs over the elements of a map needs that map. Throws Error.
    explicit BpfIterator(const bpf_program* program, const bpf_map* map = nullptr);

    /// Runs the program by reading its file, and hands each record to the function. When the
    /// function returns false, the rest of the records that were read at once are handed over too,
    /// because the program does not give them again. Returns how many there were. Throws Error.
    template <class Record, class Function> std::size_t run(const Function& function) const;

    /// The same for records of several sizes: size_of(bytes) is that of the record with which the
    /// bytes begin.
    template <class SizeOf, class Function>
    std::size_t run(const SizeOf& size_of, const Function& function) const;

private:
    FileDescriptor open() const;
    static std::size_t kernel_buffer_bytes();
    static std::size_t read_some(const FileDescriptor& file, std::span<std::byte> to);

    Link link_;
};

template <class SizeOf, class Function>
std::size_t BpfIterator::run(const SizeOf& size_of, const Function& function) const {
    const FileDescriptor file = open();
    std::vector<std::byte> buffer(kernel_buffer_bytes());
    std::size_t records = 0;
    bool go_on = true;
    while (go_on) {
        std::span<const std::byte> left(buffer.data(), read_some(file, buffer));
        if (left.empty())
            break;
        for (; !left.empty(); ++records) {
            const std::size_t size = std::min(size_of(left), left.size());
            go_on = function(left.first(size)) && go_on;
            left = left.subspan(size);
        }
    }
    return records;
}

template <class Record, class Function>
std::size_t BpfIterator::run(const Function& function) const {
    return run([](std::span<const std::byte>) { return sizeof(Record); },
               [&](std::span<const std::byte> bytes) {
                   Record record{};
                   std::memcpy(&record, bytes.data(), bytes.size());
                   return function(record);
               });
}

} // namespace ctrack

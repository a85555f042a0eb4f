// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/bpf_iterator.h"

#include <cerrno>

#include <unistd.h>

#include <bpf/bpf.h>
#include <fmt/format.h>

#include "common/error.h"
#include "recorder/kernel/ring_layout.h"

namespace ctrack {

BpfIterator::BpfIterator(const bpf_program* program, const bpf_map* map) {
    bpf_iter_link_info info{};
    info.map.map_fd = map ? static_cast<__u32>(bpf_map__fd(map)) : 0;
    LIBBPF_OPTS(bpf_iter_attach_opts, options);
    options.link_info = map ? &info : nullptr;
    options.link_info_len = map ? sizeof info : 0;
    link_.reset(bpf_program__attach_iter(program, &options));
    if (!link_)
        throw Error(fmt::format("cannot attach the iterator {}: {}", bpf_program__name(program),
                                std::strerror(errno)));
}

FileDescriptor BpfIterator::open() const {
    FileDescriptor file(bpf_iter_create(bpf_link__fd(link_.get())));
    if (!file.valid())
        throw Error(fmt::format("cannot run an iterator: {}", std::strerror(errno)));
    return file;
}

// The size of the buffer of the kernel. A read of this size gets whole records, and leaves none of
// them behind.
std::size_t BpfIterator::kernel_buffer_bytes() { return 8 * page_bytes(); }

// Returns how many bytes were read; 0 at the end.
std::size_t BpfIterator::read_some(const FileDescriptor& file, std::span<std::byte> to) {
    for (;;) {
        const ssize_t got = read(file.get(), to.data(), to.size());
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (errno != EAGAIN && errno != EINTR)
            throw Error(fmt::format("cannot read from an iterator: {}", std::strerror(errno)));
    }
}

} // namespace ctrack

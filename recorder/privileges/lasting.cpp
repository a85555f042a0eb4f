// SPDX-License-Identifier: Apache-2.0
#include "recorder/privileges/lasting.h"

#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <linux/capability.h>
#include <unistd.h>

#include "recorder/privileges/capabilities.h"
#include "recorder/privileges/system_calls.h"

namespace ctrack {

namespace {

std::vector<int> lasting(bool enters_namespaces) {
    std::vector<int> numbers;
    for (const Capability& capability : capabilities())
        if (capability.keeps == Keeps::always)
            numbers.push_back(capability.number);
    if (enters_namespaces)
        numbers.push_back(CAP_SYS_ADMIN);
    return numbers;
}

// Root may be told to record into a folder of somebody else, which it could not do without its
// privilege.
bool may_write_to(const std::string& folder) {
    return faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0 || errno != EACCES;
}

} // namespace

// Before Linux 5.19, each call about a program or a map takes CAP_BPF.
bool keep_what_lasts(const LastingNeeds& needs) {
    std::vector<int> kept = lasting(needs.enters_namespaces);
    if (!works_with(kept, needs.reads_programs))
        kept.push_back(CAP_BPF);
    if (!works_with(kept, [&] { return may_write_to(needs.folder); }))
        kept.push_back(CAP_DAC_OVERRIDE);
    keep_capabilities(kept);
    return filter_system_calls();
}

} // namespace ctrack

// SPDX-License-Identifier: Apache-2.0
//
// The recorder's part of bpf/suspects.h, which explains what task work is for, what it gains and
// how to remove it: the program calls a function of the kernel whose number differs from kernel to
// kernel, and this puts the number in. This file knows libbpf.
#pragma once

struct bpf_program;

namespace ctrack {

/// True if the kernel has the function (Linux 6.18).
bool kernel_has_task_work();

/// Puts the number of the function into a program that is not yet loaded.
void put_in_task_work(bpf_program* program);

} // namespace ctrack

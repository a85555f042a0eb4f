// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/task_work.h"

#include <vector>

#include <linux/bpf.h>

#include <bpf/libbpf.h>

#include "bpf/ctrack_event.h"

namespace ctrack {

namespace {

// Returns the number of the kernel's function, or a number below 1 if the kernel has none.
int find_call_at_return() {
    constexpr auto name_later = "bpf_task_work_schedule_resume"; // takes one argument less
    constexpr auto name_in_6_18 = "bpf_task_work_schedule_resume_impl";
    const int number = libbpf_find_vmlinux_btf_id(name_later, BPF_TRACE_FENTRY);
    return number > 0 ? number : libbpf_find_vmlinux_btf_id(name_in_6_18, BPF_TRACE_FENTRY);
}

bool is_placeholder(const bpf_insn& instruction) {
    return instruction.code == (BPF_JMP | BPF_CALL) && instruction.src_reg == 0 &&
           instruction.imm == CTRACK_CALL_AT_RETURN;
}

} // namespace

bool kernel_has_task_work() { return find_call_at_return() > 0; }

void put_in_task_work(bpf_program* program) {
    const bpf_insn* first = bpf_program__insns(program);
    std::vector<bpf_insn> instructions(first, first + bpf_program__insn_cnt(program));
    for (bpf_insn& instruction : instructions)
        if (is_placeholder(instruction)) {
            instruction.src_reg = BPF_PSEUDO_KFUNC_CALL;
            instruction.imm = find_call_at_return();
        }
    bpf_program__set_insns(program, instructions.data(), instructions.size());
}

} // namespace ctrack

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Baselines at the hook: a program that does nothing, and one that only has itself
 * called as often as ctrack's is.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("sockops")
int empty(struct bpf_sock_ops *skops)
{
	return 1;
}

SEC("sockops")
int callbacks(struct bpf_sock_ops *skops)
{
	__u32 wanted = BPF_SOCK_OPS_STATE_CB_FLAG | BPF_SOCK_OPS_RETRANS_CB_FLAG |
		       BPF_SOCK_OPS_RTO_CB_FLAG | BPF_SOCK_OPS_RTT_CB_FLAG;

	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		bpf_sock_ops_cb_flags_set(skops, wanted);
	}
	return 1;
}

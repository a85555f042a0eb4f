/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The kernel's structures, reduced to the fields that this program reads. CO-RE moves each access
 * to the real offset of the field in the running kernel, so the build machine needs neither BTF nor
 * a generated vmlinux.h.
 */
#ifndef CTRACK_KERNEL_TYPES_H
#define CTRACK_KERNEL_TYPES_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct hlist_node {
	struct hlist_node *next;
	struct hlist_node **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct net_device {
	char name[16];
	__u32 ifindex;
	struct hlist_node index_hlist;
};

struct fib_table;

struct netns_ipv4 {
	bool fib_has_custom_rules;
	struct fib_table *fib_main;
};

struct netns_ipv6 {
	bool fib6_has_custom_rules;
};

struct net {
	struct ns_common ns;
	struct hlist_head *dev_index_head; /* its interfaces by number */
	struct netns_ipv4 ipv4;
	struct netns_ipv6 ipv6;
};

struct fib6_result {
	__u32 fib6_flags;
};

struct fib6_table {
	__u32 tb6_id;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct kernfs_node {
	__u64 id;
};

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct bpf_prog;

struct bpf_prog_array_item {
	struct bpf_prog *prog;
};

struct bpf_prog_array {
	struct bpf_prog_array_item items[2]; /* as many as there are, and 0 */
};

enum cgroup_bpf_attach_type {
	CGROUP_INET4_CONNECT,
	CGROUP_INET6_CONNECT,
};

struct cgroup_bpf {
	struct bpf_prog_array *effective[2];
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
	struct cgroup_bpf bpf;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

typedef struct {
	__u32 val;
} kuid_t;

struct in6_addr {
	union {
		__u32 u6_addr32[4];
	} in6_u;
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	__s64 counter;
} atomic64_t;

struct sock_common {
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	__u16 skc_dport; /* network order */
	unsigned short skc_family;
	volatile unsigned char skc_state;
	int skc_bound_dev_if;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	struct hlist_node skc_node; /* pprev is 0 where it is in no table */
	unsigned long skc_flags;
	atomic64_t skc_cookie;
};

struct sock {
	struct sock_common __sk_common;
	atomic_t sk_drops;
	__u32 sk_ack_backlog;     /* of a listener: connections that wait for accept() */
	__u32 sk_max_ack_backlog; /* more than this many and one never wait */
	int sk_err;
	int sk_err_soft; /* what ICMP said since something was acknowledged */
	kuid_t sk_uid;
	__u16 sk_protocol;
	struct sock_cgroup_data sk_cgrp_data;
};

struct inet_sock {
	struct sock sk;
	__u16 inet_sport; /* network order */
};

struct tcp_congestion_ops {
	char name[16];
};

struct tcp_ulp_ops {
	char name[16];
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	const struct tcp_congestion_ops *icsk_ca_ops;
	const struct tcp_ulp_ops *icsk_ulp_ops;
	void *icsk_ulp_data;
	__u8 icsk_ca_state : 5; /* enum tcp_ca_state */
	__u8 icsk_retransmits;
	__u8 icsk_pending; /* which timer is set, or has just run out */
	struct {
		__u8 pending;   /* whether an ACK is to be sent */
		__u32 lrcvtime; /* when data last came, in jiffies */
	} icsk_ack;
};

struct minmax_sample {
	__u32 v;
};

struct minmax {
	struct minmax_sample s[3]; /* the first is the newest extreme */
};

struct tcp_rack {
	__u32 rtt_us;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u64 bytes_sent;
	__u64 bytes_retrans;
	__u64 bytes_acked;
	__u64 bytes_received;
	__u32 snd_una; /* the first byte that is not acknowledged */
	__u32 snd_nxt; /* the first one that was not sent */
	__u32 write_seq; /* the next one that the application may write */
	__u32 rcv_nxt;
	__u32 copied_seq; /* the first byte that the application has not read */
	__u32 segs_in;
	__u32 segs_out;
	__u32 total_retrans;
	__u32 rate_delivered;
	__u32 rate_interval_us;
	__u32 mss_cache;
	__u8 repair : 1; /* TCP_REPAIR: it is taken down without a word to the peer */
	__u64 tcp_clock_cache; /* CLOCK_MONOTONIC when the newest packet came or went */
	__u8 bpf_sock_ops_cb_flags;
	struct tcp_rack rack;
	__u32 srtt_us; /* << 3 */
	__u32 mdev_us; /* << 2 */
	struct minmax rtt_min;
	__u8 chrono_type : 2; /* what it does since chrono_start; 0 = nothing waits to be sent */
	__u32 chrono_start;   /* in jiffies, like the next two */
	__u32 chrono_stat[3]; /* how long it did each, numbered as chrono_type from 1 on */
	__u32 lsndtime;       /* when data was last sent, first or again */
	__u32 dsack_dups;     /* segments of which the peer said that it had them already */
	bool is_mptcp; /* a subflow of Multipath TCP */
};

/* What a subflow of Multipath TCP knows of its connection, in icsk_ulp_data. */
struct mptcp_subflow_context {
	struct sock *conn;
};

struct mptcp_sock {
	struct sock *first; /* the first subflow */
};

struct mm_struct {
	unsigned long start_stack;
	unsigned long arg_start;
	unsigned long arg_end;
	struct file *exe_file;
};

struct css_set {
	struct cgroup *dfl_cgrp; /* the cgroup in cgroup2 */
};

struct cred {
	kuid_t uid;
};

struct fdtable {
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

/* CO-RE ignores what follows ___ in a name. A kernel has the fields of its own architecture. */
struct pt_regs___x86 {
	unsigned long si;
	unsigned long orig_ax;
	unsigned long ax;
	unsigned long di;
};

struct pt_regs___arm64 {
	__u64 regs[31];
	__u64 orig_x0;
	int syscallno;
};

struct task_struct {
	struct files_struct *files;
	struct mm_struct *mm;
	struct task_struct *real_parent;
	const struct cred *real_cred;
	unsigned int flags;
	int pid;
	int tgid;
	__u64 start_boottime;
	__u64 parent_exec_id; /* what self_exec_id of the parent was at the fork */
	__u64 self_exec_id;
	struct css_set *cgroups;
	struct task_struct *group_leader;
	char comm[16];
};

struct file {
	void *private_data;
};

struct socket {
	struct sock *sk;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

/* The arguments of iterator programs. */
struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd __attribute__((aligned(8)));
	struct file *file;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
};

struct bpf_map;

struct bpf_iter__bpf_sk_storage_map {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	struct sock *sk;
	void *value;
};

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

#pragma clang attribute pop

/* Reads memory as a structure of the kernel, wherever that memory is (Linux 6.2). */
extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym __weak;

/* Values that have been the same since long before the oldest kernel we run on. */
#define PF_KTHREAD 0x00200000 /* task_struct.flags: a kernel thread */
#define SOCK_DEAD_BIT 0       /* sock_common.skc_flags: sock_orphan(): no process has it */
#define SOCK_DONE_BIT 1       /* sock_common.skc_flags: tcp_fin() saw the peer's FIN */
#define CA_RECOVERY 3         /* icsk_ca_state: ACKs have told of a loss (TCP_CA_Recovery) */
#define CA_LOSS 4             /* icsk_ca_state: a timeout has passed (TCP_CA_Loss) */
#define ACK_SCHED 1           /* icsk_ack.pending: for data that came (ICSK_ACK_SCHED) */
#define TIME_LOSS_PROBE 5     /* icsk_pending: ICSK_TIME_LOSS_PROBE */
#define SOL_TCP 6
#define TCP_BPF_SOCK_OPS_CB_FLAGS 1008 /* setsockopt from an iterator, since 6.12 */
#define RT_TABLE_LOCAL 255
#define RTF_REJECT 0x0200 /* fib6_result.fib6_flags: no route, or one that says no */
#define PROTOCOL_TCP 6
#define PROTOCOL_MPTCP 262
#define FAMILY_INET 2
#define FAMILY_INET6 10

#endif

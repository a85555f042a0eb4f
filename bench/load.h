/* SPDX-License-Identifier: Apache-2.0
 *
 * What the load programs share: as many processes as CPUs, each on its own, that
 * begin together and tell what they did and the CPU time it took. One JSON line on
 * stdout is the sum over all.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <netinet/in.h>
#include <stdint.h>

struct load {
	int number;        /* of this process: 0, 1, ... */
	double seconds;    /* how long to go on */
	double rate;       /* at most so many rounds a second in this process; 0 = no limit */
	uint64_t rounds;   /* out: connections or round trips */
	uint64_t failures; /* out */
};

/* Runs body in each process; the program's exit code. */
int run_load(int argc, char **argv, void (*body)(struct load *));

double now_s(void);

/* Waits while the rounds are ahead of the rate. False once the seconds are over. */
int go_on(struct load *load, double began_s);

void die(const char *what);

/* A listening socket of 0.0.0.0; its port, in network order. */
int listen_anywhere(in_port_t *port);

#endif

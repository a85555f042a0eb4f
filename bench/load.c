/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PROCESSES = 64 };

/* Shared by all processes. */
struct result {
	struct load load;
	double cpu_s;
	double began_s;
	double ended_s;
};

void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void sleep_s(double seconds)
{
	struct timespec time = {.tv_nsec = seconds * 1e9};

	nanosleep(&time, NULL);
}

int go_on(struct load *load, double began_s)
{
	double elapsed_s;
	double ahead_s;

	if (load->rounds % 16)
		return 1;
	elapsed_s = now_s() - began_s;
	ahead_s = load->rate > 0 ? load->rounds / load->rate - elapsed_s : 0;
	if (ahead_s > 0.0005)
		sleep_s(ahead_s < 0.5 ? ahead_s : 0.5);
	return elapsed_s < load->seconds;
}

int listen_anywhere(in_port_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (void *)&address, length) || listen(fd, 128) ||
	    getsockname(fd, (void *)&address, &length))
		die("listen");
	*port = address.sin_port;
	return fd;
}

static double cpu_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void pin_to(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

static void run_one(struct result *result, int start, void (*body)(struct load *))
{
	char byte;

	pin_to(result->load.number);
	if (read(start, &byte, 1) < 0) /* until the parent closes its end */
		die("read");
	result->began_s = now_s();
	result->cpu_s = -cpu_s();
	body(&result->load);
	result->cpu_s += cpu_s();
	result->ended_s = now_s();
}

static void print_sum(const struct result *results, int processes)
{
	struct result sum = results[0];

	for (int i = 1; i < processes; i++) {
		sum.load.rounds += results[i].load.rounds;
		sum.load.failures += results[i].load.failures;
		sum.cpu_s += results[i].cpu_s;
		sum.ended_s = results[i].ended_s > sum.ended_s ? results[i].ended_s : sum.ended_s;
		sum.began_s = results[i].began_s < sum.began_s ? results[i].began_s : sum.began_s;
	}
	printf("{\"rounds\": %llu, \"failures\": %llu, \"cpu_s\": %.6f, \"seconds\": %.6f}\n",
	       (unsigned long long)sum.load.rounds, (unsigned long long)sum.load.failures,
	       sum.cpu_s, sum.ended_s - sum.began_s);
}

static void start_all(struct result *results, int processes, void (*body)(struct load *))
{
	int start[2];

	if (pipe(start))
		die("pipe");
	for (int i = 0; i < processes; i++) {
		if (fork() != 0)
			continue;
		close(start[1]);
		run_one(&results[i], start[0], body);
		exit(0);
	}
	close(start[0]);
	close(start[1]);
}

int run_load(int argc, char **argv, void (*body)(struct load *))
{
	int processes = sysconf(_SC_NPROCESSORS_ONLN);
	size_t size = MAX_PROCESSES * sizeof(struct result);
	struct result *results =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	if (argc < 2 || results == MAP_FAILED)
		return fprintf(stderr, "usage: %s SECONDS [ROUNDS-PER-SECOND]\n", argv[0]), 2;
	processes = processes > MAX_PROCESSES ? MAX_PROCESSES : processes;
	for (int i = 0; i < processes; i++)
		results[i].load = (struct load){.number = i,
						.seconds = atof(argv[1]),
						.rate = argc > 2 ? atof(argv[2]) / processes : 0};
	start_all(results, processes, body);
	while (wait(&status) > 0)
		if (status)
			return 1;
	print_sum(results, processes);
	return 0;
}

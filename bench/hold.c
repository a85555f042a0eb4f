/* SPDX-License-Identifier: Apache-2.0
 *
 * Holds COUNT connections over loopback open, both ends in this process, and says
 * "held". Then for each line on stdin, "SECONDS RATE": so many a second are closed and
 * made anew; or "move SECONDS": each second all of them pass a message both ways. Then
 * "done" is said. Ends with its stdin.
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_OF_AN_ADDRESS = 1024, ADDRESSES = 60000, MESSAGE_BYTES = 100 };

struct pair {
	int client;
	int server;
};

static struct pair *pairs;
static size_t pair_count;
static uint64_t made;

static void allow_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("RLIMIT_NOFILE");
}

static struct sockaddr_in next_address(in_port_t port)
{
	uint32_t host = 1 + made / CONNECTIONS_OF_AN_ADDRESS % ADDRESSES;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};

	address.sin_addr.s_addr = htonl(127u << 24 | host);
	return address;
}

static void pass(int from, int to)
{
	char message[MESSAGE_BYTES] = "";

	if (write(from, message, sizeof(message)) != sizeof(message) ||
	    read(to, message, sizeof(message)) != sizeof(message))
		die("message");
}

static struct pair make_pair(int listener, in_port_t port)
{
	struct sockaddr_in address = next_address(port);
	struct sockaddr_in peer;
	socklen_t length = sizeof(peer);
	struct pair pair = {.client = socket(AF_INET, SOCK_STREAM, 0)};

	if (pair.client < 0 || connect(pair.client, (void *)&address, sizeof(address)))
		die("connect");
	pair.server = accept(listener, (void *)&peer, &length);
	if (pair.server < 0)
		die("accept");
	pass(pair.client, pair.server);
	pass(pair.server, pair.client);
	made++;
	return pair;
}

static void replace(struct pair *pair, int listener, in_port_t port)
{
	close(pair->client);
	close(pair->server);
	*pair = make_pair(listener, port);
}

static void churn(double seconds, double rate, int listener, in_port_t port)
{
	struct load load = {.seconds = seconds, .rate = rate};
	double began_s = now_s();

	for (; go_on(&load, began_s); load.rounds++)
		replace(&pairs[load.rounds % pair_count], listener, port);
}

static void move_all(double seconds)
{
	double next_s = now_s();
	double end_s = next_s + seconds;

	while (next_s < end_s) {
		for (size_t i = 0; i < pair_count; i++) {
			pass(pairs[i].client, pairs[i].server);
			pass(pairs[i].server, pairs[i].client);
		}
		next_s += 1;
		if (next_s > now_s())
			usleep((next_s - now_s()) * 1e6);
	}
}

static void say(const char *what)
{
	puts(what);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char line[64];
	double seconds, rate;
	in_port_t port;
	int listener;

	pair_count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	pairs = calloc(pair_count, sizeof(*pairs));
	if (pair_count == 0 || !pairs)
		return 2;
	allow_descriptors();
	listener = listen_anywhere(&port);
	for (size_t i = 0; i < pair_count; i++)
		pairs[i] = make_pair(listener, port);
	for (say("held"); fgets(line, sizeof(line), stdin); say("done"))
		if (sscanf(line, "move %lf", &seconds) == 1)
			move_all(seconds);
		else if (sscanf(line, "%lf %lf", &seconds, &rate) == 2)
			churn(seconds, rate, listener, port);
	return 0;
}

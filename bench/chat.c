/* SPDX-License-Identifier: Apache-2.0
 *
 * Small requests and responses on a few connections that last, both ends in one
 * process. A round is a round trip: 64 bytes there, 64 bytes back.
 */
#include "load.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 4, MESSAGE_BYTES = 64 };

struct pair {
	int client;
	int server;
};

static void set_nodelay(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static struct pair connected_pair(int listener, in_port_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};
	struct pair pair = {.client = socket(AF_INET, SOCK_STREAM, 0)};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(pair.client, (void *)&address, sizeof(address)))
		die("connect");
	pair.server = accept(listener, 0, 0);
	set_nodelay(pair.client);
	set_nodelay(pair.server);
	return pair;
}

static int pass(int from, int to)
{
	char message[MESSAGE_BYTES] = {0};

	return write(from, message, MESSAGE_BYTES) == MESSAGE_BYTES &&
	       recv(to, message, MESSAGE_BYTES, MSG_WAITALL) == MESSAGE_BYTES;
}

static void chat(struct load *load)
{
	struct pair pairs[CONNECTIONS];
	in_port_t port;
	int listener = listen_anywhere(&port);
	double began_s = now_s();

	for (int i = 0; i < CONNECTIONS; i++)
		pairs[i] = connected_pair(listener, port);
	for (; go_on(load, began_s); load->rounds++) {
		struct pair *pair = &pairs[load->rounds % CONNECTIONS];

		load->failures += !pass(pair->client, pair->server) ||
				  !pass(pair->server, pair->client);
	}
}

int main(int argc, char **argv)
{
	return run_load(argc, argv, chat);
}

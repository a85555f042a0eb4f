/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections one after another, both ends in one process: connect, a byte each way,
 * the client closes first. The server's address changes, so that no pair of addresses
 * runs out of ports. A round is a connection.
 */
#include "load.h"

#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECTIONS_OF_AN_ADDRESS = 64,
	ADDRESSES = 65024, /* 127.N.0.1 and on */
};

static struct sockaddr_in server_address(const struct load *load, in_port_t port)
{
	uint32_t host = load->rounds / CONNECTIONS_OF_AN_ADDRESS % ADDRESSES;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};

	address.sin_addr.s_addr = htonl(127u << 24 | (load->number + 1) << 16 | (host + 1));
	return address;
}

static int pass_byte(int from, int to)
{
	char byte = 'x';

	return write(from, &byte, 1) == 1 && read(to, &byte, 1) == 1;
}

static int use(int client, int server)
{
	char byte;

	if (!pass_byte(client, server) || !pass_byte(server, client))
		return 0;
	return close(client) == 0 && read(server, &byte, 1) == 0;
}

static int make_one(const struct load *load, int listener, in_port_t port)
{
	struct sockaddr_in address = server_address(load, port);
	struct sockaddr_in peer;
	socklen_t length = sizeof(peer);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	int server;
	int done;

	if (client < 0 || connect(client, (void *)&address, sizeof(address)))
		die("connect");
	server = accept(listener, (void *)&peer, &length);
	if (server < 0)
		die("accept");
	done = use(client, server);
	close(server);
	return done;
}

static void storm(struct load *load)
{
	in_port_t port;
	int listener = listen_anywhere(&port);
	double began_s = now_s();

	for (; go_on(load, began_s); load->rounds++)
		load->failures += !make_one(load, listener, port);
	close(listener);
}

int main(int argc, char **argv)
{
	return run_load(argc, argv, storm);
}

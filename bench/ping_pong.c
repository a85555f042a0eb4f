/* SPDX-License-Identifier: Apache-2.0
 *
 * One request at a time on one connection, client and server on a CPU each, as netperf's
 * TCP_RR: what a service without a queue sees. A round is a round trip of 64 bytes each way.
 * Other processors stay idle.
 */
#include "load.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 5202, MESSAGE_BYTES = 64 };

static struct sockaddr_in server_address(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int accepted(void)
{
	struct sockaddr_in address = server_address();
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (void *)&address, sizeof(address)) || listen(listener, 1))
		die("listen");
	return accept(listener, 0, 0);
}

/* Waits for the server, at most a second. */
static int connected(void)
{
	struct sockaddr_in address = server_address();

	for (int tries = 0; tries < 100; tries++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (!connect(fd, (void *)&address, sizeof(address)))
			return fd;
		close(fd);
		usleep(10000);
	}
	die("connect");
	return -1;
}

static void set_nodelay(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static int receive(int fd, char *message)
{
	return recv(fd, message, MESSAGE_BYTES, MSG_WAITALL) == MESSAGE_BYTES;
}

static void serve(void)
{
	char message[MESSAGE_BYTES];
	int fd = accepted();

	set_nodelay(fd);
	while (receive(fd, message) && write(fd, message, MESSAGE_BYTES) == MESSAGE_BYTES)
		;
	close(fd);
}

static void ask(struct load *load)
{
	char message[MESSAGE_BYTES] = {0};
	int fd = connected();
	double began_s = now_s();

	set_nodelay(fd);
	for (; go_on(load, began_s); load->rounds++)
		load->failures +=
			write(fd, message, MESSAGE_BYTES) != MESSAGE_BYTES || !receive(fd, message);
	close(fd);
}

static void ping_pong(struct load *load)
{
	if (load->number == 0)
		ask(load);
	if (load->number == 1)
		serve();
}

int main(int argc, char **argv)
{
	return run_load(argc, argv, ping_pong);
}

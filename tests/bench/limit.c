/* SPDX-License-Identifier: ISC
 * limit: the least that the kernel lets a program do; what tests/bench compares with.
 *
 * usage: limit answer COUNT GROUP PORT   answers each datagram with COUNT of 300 bytes; with 0 it
 * only reads limit dump BYTES PATH           writes so many bytes to each client of a Unix socket
 * that has sent some */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BATCH = 64, ANSWER = 300, CHUNK = 65536 };

struct batch {
	char bytes[BATCH][2048];
	struct sockaddr_in from[BATCH];
	struct iovec vectors[BATCH];
	struct mmsghdr headers[BATCH];
};

static int receive(int fd, struct batch *batch)
{
	for (size_t i = 0; i < BATCH; i++) {
		batch->vectors[i] = (struct iovec){batch->bytes[i], sizeof(batch->bytes[i])};
		batch->headers[i].msg_hdr = (struct msghdr){
		    .msg_name = &batch->from[i],
		    .msg_namelen = sizeof(batch->from[i]),
		    .msg_iov = &batch->vectors[i],
		    .msg_iovlen = 1,
		};
	}
	return recvmmsg(fd, batch->headers, BATCH, MSG_WAITFORONE, NULL);
}

static void answer_all(int fd, struct batch *batch, unsigned n, unsigned count)
{
	static char text[ANSWER];
	struct iovec vector = {text, sizeof(text)};
	struct mmsghdr headers[BATCH];
	unsigned filled = 0;
	for (unsigned i = 0; i < n * count; i++) {
		headers[filled++].msg_hdr = (struct msghdr){
		    .msg_name = &batch->from[i / count],
		    .msg_namelen = sizeof(batch->from[0]),
		    .msg_iov = &vector,
		    .msg_iovlen = 1,
		};
		if (filled < BATCH && i + 1 < n * count)
			continue;
		for (unsigned sent = 0; sent < filled;) {
			int more = sendmmsg(fd, headers + sent, filled - sent, 0);
			sent += more < 0 ? 1 : (unsigned)more;
		}
		filled = 0;
	}
}

static void answer(unsigned count, const char *group, uint16_t port)
{
	static struct batch batch;
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct ip_mreqn member = {.imr_ifindex = 0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (inet_pton(AF_INET, group, &member.imr_multiaddr) != 1 ||
	    bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof(member)) < 0)
		err(1, "%s port %u", group, port);
	puts("ready");
	fflush(stdout);
	for (int n; (n = receive(fd, &batch)) > 0;)
		if (count)
			answer_all(fd, &batch, (unsigned)n, count);
}

static void dump(size_t size, const char *path)
{
	static char bytes[CHUNK];
	struct sockaddr_un own = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strncpy(own.sun_path, path, sizeof(own.sun_path) - 1);
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 || listen(fd, 8) < 0)
		err(1, "%s", path);
	puts("ready");
	fflush(stdout);
	for (int client; (client = accept(fd, NULL, NULL)) >= 0; close(client)) {
		ssize_t n = read(client, bytes, sizeof(bytes));
		memset(bytes, ' ', sizeof(bytes));
		for (size_t left = size; n > 0 && left > 0; left -= (size_t)n)
			n = write(client, bytes, left < sizeof(bytes) ? left : sizeof(bytes));
	}
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "answer") == 0)
		answer((unsigned)atoi(argv[2]), argv[3], (uint16_t)atoi(argv[4]));
	else if (argc == 4 && strcmp(argv[1], "dump") == 0)
		dump(strtoul(argv[2], NULL, 10), argv[3]);
	else
		errx(2, "usage: limit answer COUNT GROUP PORT | limit dump BYTES PATH");
	return 1;
}

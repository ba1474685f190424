/* SPDX-License-Identifier: ISC
 * client: see client.h. */
#include "client/client.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* The longest reply is a batch of devices, some 2 MiB; a longer one is not from discoverd. */
enum { RECEIVE_MIN = 16 * 1024, REPLY_MAX = 16 * 1024 * 1024 };

void client_init(struct client *client, int fd, int watched_fd)
{
	*client = (struct client){.fd = fd, .watched_fd = watched_fd};
}

void client_fini(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	free(client->bytes);
	client_init(client, -1, -1);
}

int client_connect(struct client *client, const char *path, int timeout_ms, int watched_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000L};

	client_init(client, -1, watched_fd);
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return -errno;
	/* bounds connect() too, when the daemon's queue is full (unix(7)) */
	if (setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		return -errno;
	if (connect(client->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

int client_call(
    struct client *client, const char *method, struct json_object *parameters, bool more)
{
	size_t len, sent = 0;
	char *text = varlink_call_format(method, parameters, more, &len);
	int error = text ? 0 : -ENOMEM;

	while (!error && sent < len) {
		ssize_t n = send(client->fd, text + sent, len - sent, MSG_NOSIGNAL);
		if (n >= 0)
			sent += (size_t)n;
		else if (errno != EINTR)
			error = errno == EAGAIN  ? -ETIMEDOUT
				: errno == EPIPE ? -ECONNRESET
						 : -errno;
	}
	free(text);
	return error;
}

int64_t client_clock_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until there is something to read. */
static int wait_readable(struct client *client, int timeout_ms)
{
	struct pollfd fds[] = {{client->fd, POLLIN, 0}, {client->watched_fd, 0, 0}};
	int n = poll(fds, 2, timeout_ms);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (fds[1].revents & (POLLERR | POLLHUP))
		return -EPIPE;
	return n == 0 ? -ETIMEDOUT : 0;
}

int client_pause(const struct client *client, int ms)
{
	struct pollfd watched = {client->watched_fd, 0, 0};
	int64_t end = client_clock_ms() + ms, left;

	while ((left = end - client_clock_ms()) > 0)
		if (poll(&watched, 1, (int)left) > 0)
			return -EPIPE;
	return 0;
}

static int make_room(struct client *client)
{
	if (client->start) {
		memmove(client->bytes, client->bytes + client->start, client->len);
		client->start = 0;
	}
	if (client->len >= REPLY_MAX)
		return -EMSGSIZE;
	if (client->capacity - client->len >= RECEIVE_MIN / 2)
		return 0;
	size_t capacity = client->capacity ? 2 * client->capacity : RECEIVE_MIN;
	char *bytes = realloc(client->bytes, capacity);
	if (!bytes)
		return -ENOMEM;
	client->bytes = bytes;
	client->capacity = capacity;
	return 0;
}

static int receive(struct client *client)
{
	int error = make_room(client);
	if (error < 0)
		return error;
	ssize_t n = recv(
	    client->fd, client->bytes + client->len, client->capacity - client->len, MSG_DONTWAIT);
	if (n > 0)
		client->len += (size_t)n;
	if (n == 0)
		return -ECONNRESET;
	return n > 0 || errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int client_next(struct client *client, int timeout_ms, struct varlink_reply *reply)
{
	int64_t end = timeout_ms < 0 ? INT64_MAX : client_clock_ms() + timeout_ms;
	size_t searched = 0;

	for (;;) {
		struct slice received = {client->bytes, client->start + client->len};
		struct slice waiting = slice_skip(received, client->start);
		size_t len = searched + slice_find(slice_skip(waiting, searched), '\0');
		if (len < waiting.len) {
			client->start += len + 1;
			client->len -= len + 1;
			return varlink_reply_parse(slice_head(waiting, len), reply);
		}
		searched = waiting.len;
		int64_t left = timeout_ms < 0 ? -1 : end - client_clock_ms();
		if (timeout_ms >= 0 && left < 0)
			return -ETIMEDOUT;
		int error = wait_readable(client, (int)left);
		if (!error)
			error = receive(client);
		if (error)
			return error;
	}
}

/* SPDX-License-Identifier: ISC
 * client: a connection to the control socket, which waits for answers up to a time limit. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "wire/varlink_message.h"

struct client {
	int fd;
	int watched_fd; /* waiting ends when its reader has closed it; -1: none */
	char *bytes;    /* what was received */
	size_t start, len, capacity;
};

enum { CLIENT_FOREVER = -1 };

/* What a program that follows the devices waits between two attempts to connect, growing from the
 * first to the second; and, after a new connection, for devices to appear again: a restarted
 * discoverd may have none at first, and those that answer its search do so within that time. */
enum { CLIENT_PAUSE_MIN_MS = 100, CLIENT_PAUSE_MAX_MS = 5000, CLIENT_SETTLE_MS = 10000 };

/* Takes a connected stream socket over. */
void client_init(struct client *client, int fd, int watched_fd);
void client_fini(struct client *client);
/* Connects. 0 or a negative errno; -ETIMEDOUT when it is not accepted in time, -ENAMETOOLONG. */
int client_connect(struct client *client, const char *path, int timeout_ms, int watched_fd);
/* Sends one call; `parameters` is borrowed. 0 or a negative errno. */
int client_call(
    struct client *client, const char *method, struct json_object *parameters, bool more);
/* The next reply, for the caller to varlink_reply_fini(). 0; -ETIMEDOUT; -ECONNRESET (the daemon
 * closed it); -EPIPE (the watched descriptor has lost its reader); -EBADMSG; another errno. */
int client_next(struct client *client, int timeout_ms, struct varlink_reply *reply);

/* Milliseconds of a clock that only runs forward. */
int64_t client_clock_ms(void);
/* Waits. 0, or -EPIPE when the watched descriptor has lost its reader. */
int client_pause(const struct client *client, int ms);

#endif

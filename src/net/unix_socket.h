/* SPDX-License-Identifier: ISC
 * unix_socket: listening at a path of the file system, and the user at the other end. */
#ifndef NET_UNIX_SOCKET_H
#define NET_UNIX_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The file that a socket was bound to, so that only this one is removed. */
struct unix_file {
	dev_t device;
	ino_t inode;
};

/* A listening, non-blocking stream socket, mode 0666. A stale socket at the path is replaced, and
 * its directory is made where only that is missing. The descriptor, or -EADDRINUSE (a program
 * listens there), -EEXIST (something else is there), -ENOENT (no such directory), -ENAMETOOLONG or
 * another negative errno. */
int unix_listen(const char *path, struct unix_file *file);
/* Prepares a listening socket that the service manager opened. 0 or a negative errno. */
int unix_adopt(int fd);
/* Removes the path when it still is this file. */
void unix_remove(const char *path, const struct unix_file *file);
/* The user that connected (SO_PEERCRED, SO_PEERGROUPS); privileged: root, our own user, or a member
 * of our group. 0 or a negative errno. */
int unix_peer(int fd, uint32_t *uid, bool *privileged);

#endif

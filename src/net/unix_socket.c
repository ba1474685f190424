/* SPDX-License-Identifier: ISC
 * unix_socket: listening at a path of the file system, and the user at the other end. */
#include "net/unix_socket.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int set_path(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	size_t len = strlen(path);
	if (len == 0)
		return -EINVAL;
	if (len >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	memcpy(address->sun_path, path, len);
	return 0;
}

static int open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

/* Frees the address of a socket whose owner is gone. 0 when nothing is there any more. */
static int remove_stale(const struct sockaddr_un *address)
{
	struct stat st;
	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	int fd = open_socket();
	if (fd < 0)
		return fd;
	int error = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? errno : 0;
	close(fd);
	/* A full queue (EAGAIN) is a listener, too. */
	if (error != ECONNREFUSED && error != ENOENT)
		return -EADDRINUSE;
	return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

/* The mode is set afterwards, so that it does not depend on the umask. */
static int bind_file(int fd, const struct sockaddr_un *address, struct unix_file *file)
{
	struct stat st;
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -errno;
	if (chmod(address->sun_path, 0666) < 0 || lstat(address->sun_path, &st) < 0 ||
	    listen(fd, SOMAXCONN) < 0) {
		int error = -errno;
		unlink(address->sun_path);
		return error;
	}
	*file = (struct unix_file){st.st_dev, st.st_ino};
	return 0;
}

static void make_directory_of(const char *path)
{
	char *copy = strdup(path);

	if (copy)
		mkdir(dirname(copy), 0755);
	free(copy);
}

int unix_listen(const char *path, struct unix_file *file)
{
	struct sockaddr_un address;
	int error = set_path(&address, path);
	make_directory_of(path);
	if (!error)
		error = remove_stale(&address);
	int fd = error ? error : open_socket();
	if (fd < 0)
		return fd;
	error = bind_file(fd, &address, file);
	if (error) {
		close(fd);
		return error;
	}
	return fd;
}

int unix_adopt(int fd)
{
	int domain = 0, listening = 0;
	socklen_t len = sizeof(int);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) < 0)
		return -errno;
	if (domain != AF_UNIX || !listening)
		return -EINVAL;
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	return 0;
}

void unix_remove(const char *path, const struct unix_file *file)
{
	struct stat st;
	if (lstat(path, &st) == 0 && st.st_dev == file->device && st.st_ino == file->inode)
		unlink(path);
}

/* Whether `group` is among the supplementary groups of the other end. */
static bool peer_has_group(int fd, gid_t group)
{
	gid_t few[32], *groups = few, *many = NULL;
	socklen_t len = sizeof(few);
	int result = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len);
	if (result < 0 && errno == ERANGE) {
		groups = many = malloc(len);
		result = many ? getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) : -1;
	}
	bool found = false;
	for (size_t i = 0; result == 0 && i < len / sizeof(*groups); i++)
		found = found || groups[i] == group;
	free(many);
	return found;
}

int unix_peer(int fd, uint32_t *uid, bool *privileged)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	*uid = peer.uid;
	*privileged = peer.uid == 0 || peer.uid == geteuid() || peer.gid == getegid() ||
		      peer_has_group(fd, getegid());
	return 0;
}

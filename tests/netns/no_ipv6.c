/* SPDX-License-Identifier: ISC
 * no_ipv6: a library for LD_PRELOAD that makes a kernel of one without IPv6; for test_faults.py. */
#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol)
{
	int (*next)(int, int, int) = dlsym(RTLD_NEXT, "socket");

	if (domain != AF_INET6)
		return next(domain, type, protocol);
	errno = EAFNOSUPPORT;
	return -1;
}

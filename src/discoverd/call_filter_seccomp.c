/* SPDX-License-Identifier: ISC
 * call_filter_seccomp: the system calls of a running daemon, by their names in libseccomp.
 *
 * Other calls fail with ENOSYS, as on a kernel that does not have them: a C library that is newer
 * than this list then does what it does on an older kernel. HACKING.md says how to find a call that
 * is missing. */
#include "discoverd/call_filter.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/slice.h"

/* s390x passes the flags of clone() second, and a pointer to the arguments of mmap(). */
#ifdef __s390x__
enum { FLAGS_OF_CLONE = 1, CHECKED_OF_MMAP = 0 };
#else
enum { FLAGS_OF_CLONE = 0, CHECKED_OF_MMAP = 1 };
#endif

#define HAS(argument, mask, value)                                                                 \
	{                                                                                          \
		argument, SCMP_CMP_MASKED_EQ, mask, value                                          \
	}
#define IS(argument, value) HAS(argument, UINT32_MAX, value)
#define SOCKET(family, type, protocol)                                                             \
	{                                                                                          \
		"socket", 3,                                                                       \
		{                                                                                  \
			IS(0, family), HAS(1, SOCKET_TYPE, type), IS(2, protocol)                  \
		}                                                                                  \
	}
#define SOCKET_TYPE (UINT32_MAX & ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK))
#define NAMESPACES                                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	    CLONE_NEWPID | CLONE_NEWNET)

/* Of several rows for one call, one has to fit. A name that this architecture, or an older library,
 * does not have is left out. */
static const struct {
	const char *calls;
	unsigned count;
	struct scmp_arg_cmp arguments[3];
} ROWS[] = {
    /* descriptors */
    {"close read readv pread64 write writev pwrite64 lseek _llseek fcntl fcntl64 flock", 0, {{0}}},
    /* files; file_rules says which */
    {"open openat access faccessat faccessat2 stat stat64 lstat lstat64 fstat fstat64 newfstatat "
     "fstatat64 statx getdents getdents64 fchmod ftruncate ftruncate64 rename renameat renameat2 "
     "unlink unlinkat fsync fdatasync inotify_init1 inotify_add_watch inotify_rm_watch",
	0, {{0}}},
    SOCKET(AF_UNIX, SOCK_DGRAM, 0), /* sd_notify(3) */
    SOCKET(AF_INET, SOCK_STREAM, 0),
    SOCKET(AF_INET6, SOCK_STREAM, 0),
    SOCKET(AF_INET, SOCK_DGRAM, 0),
    SOCKET(AF_INET6, SOCK_DGRAM, 0),
    SOCKET(AF_INET, SOCK_DGRAM, IPPROTO_ICMP),
    SOCKET(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6),
    SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
    {"bind connect listen accept accept4 shutdown getsockname getpeername getsockopt setsockopt "
     "send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64",
	0, {{0}}},
    /* Its arguments are in memory, where a filter does not see them: what is said of sockets above
     * is not enforced where the C library uses it (i386, s390x). */
    {"socketcall", 0, {{0}}},
    {"ioctl", 1, {IS(1, FIONREAD)}}, /* libevent */
    /* the loop, time, random numbers */
    {"epoll_ctl epoll_wait epoll_pwait epoll_pwait2 timerfd_settime timerfd_settime64 "
     "clock_gettime clock_gettime64 gettimeofday time getrandom",
	0, {{0}}},
    /* memory; executable are only files that are mapped, until a library has been loaded */
    {"brk munmap mremap madvise", 0, {{0}}},
    {"mmap2 mprotect", 1, {HAS(2, PROT_EXEC, 0)}},
    {"mmap2", 2, {HAS(2, PROT_EXEC | PROT_WRITE, PROT_EXEC), HAS(3, MAP_ANONYMOUS, 0)}},
    /* call_filter_forbid_code() */
    {"seccomp", 1, {IS(0, SECCOMP_SET_MODE_FILTER)}},
    /* A thread, never a process. clone3() has its flags in memory: C libraries do without it. */
    {"clone", 1, {HAS(FLAGS_OF_CLONE, NAMESPACES | CLONE_THREAD, CLONE_THREAD)}},
    {"futex futex_time64 set_robust_list rseq sched_getaffinity sched_yield membarrier exit "
     "exit_group rt_sigaction rt_sigprocmask rt_sigreturn sigreturn sigaltstack restart_syscall",
	0, {{0}}},
    {"getpid gettid getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 uname "
     "sysinfo",
	0, {{0}}},
    /* the soft limit of descriptors, at a reload */
    {"prlimit64", 2, {IS(0, 0), IS(1, RLIMIT_NOFILE)}},
    {"getrlimit ugetrlimit setrlimit", 1, {IS(0, RLIMIT_NOFILE)}},
};

/* Negative where this architecture does not have it, or in another form only: the library knows
 * which. */
static int number_of(struct slice call)
{
	char name[32];

	snprintf(name, sizeof(name), "%.*s", SLICE_ARGS(call));
	return seccomp_syscall_resolve_name(name);
}

static int allow(
    scmp_filter_ctx filter, const char *calls, unsigned count, const struct scmp_arg_cmp *arguments)
{
	struct slice rest = slice_of(calls), call;
	int result = 0;

	while (!result && slice_cut(&rest, ' ', &call)) {
		int number = number_of(call);
		if (number != __NR_SCMP_ERROR)
			result = seccomp_rule_add_array(
			    filter, SCMP_ACT_ALLOW, number, count, arguments);
	}
	return result;
}

/* Beside mmap2() it is one of i386 that nothing uses, with its arguments in memory. */
static bool has_mmap(void)
{
	return number_of(SLICE("mmap2")) < 0;
}

static int allow_all(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp own = IS(0, (scmp_datum_t)getpid());
	const struct scmp_arg_cmp not_executable = HAS(2, PROT_EXEC, 0);
	const struct scmp_arg_cmp file[] = {
	    HAS(2, PROT_EXEC | PROT_WRITE, PROT_EXEC), HAS(3, MAP_ANONYMOUS, 0)};
	int result = allow(filter, "tgkill", 1, &own); /* abort() */

	if (!result && has_mmap())
		result = allow(filter, "mmap", CHECKED_OF_MMAP, &not_executable);
	if (!result && has_mmap() && CHECKED_OF_MMAP)
		result = allow(filter, "mmap", COUNT_OF(file), file);
	for (size_t i = 0; i < COUNT_OF(ROWS) && !result; i++)
		result = allow(filter, ROWS[i].calls, ROWS[i].count, ROWS[i].arguments);
	return result;
}

/* Puts the filter that `fill` writes into force, for all threads. */
static int enforce(uint32_t otherwise, int (*fill)(scmp_filter_ctx filter))
{
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int result;

	if (!filter)
		return -ENOMEM;
	/* part_sandbox.c has done that */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	/* a refused call is in the log of the kernel, where that can do it */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	result = fill(filter);
	if (!result)
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!result)
		result = seccomp_load(filter);
	seccomp_release(filter);
	return result;
}

int call_filter_enforce(void)
{
	return enforce(SCMP_ACT_ERRNO(ENOSYS), allow_all);
}

static int forbid(scmp_filter_ctx filter, const char *call)
{
	const struct scmp_arg_cmp executable = HAS(2, PROT_EXEC, PROT_EXEC);
	int number = number_of(slice_of(call));

	return number < 0
		   ? 0
		   : seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), number, 1, &executable);
}

static int forbid_code(scmp_filter_ctx filter)
{
	int result = forbid(filter, "mmap2");

	return result || !has_mmap() || !CHECKED_OF_MMAP ? result : forbid(filter, "mmap");
}

int call_filter_forbid_code(void)
{
	return enforce(SCMP_ACT_ALLOW, forbid_code);
}

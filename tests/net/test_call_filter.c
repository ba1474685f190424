/* SPDX-License-Identifier: ISC
 * Tests of discoverd/call_filter, each in a process that the filter ends with. */
#include "base/array.h"
#include "discoverd/call_filter.h"
#include "harness.h"
#include "runner.h"
#include "suites.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* The errno of what returned this, and 0 where it succeeded; a descriptor is closed. */
static int outcome(long result)
{
	return result < 0 ? errno : 0;
}

static int outcome_of_open(int fd)
{
	int error = outcome(fd);
	if (fd >= 0)
		close(fd);
	return error;
}

static int outcome_of_map(void *memory)
{
	return memory == MAP_FAILED ? errno : 0;
}

static int map_memory(void)
{
	return outcome_of_map(
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static int map_executable(void)
{
	return outcome_of_map(
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static int map_library(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	return outcome_of_map(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
}

static int map_writable_library(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	return outcome_of_map(
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, fd, 0));
}

static int make_executable(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return outcome(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
}

static void *write_in_thread(void *context)
{
	*(int *)context = 1;
	return NULL;
}

static int start_thread(void)
{
	pthread_t thread;
	int ran = 0, error = pthread_create(&thread, NULL, write_in_thread, &ran);
	if (error)
		return error;
	pthread_join(thread, NULL);
	return ran ? 0 : EIO;
}

static int start_process(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid(child, NULL, 0);
	return outcome(child);
}

/* The kernel itself refuses these flags together. */
static int start_thread_in_namespace(void)
{
	unsigned long flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWNS | CLONE_FS,
		      other = 0;
#ifdef __s390x__
	return outcome(syscall(SYS_clone, other, flags, 0, 0, 0));
#else
	return outcome(syscall(SYS_clone, flags, other, 0, 0, 0));
#endif
}

static int run_program(void)
{
	char name[] = "true", *const arguments[] = {name, NULL}, *const environment[] = {NULL};
	return outcome(execve("/bin/true", arguments, environment));
}

static int open_file(void)
{
	return outcome_of_open(open("/proc/self/status", O_RDONLY | O_CLOEXEC));
}

static int follow_directory(void)
{
	int fd = inotify_init1(IN_CLOEXEC);
	int error = outcome(inotify_add_watch(fd, "/", IN_CREATE));
	close(fd);
	return error;
}

static int stop_oneself(void)
{
	return outcome(syscall(SYS_tgkill, getpid(), gettid(), 0));
}

static int stop_another(void)
{
	return outcome(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int count_bytes(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), count;
	int error = outcome(ioctl(fd, FIONREAD, &count));
	close(fd);
	return error;
}

static int type_at_terminal(void)
{
	return outcome(ioctl(STDERR_FILENO, TIOCSTI, "x"));
}

static int raise_own_limit(void)
{
	struct rlimit limit;
	int error = outcome(getrlimit(RLIMIT_NOFILE, &limit));
	return error ? error : outcome(setrlimit(RLIMIT_NOFILE, &limit));
}

static int read_other_limit(void)
{
	struct rlimit limit;
	return outcome(getrlimit(RLIMIT_CORE, &limit));
}

static int read_limit_of_another(void)
{
	struct rlimit limit;
	return outcome(syscall(SYS_prlimit64, getppid(), RLIMIT_NOFILE, NULL, &limit));
}

/* With the filter, `error` is what each ends with. */
static const struct {
	const char *what;
	int (*try)(void);
	int error;
} ATTEMPTS[] = {
    {"memory", map_memory, 0},
    {"executable memory", map_executable, ENOSYS},
    {"a library", map_library, 0},
    {"a library that can be written", map_writable_library, ENOSYS},
    {"memory made executable", make_executable, ENOSYS},
    {"a thread", start_thread, 0},
    {"a process", start_process, ENOSYS},
    {"a thread in another namespace", start_thread_in_namespace, ENOSYS},
    {"a program", run_program, ENOSYS},
    {"a file", open_file, 0},
    {"inotify", follow_directory, 0},
    {"a signal to itself", stop_oneself, 0},
    {"a signal to another process", stop_another, ENOSYS},
    {"FIONREAD", count_bytes, 0},
    {"TIOCSTI", type_at_terminal, ENOSYS},
    {"the own limit of descriptors", raise_own_limit, 0},
    {"another limit", read_other_limit, ENOSYS},
    {"the limit of another process", read_limit_of_another, ENOSYS},
};

static const struct {
	int family, type, protocol;
	bool allowed;
} SOCKETS[] = {
    {AF_UNIX, SOCK_STREAM, 0, false},
    {AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, true},
    {AF_UNIX, SOCK_SEQPACKET, 0, false},
    {AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, true},
    {AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0, true},
    {AF_INET, SOCK_RAW, IPPROTO_ICMP, false},
    {AF_INET6, SOCK_RAW, IPPROTO_UDP, false},
    {AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, false},
    {AF_INET, SOCK_STREAM, IPPROTO_SCTP, false},
    {AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE, true},
    {AF_NETLINK, SOCK_RAW, NETLINK_GENERIC, false},
    {AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, false},
    {AF_PACKET, SOCK_RAW, 0, false},
    {AF_PACKET, SOCK_DGRAM, 0, false},
    {AF_ALG, SOCK_SEQPACKET, 0, false},
    {AF_VSOCK, SOCK_STREAM, 0, false},
    {AF_BLUETOOTH, SOCK_RAW, 1, false},
};

/* With no argument that could have an effect. */
#define CALL(name)                                                                                 \
	{                                                                                          \
#name, SYS_##name                                                                  \
	}
static const struct {
	const char *name;
	long number;
} DENIED[] = {CALL(execve), CALL(execveat), CALL(ptrace), CALL(process_vm_readv),
    CALL(process_vm_writev), CALL(kcmp), CALL(kill), CALL(tkill), CALL(rt_sigqueueinfo),
    CALL(clone3), CALL(unshare), CALL(setns), CALL(mount), CALL(umount2), CALL(pivot_root),
    CALL(chroot), CALL(bpf), CALL(perf_event_open), CALL(userfaultfd), CALL(io_uring_setup),
    CALL(io_uring_enter), CALL(io_setup), CALL(keyctl), CALL(add_key), CALL(request_key),
    CALL(init_module), CALL(finit_module), CALL(delete_module), CALL(kexec_load), CALL(reboot),
    CALL(swapon), CALL(acct), CALL(quotactl), CALL(fanotify_init), CALL(open_by_handle_at),
    CALL(name_to_handle_at), CALL(memfd_create), CALL(shmget), CALL(shmat), CALL(msgget),
    CALL(personality), CALL(prctl), CALL(seccomp), CALL(capset), CALL(setuid), CALL(setresuid),
    CALL(setgroups), CALL(sethostname), CALL(settimeofday), CALL(clock_settime), CALL(adjtimex),
    CALL(mlock), CALL(sched_setaffinity), CALL(setpriority), CALL(fchown), CALL(fchmodat),
    CALL(mkdirat), CALL(mknodat), CALL(linkat), CALL(symlinkat), CALL(truncate), CALL(setxattr),
    CALL(socketpair), CALL(splice), CALL(vmsplice), CALL(pkey_mprotect), CALL(remap_file_pages),
    CALL(landlock_create_ruleset), CALL(pidfd_open), CALL(pidfd_getfd), CALL(process_madvise)};

static void enforce(FILE *report)
{
	int result;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	result = call_filter_enforce();
	if (result)
		fprintf(report, "no filter: %s\n", strerror(-result));
}

static void try_attempts(FILE *report)
{
	enforce(report);
	for (size_t i = 0; i < COUNT_OF(ATTEMPTS); i++) {
		int error = ATTEMPTS[i].try();
		if (error != ATTEMPTS[i].error)
			fprintf(report, "%s: %s\n", ATTEMPTS[i].what, strerror(error));
	}
}

static void load_later(FILE *report)
{
	enforce(report);
	for (unsigned i = 0; i < 2; i++) {
		int result = call_filter_forbid_code();
		if (result)
			fprintf(report, "no second filter: %s\n", strerror(-result));
		if (map_memory() || map_library() != ENOSYS || map_writable_library() != ENOSYS ||
		    make_executable() != ENOSYS || start_thread())
			fprintf(report, "not as wanted\n");
	}
}

static void open_sockets(FILE *report)
{
	enforce(report);
	for (size_t i = 0; i < COUNT_OF(SOCKETS); i++) {
		int error = outcome_of_open(
		    socket(SOCKETS[i].family, SOCKETS[i].type, SOCKETS[i].protocol));
		if (error != (SOCKETS[i].allowed ? 0 : ENOSYS))
			fprintf(report, "socket(%d, %d, %d): %s\n", SOCKETS[i].family,
			    SOCKETS[i].type, SOCKETS[i].protocol, strerror(error));
	}
}

static void call_denied(FILE *report)
{
	for (size_t i = 0; i < COUNT_OF(DENIED); i++)
		if (syscall(DENIED[i].number, -1, -1, -1, -1, -1, -1) >= 0 || errno != ENOSYS)
			fprintf(report, "%s: %s\n", DENIED[i].name, strerror(errno));
}

static void call_denied_filtered(FILE *report)
{
	enforce(report);
	call_denied(report);
}

static void call_abort(FILE *report)
{
	enforce(report);
	abort();
}

/* False where there is no filter to test: the test is to return. */
static bool is_possible(const char *test)
{
	char text[256];

	if (!SANDBOX_DEFAULT)
		skip_test(test, "a build with sanitizers");
	else if (prctl(PR_GET_SECCOMP) < 0)
		skip_test(test, "no seccomp in this kernel");
	else if (run_apart(enforce, text, sizeof(text)) == 0 && strstr(text, strerror(ENOTSUP)))
		skip_test(test, "built without libseccomp");
	else
		return true;
	return false;
}

static void check_filtered(void (*fn)(FILE *report))
{
	char text[4096];

	ck_assert_int_eq(run_apart(fn, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "");
}

START_TEST(what_the_daemon_does_works_and_what_it_never_does_fails)
{
	if (is_possible("what_the_daemon_does_works_and_what_it_never_does_fails"))
		check_filtered(try_attempts);
}
END_TEST

START_TEST(when_code_is_forbidden_no_library_is_loaded)
{
	if (is_possible("when_code_is_forbidden_no_library_is_loaded"))
		check_filtered(load_later);
}
END_TEST

START_TEST(only_sockets_of_the_used_families_are_opened)
{
	if (is_possible("only_sockets_of_the_used_families_are_opened"))
		check_filtered(open_sockets);
}
END_TEST

START_TEST(other_calls_do_not_exist)
{
	if (is_possible("other_calls_do_not_exist"))
		check_filtered(call_denied_filtered);
}
END_TEST

START_TEST(without_the_filter_they_do)
{
	char text[8192];

	if (!is_possible("without_the_filter_they_do"))
		return;
	ck_assert_int_eq(run_apart(call_denied, text, sizeof(text)), 0);
	ck_assert_ptr_nonnull(strstr(text, "execve: "));
	ck_assert_ptr_nonnull(strstr(text, "unshare: "));
}
END_TEST

START_TEST(an_abort_ends_the_process)
{
	char text[256];

	if (!is_possible("an_abort_ends_the_process"))
		return;
	int status = run_apart(call_abort, text, sizeof(text));
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

Suite *call_filter_suite(void)
{
	Suite *suite = suite_create("discoverd/call_filter");
	TCase *tcase = tcase_create("call_filter");
	tcase_add_test(tcase, what_the_daemon_does_works_and_what_it_never_does_fails);
	tcase_add_test(tcase, when_code_is_forbidden_no_library_is_loaded);
	tcase_add_test(tcase, only_sockets_of_the_used_families_are_opened);
	tcase_add_test(tcase, other_calls_do_not_exist);
	tcase_add_test(tcase, without_the_filter_they_do);
	tcase_add_test(tcase, an_abort_ends_the_process);
	suite_add_tcase(suite, tcase);
	return suite;
}

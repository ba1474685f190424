/* SPDX-License-Identifier: ISC
 * Tests of discoverd/file_rules, each in a process that the rules end with. */
#include "base/array.h"
#include "discoverd/file_rules.h"
#include "harness.h"
#include "runner.h"
#include "suites.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

static const char ABSTRACT[] = "\0discoverd-test";

/* Below the directory of the test: what is read, written, removed, and none of it. */
static const char *const DIRECTORIES[] = {"read", "read/sub", "write", "remove", "other"};
static const char *const FILES[] = {"read/file", "read/sub/file", "write/file", "remove/file",
    "other/file", "other/target", "other/moved"};

static char former[4096];

/* The tests name files by relative paths. */
static void set_up(void)
{
	char directory[] = "/tmp/discoverd-rules.XXXXXX";
	ck_assert_ptr_nonnull(getcwd(former, sizeof(former)));
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
	for (size_t i = 0; i < COUNT_OF(DIRECTORIES); i++)
		ck_assert_int_eq(mkdir(DIRECTORIES[i], 0700), 0);
	for (size_t i = 0; i < COUNT_OF(FILES); i++)
		ck_assert_int_eq(close(open(FILES[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0700)), 0);
	ck_assert_int_eq(symlink("../other/target", "read/link"), 0);
	ck_assert_int_eq(symlink("../other/file", "read/link-without-rule"), 0);
}

static void tear_down(void)
{
	char directory[4096];
	ck_assert_ptr_nonnull(getcwd(directory, sizeof(directory)));
	ck_assert_int_eq(chdir(former), 0);
	command("rm -r %s", directory);
}

static int outcome(int result)
{
	return result < 0 ? errno : 0;
}

static int open_with(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	int error = outcome(fd);
	if (fd >= 0)
		close(fd);
	return error;
}

static int read_file(const char *path)
{
	return open_with(path, O_RDONLY);
}

static int list(const char *path)
{
	return open_with(path, O_RDONLY | O_DIRECTORY);
}

static int write_file(const char *path)
{
	return open_with(path, O_WRONLY);
}

static int empty(const char *path)
{
	return outcome(truncate(path, 0));
}

static int remove_file(const char *path)
{
	return outcome(unlink(path));
}

static int make(const char *path)
{
	return outcome(mknod(path, S_IFREG | 0600, 0));
}

static int make_device(const char *path)
{
	return outcome(mknod(path, S_IFCHR | 0600, makedev(1, 3)));
}

static int make_directory(const char *path)
{
	return outcome(mkdir(path, 0700));
}

static int make_pipe(const char *path)
{
	return outcome(mkfifo(path, 0700));
}

static int make_link(const char *path)
{
	return outcome(symlink("/etc/passwd", path));
}

static int link_here(const char *path)
{
	return outcome(link("write/file", path));
}

static int rename_here(const char *path)
{
	return outcome(rename("write/new", path));
}

static int move_there(const char *path)
{
	return outcome(rename("other/moved", path));
}

static int run(const char *path)
{
	char name[] = "true", *const arguments[] = {name, NULL}, *const environment[] = {NULL};
	return outcome(execve(path, arguments, environment));
}

/* In this order: later rows use what earlier ones have made. */
static const struct {
	int (*try)(const char *path);
	const char *path;
	bool allowed;
} ATTEMPTS[] = {
    {list, "read", true},
    {read_file, "read/file", true},
    {read_file, "read/sub/file", true},
    {read_file, "read/link", true},
    {read_file, "read/link-without-rule", false},
    {write_file, "read/file", false},
    {empty, "read/file", false},
    {make, "read/new", false},
    {remove_file, "read/file", false},
    {run, "read/file", false},
    {list, "write", true},
    {read_file, "write/file", true},
    {write_file, "write/file", true},
    {empty, "write/file", true},
    {run, "write/file", false},
    {make, "write/new", true},
    {rename_here, "write/file", true},
    {move_there, "write/moved", false},
    {link_here, "read/hard-link", false},
    {make_directory, "write/directory", false},
    {make_pipe, "write/pipe", false},
    {make_device, "write/device", false},
    {make_link, "write/link", false},
    {remove_file, "write/file", true},
    {list, "remove", false},
    {read_file, "remove/file", false},
    {make, "remove/new", false},
    {remove_file, "remove/file", true},
    {list, "other", false},
    {read_file, "other/file", false},
    {empty, "other/file", false},
    {remove_file, "other/file", false},
    {read_file, "/etc/passwd", false},
    {run, "/bin/true", false},
};

static void enforce(FILE *report)
{
	struct file_rules rules;
	int result = file_rules_open(&rules);

	if (!result) {
		file_rules_allow_beside(&rules, "read/file", FILE_USE_READ);
		file_rules_allow(&rules, "read/link", FILE_USE_READ);
		file_rules_allow(&rules, "write", FILE_USE_WRITE);
		file_rules_allow_beside(&rules, "remove/file", FILE_USE_REMOVE);
		file_rules_allow(&rules, "missing", FILE_USE_WRITE);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		result = file_rules_enforce(&rules);
	}
	if (result)
		fprintf(report, "no rules: %s\n", strerror(-result));
}

static void try_attempts(FILE *report)
{
	int before = open("other/file", O_RDWR | O_CLOEXEC);

	enforce(report);
	for (size_t i = 0; i < COUNT_OF(ATTEMPTS); i++) {
		int error = ATTEMPTS[i].try(ATTEMPTS[i].path);
		bool denied = error == EACCES || error == EXDEV;
		if (ATTEMPTS[i].allowed ? error != 0 : !denied)
			fprintf(report, "%zu. %s: %s\n", i, ATTEMPTS[i].path, strerror(error));
	}
	if (write(before, "x", 1) != 1)
		fprintf(report, "what was open before: %s\n", strerror(errno));
}

static int connect_abstract(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, ABSTRACT, sizeof(ABSTRACT));
	return outcome(connect(fd, (struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(ABSTRACT))));
}

static void reach_others(FILE *report)
{
	enforce(report);
	fprintf(report, "signal: %s\n", strerror(outcome(kill(getppid(), 0))));
	fprintf(report, "socket: %s\n", strerror(connect_abstract()));
}

static void explain(FILE *report)
{
	enforce(report);
	fprintf(report, "%s\n", file_rules_explain("other/file", -EACCES));
	fprintf(report, "%s\n", file_rules_explain("other/none", -EACCES));
	fprintf(report, "%s\n", file_rules_explain("other/file", -EIO));
}

static long version(void)
{
	return syscall(444 /* landlock_create_ruleset */, NULL, 0, 1);
}

/* False, with a word, in a kernel whose Landlock is older than this: the test is to return. */
static bool has_landlock(const char *test, long wanted)
{
	if (version() >= wanted)
		return true;
	skip_test(test, "no Landlock of version %ld in this kernel", wanted);
	return false;
}

START_TEST(files_are_used_as_the_rules_allow_it)
{
	char text[2048];

	if (!has_landlock("files_are_used_as_the_rules_allow_it", 3))
		return;
	ck_assert_int_eq(run_apart(try_attempts, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(no_other_process_is_reached)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[256];

	if (!has_landlock("no_other_process_is_reached", 6))
		return;
	memcpy(address.sun_path, ABSTRACT, sizeof(ABSTRACT));
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(ABSTRACT))),
	    0);
	ck_assert_int_eq(listen(fd, 1), 0);
	unsetenv("NOTIFY_SOCKET");
	ck_assert_int_eq(run_apart(reach_others, text, sizeof(text)), 0);
	ck_assert_str_eq(
	    text, "signal: Operation not permitted\nsocket: Operation not permitted\n");
	/* but for the service manager, where it listens at such an address */
	setenv("NOTIFY_SOCKET", "@discoverd-test", 1);
	ck_assert_int_eq(run_apart(reach_others, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "signal: Operation not permitted\nsocket: Success\n");
	close(fd);
}
END_TEST

START_TEST(a_refusal_by_rules_is_told_from_one_by_the_mode_of_a_file)
{
	char text[512];

	if (!has_landlock("a_refusal_by_rules_is_told_from_one_by_the_mode_of_a_file", 1))
		return;
	ck_assert_int_eq(run_apart(explain, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "the sandbox does not allow to read it; restart discoverd\n"
			       "Permission denied\nInput/output error\n");
}
END_TEST

Suite *file_rules_suite(void)
{
	Suite *suite = suite_create("discoverd/file_rules");
	TCase *tcase = tcase_create("file_rules");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, files_are_used_as_the_rules_allow_it);
	tcase_add_test(tcase, no_other_process_is_reached);
	tcase_add_test(tcase, a_refusal_by_rules_is_told_from_one_by_the_mode_of_a_file);
	suite_add_tcase(suite, tcase);
	return suite;
}

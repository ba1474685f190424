/* SPDX-License-Identifier: ISC
 * Tests of net/state_file. */
#include "harness.h"
#include "net/state_file.h"
#include "runner.h"
#include "suites.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define UUID "6b1f3ad5-3ba6-5a16-9c0e-1f6e0d9f2a10"

static char directory[64], path[96];

static void set_up(void)
{
	strcpy(directory, "/tmp/discoverd-state.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/state", directory);
}

static void tear_down(void)
{
	unlink(path);
	rmdir(directory);
}

static struct state parse(const char *text, int expected)
{
	struct state state;
	ck_assert_int_eq(state_parse(slice_of(text), &state), expected);
	return state;
}

START_TEST(what_is_saved_is_loaded)
{
	struct state saved = {.uuid = UUID, .boot_id = 4294967295u}, loaded;
	ck_assert_int_eq(state_save(directory, &saved), 0);
	saved.boot_id = 7;
	for (unsigned i = 0; i < KEPT_NAMES_MAX; i++) {
		char type[] = "_0123456789012345678901234567890123456789012345678901234567890._tcp";
		char wanted[] = "Greenhouse x of the very long name that takes all that there is";
		wanted[11] = (char)('a' + i);
		kept_names_note(&saved.names, slice_of(type), slice_of(wanted), 4294967295u);
	}
	ck_assert_int_eq(state_save(directory, &saved), 0);
	ck_assert_int_eq(state_load(directory, &loaded), 0);
	ck_assert_str_eq(loaded.uuid, UUID);
	ck_assert_uint_eq(loaded.boot_id, 7);
	ck_assert_uint_eq(loaded.names.count, KEPT_NAMES_MAX);
	ck_assert_mem_eq(&loaded.names, &saved.names, sizeof(saved.names));
	struct stat st;
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	/* Nothing else is left behind: the directory can go once the file is gone. */
	unlink(path);
	ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

START_TEST(one_process_at_a_time_has_the_directory)
{
	int first = state_lock(directory);
	ck_assert_int_ge(first, 0);
	ck_assert_int_eq(state_lock(directory), -EWOULDBLOCK);
	close(first);
	int second = state_lock(directory);
	ck_assert_int_ge(second, 0);
	close(second);
	ck_assert_int_eq(state_lock("/nonexistent"), -ENOENT);
}
END_TEST

START_TEST(a_boot_id_is_written_over_the_one_there)
{
	struct state saved = {.uuid = UUID, .boot_id = 3}, loaded;
	ck_assert_int_eq(state_note_boot_id(directory, 4), -ENOENT);
	ck_assert_int_eq(state_save(directory, &saved), 0);
	ck_assert_int_eq(state_note_boot_id(directory, 4294967295u), 0);
	ck_assert_int_eq(state_note_boot_id(directory, 12), 0);
	ck_assert_int_eq(state_load(directory, &loaded), 0);
	ck_assert_str_eq(loaded.uuid, UUID);
	ck_assert_uint_eq(loaded.boot_id, 12);
	/* what an earlier version wrote is left as it is until the next start */
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("uuid = " UUID "\nboot_id = 5\n", file);
	fclose(file);
	ck_assert_int_eq(state_note_boot_id(directory, 6), -EBADMSG);
	ck_assert_int_eq(state_load(directory, &loaded), 0);
	ck_assert_uint_eq(loaded.boot_id, 5);
}
END_TEST

START_TEST(a_state_without_uuid_is_kept_as_that)
{
	struct state saved = {.uuid = "", .boot_id = 3}, loaded;
	ck_assert_int_eq(state_save(directory, &saved), 0);
	ck_assert_int_eq(state_load(directory, &loaded), 0);
	ck_assert_str_eq(loaded.uuid, "");
	ck_assert_uint_eq(loaded.boot_id, 3);
}
END_TEST

START_TEST(a_first_start_is_told_from_an_error)
{
	struct state state = {.uuid = "x", .boot_id = 1};
	ck_assert_int_eq(state_load(directory, &state), -ENOENT);
	ck_assert_str_eq(state.uuid, "");
	ck_assert_int_eq(state_load("/nowhere/at/all", &state), -ENOENT);
	ck_assert_int_eq(state_save("/nowhere/at/all", &state), -ENOENT);
}
END_TEST

START_TEST(a_broken_file_gives_what_can_be_saved)
{
	ck_assert_str_eq(parse("uuid = " UUID "\nboot_id = many\n", -EBADMSG).uuid, UUID);
	ck_assert_uint_eq(parse("uuid = 1234\nboot_id = 12\n", -EBADMSG).boot_id, 12);
	ck_assert_uint_eq(parse("\x7f"
				"ELF\nboot_id=12\n",
			      -EBADMSG)
			      .boot_id,
	    12);
	ck_assert_str_eq(parse("uuid = " UUID "\n", -EBADMSG).uuid, UUID);
	parse("", -EBADMSG);
	parse("\n", -EBADMSG);
	parse("uuid = 6b1f3ad5-3ba6-5a16-9c0e-1f6e0d9f2a1g\nboot_id = 1\n", -EBADMSG);
	parse("uuid = 6b1f3ad5-3ba6-5a16-9c0e-1f6e0d9f2a10x\nboot_id = 1\n", -EBADMSG);
	parse("boot_id = 4294967296\n", -EBADMSG);
}
END_TEST

START_TEST(a_number_that_was_cut_off_is_not_believed)
{
	ck_assert_uint_eq(parse("uuid = " UUID "\nboot_id = 17", -EBADMSG).boot_id, 0);
}
END_TEST

START_TEST(keys_of_a_later_version_are_ignored)
{
	struct state state = parse("colour = green\nuuid=" UUID "\n boot_id =\t9 \n", 0);
	ck_assert_str_eq(state.uuid, UUID);
	ck_assert_uint_eq(state.boot_id, 9);
}
END_TEST

START_TEST(a_huge_file_is_not_read_whole)
{
	FILE *file = fopen(path, "w");
	for (int i = 0; i < 10000; i++)
		fputs("boot_id = 5\n", file);
	fclose(file);
	struct state state;
	ck_assert_int_eq(state_load(directory, &state), -EBADMSG);
	ck_assert_uint_eq(state.boot_id, 5);
}
END_TEST

/* Mounts a file system of one page over the directory, in a namespace of the test's own. */
static bool mount_tiny(const char *test)
{
	if (!enter_namespace(test))
		return false;
	if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", directory, "tmpfs", 0, "size=8k") < 0) {
		skip_test(test, "no mount: %s", strerror(errno));
		return false;
	}
	return true;
}

static void fill_disk(void)
{
	char name[128], page[4096] = {0};
	snprintf(name, sizeof(name), "%s/full", directory);
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	while (write(fd, page, sizeof(page)) > 0)
		;
	close(fd);
}

START_TEST(a_full_disk_leaves_the_old_file_whole)
{
	if (!mount_tiny("a_full_disk_leaves_the_old_file_whole"))
		return;
	struct state old = {.uuid = UUID, .boot_id = 41}, new = {.uuid = UUID, .boot_id = 42},
		     loaded;
	ck_assert_int_eq(state_save(directory, &old), 0);
	fill_disk();
	ck_assert_int_eq(state_save(directory, &new), -ENOSPC);
	ck_assert_int_eq(state_load(directory, &loaded), 0);
	ck_assert_uint_eq(loaded.boot_id, 41);
	char name[128];
	snprintf(name, sizeof(name), "%s/state.new", directory);
	ck_assert_int_eq(access(name, F_OK), -1);
	umount(directory);
}
END_TEST

START_TEST(a_read_only_disk_is_an_error_and_still_read)
{
	if (!mount_tiny("a_read_only_disk_is_an_error_and_still_read"))
		return;
	struct state old = {.uuid = UUID, .boot_id = 41}, new = {.uuid = UUID, .boot_id = 42},
		     loaded;
	ck_assert_int_eq(state_save(directory, &old), 0);
	ck_assert_int_eq(mount("", directory, "", MS_REMOUNT | MS_RDONLY, NULL), 0);
	ck_assert_int_eq(state_save(directory, &new), -EROFS);
	ck_assert_int_eq(state_load(directory, &loaded), 0);
	ck_assert_uint_eq(loaded.boot_id, 41);
	umount(directory);
}
END_TEST

START_TEST(a_link_in_the_place_of_the_file_is_not_followed)
{
	char target[128];
	snprintf(target, sizeof(target), "%s/target", directory);
	close(open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	ck_assert_int_eq(symlink(target, path), 0);
	struct state state = {.uuid = "", .boot_id = 8};
	ck_assert_int_eq(state_load(directory, &state), -ELOOP);
	ck_assert_int_eq(state_save(directory, &state), 0);
	ck_assert_int_eq(state_load(directory, &state), 0);
	struct stat st;
	ck_assert_int_eq(stat(target, &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	unlink(target);
}
END_TEST

/* Nothing may wait for a reader of a pipe, write through a link, or into the file of another. */
START_TEST(what_is_no_file_of_ours_in_the_place_of_the_new_one_is_an_error_once)
{
	char new_name[128], target[128];
	struct state state = {.uuid = UUID, .boot_id = 8}, loaded;
	snprintf(new_name, sizeof(new_name), "%s/state.new", directory);
	snprintf(target, sizeof(target), "%s/target", directory);
	close(open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));

	ck_assert_int_eq(mkfifo(new_name, 0600), 0);
	ck_assert_int_eq(state_save(directory, &state), -ENXIO);
	ck_assert_int_eq(mkfifo(new_name, 0600), 0);
	int reader = open(new_name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_eq(state_save(directory, &state), -ENXIO);
	close(reader);
	ck_assert_int_eq(symlink(target, new_name), 0);
	ck_assert_int_eq(state_save(directory, &state), -ELOOP);
	ck_assert_int_eq(link(target, new_name), 0);
	ck_assert_int_eq(state_save(directory, &state), -EMLINK);
	/* it is removed, and what it was another name of is untouched */
	struct stat st;
	ck_assert_int_eq(stat(target, &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	ck_assert_int_eq(state_save(directory, &state), 0);
	ck_assert_int_eq(state_load(directory, &loaded), 0);
	ck_assert_uint_eq(loaded.boot_id, 8);
	unlink(target);
}
END_TEST

START_TEST(a_pipe_in_the_place_of_the_file_is_an_error)
{
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	struct state state = {.uuid = UUID, .boot_id = 8};
	ck_assert_int_eq(state_load(directory, &state), -ENXIO);
	ck_assert_int_eq(state_note_boot_id(directory, 9), -ENXIO);
	ck_assert_int_eq(state_save(directory, &state), 0);
	ck_assert_int_eq(state_load(directory, &state), 0);
}
END_TEST

Suite *state_file_suite(void)
{
	Suite *suite = suite_create("net/state_file");
	TCase *tcase = tcase_create("state_file");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, what_is_saved_is_loaded);
	tcase_add_test(tcase, a_boot_id_is_written_over_the_one_there);
	tcase_add_test(tcase, a_state_without_uuid_is_kept_as_that);
	tcase_add_test(tcase, a_first_start_is_told_from_an_error);
	tcase_add_test(tcase, a_broken_file_gives_what_can_be_saved);
	tcase_add_test(tcase, a_number_that_was_cut_off_is_not_believed);
	tcase_add_test(tcase, keys_of_a_later_version_are_ignored);
	tcase_add_test(tcase, one_process_at_a_time_has_the_directory);
	tcase_add_test(tcase, a_huge_file_is_not_read_whole);
	tcase_add_test(tcase, a_full_disk_leaves_the_old_file_whole);
	tcase_add_test(tcase, a_read_only_disk_is_an_error_and_still_read);
	tcase_add_test(tcase, a_link_in_the_place_of_the_file_is_not_followed);
	tcase_add_test(tcase, a_pipe_in_the_place_of_the_file_is_an_error);
	tcase_add_test(tcase, what_is_no_file_of_ours_in_the_place_of_the_new_one_is_an_error_once);
	suite_add_tcase(suite, tcase);
	return suite;
}

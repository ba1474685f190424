/* SPDX-License-Identifier: ISC
 * Tests of net/netns_names: what a namespace or a container is called. */
#include "base/array.h"
#include "harness.h"
#include "net/netns_names.h"
#include "suites.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID "961d9113f94055aa961d9113f94055aa961d9113f94055aa961d9113f94055aa"

START_TEST(a_control_group_tells_its_container)
{
	static const struct {
		const char *parent, *directory, *name;
	} CASES[] = {
	    {"system.slice", "docker-" ID ".scope", "docker-961d9113f940"},
	    {"docker", ID, "docker-961d9113f940"},
	    {"machine.slice", "libpod-" ID ".scope", "libpod-961d9113f940"},
	    {"machine.slice", "libpod-conmon-" ID ".scope", NULL},
	    {"kubepods-burstable-pod1.slice", "cri-containerd-" ID ".scope",
		"cri-containerd-961d9113f940"},
	    {"pod0f2c", ID, "961d9113f940"},
	    {"", "lxc.payload.web", "web"},
	    {"lxc", "web", "web"},
	    {"machine.slice", "machine-my\\x2dbox.scope", "my-box"},
	    {"machine.slice", "systemd-nspawn@box.service", "box"},
	    {"system.slice", "ssh.service", NULL},
	    {"system.slice", ID, NULL},
	    {"user.slice", "docker-123.scope", NULL},
	    {"machine.slice", "machine-.scope", NULL},
	    {"machine.slice",
		"machine-1234567890123456789012345678901234567890123456789012345678901234567890",
		NULL},
	    {"", "", NULL},
	};
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		char name[NETNS_NAME_MAX];
		bool is = netns_container_name(
		    slice_of(CASES[i].parent), slice_of(CASES[i].directory), name);
		ck_assert_msg(is == (CASES[i].name != NULL), "%s", CASES[i].directory);
		if (is)
			ck_assert_str_eq(name, CASES[i].name);
	}
}
END_TEST

struct fixture {
	struct two_hosts hosts;
	char folder[64], netns[96], cgroup[96];
	struct netns_names *names;
	struct instant now;
};

static bool set_up(struct fixture *f, const char *test)
{
	memset(f, 0, sizeof(*f));
	if (!two_hosts_enter(test, &f->hosts))
		return false;
	strcpy(f->folder, "/tmp/discoverd-netns-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(f->folder));
	snprintf(f->netns, sizeof(f->netns), "%s/netns", f->folder);
	snprintf(f->cgroup, sizeof(f->cgroup), "%s/cgroup", f->folder);
	command("mkdir %s %s", f->netns, f->cgroup);
	struct netns_places places = {f->netns, f->cgroup};
	f->names = netns_names_new(&places);
	f->now.us = SECONDS(1000);
	return true;
}

static void tear_down(struct fixture *f)
{
	netns_names_free(f->names);
	command("rm -r %s", f->folder);
	two_hosts_leave(&f->hosts);
}

/* By what number this namespace knows the other one. */
static int32_t other_number(void)
{
	char text[32] = "";
	FILE *pipe =
	    popen("ip -d link show eth0 | sed -n 's/.*link-netnsid \\([0-9]*\\).*/\\1/p'", "r");
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), pipe));
	pclose(pipe);
	return atoi(text);
}

static const char *find(struct fixture *f)
{
	const char *name = netns_names_find(f->names, f->now, other_number());
	return name ? name : "nobody";
}

/* A name as ip-netns(8) gives it, without the right to mount: a link to the descriptor. */
static void name_it(struct fixture *f, const char *name)
{
	command("ln -s /proc/%d/fd/%d %s/%s", (int)getpid(), f->hosts.there, f->netns, name);
}

START_TEST(a_namespace_has_the_name_that_it_was_given)
{
	struct fixture f;
	if (!set_up(&f, "a_namespace_has_the_name_that_it_was_given"))
		return;
	command("mkfifo %s/aaa && touch %s/aab", f.netns, f.netns);
	name_it(&f, "app");
	ck_assert_str_eq(find(&f), "app");
	/* Known names are not looked for again, until the number may mean another. */
	command("rm %s/app", f.netns);
	f.now = instant_add(f.now, SECONDS(60));
	ck_assert_str_eq(find(&f), "app");
	netns_names_forget(f.names, other_number());
	f.now = instant_add(f.now, SECONDS(60));
	ck_assert_str_eq(find(&f), "nobody");
	tear_down(&f);
}
END_TEST

START_TEST(a_namespace_without_a_name_is_looked_for_seldom)
{
	struct fixture f;
	if (!set_up(&f, "a_namespace_without_a_name_is_looked_for_seldom"))
		return;
	ck_assert_str_eq(find(&f), "nobody");
	name_it(&f, "app");
	f.now = instant_add(f.now, SECONDS(1));
	ck_assert_str_eq(find(&f), "nobody");
	f.now = instant_add(f.now, SECONDS(1));
	ck_assert_str_eq(find(&f), "app");
	tear_down(&f);
}
END_TEST

START_TEST(a_container_is_known_by_one_of_its_processes)
{
	struct fixture f;
	if (!set_up(&f, "a_container_is_known_by_one_of_its_processes"))
		return;
	go_to(f.hosts.there);
	command("mkdir -p %s/system.slice/docker-" ID ".scope/init; sleep 20 >/dev/null 2>&1 & "
		"echo $! >%s/system.slice/docker-" ID ".scope/init/cgroup.procs",
	    f.cgroup, f.cgroup);
	go_to(f.hosts.here);
	ck_assert_str_eq(find(&f), "docker-961d9113f940");
	/* A name for ip-netns(8) is the better one. */
	netns_names_forget(f.names, other_number());
	name_it(&f, "app");
	f.now = instant_add(f.now, SECONDS(60));
	ck_assert_str_eq(find(&f), "app");
	command("kill $(cat %s/system.slice/*/init/cgroup.procs)", f.cgroup);
	tear_down(&f);
}
END_TEST

START_TEST(missing_places_are_no_names)
{
	struct netns_places places = {"/nonexistent/netns", "/nonexistent/cgroup"};
	struct netns_names *names = netns_names_new(&places);
	struct instant now = {SECONDS(1000)};
	for (int32_t i = 0; i < 3 * NETNS_NAMES_MAX; i++)
		ck_assert_ptr_null(netns_names_find(names, now, i));
	netns_names_free(names);
}
END_TEST

Suite *netns_names_suite(void)
{
	Suite *suite = suite_create("net/netns_names");
	TCase *tcase = tcase_create("netns_names");
	tcase_add_test(tcase, a_control_group_tells_its_container);
	tcase_add_test(tcase, a_namespace_has_the_name_that_it_was_given);
	tcase_add_test(tcase, a_namespace_without_a_name_is_looked_for_seldom);
	tcase_add_test(tcase, a_container_is_known_by_one_of_its_processes);
	tcase_add_test(tcase, missing_places_are_no_names);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * harness: runs a loop until something is so, and gives a test a network of its own. */
#ifndef TESTS_NET_HARNESS_H
#define TESTS_NET_HARNESS_H

#include "net/loop.h"
#include <stdio.h>

/* Runs the loop until `condition` holds after a round, 60 s at most. What it held in the end;
 * `rounds`, where given, gets how often the loop woke up. Takes the loop's round and deadline for
 * itself. */
bool run_until(
    struct loop *loop, bool (*condition)(void *context), void *context, unsigned *rounds);
/* The same for a condition that can become true without an event of the loop. */
bool poll_until(struct loop *loop, bool (*condition)(void *context), void *context);
/* Handles all events that are ready, and those that become ready by that, until none is. Returns
 * how many rounds it took; fails when there is no end to them. Waits for no timer. */
unsigned run_ready(struct loop *loop);
/* Runs the loop for this long: only where a timer of the tested part must not ring, or as the pace
 * of what a test sends. Returns how often it woke up. */
unsigned run_for(struct loop *loop, int64_t us);

/* For tests of missing descriptors: valgrind takes a connection off the queue before it finds none
 * free, and keeps some beyond the limit, which it does not let a program raise. True, with a word
 * on stderr: the test is to return. */
bool skip_under_valgrind(const char *test);

/* Runs `fn` in a process of its own, with what it writes in `text` at the end. The status of that
 * process, as from waitpid(2). */
int run_apart(void (*fn)(FILE *report), char *text, size_t size);

/* Moves the test into a new network namespace with nothing but a loopback that is up. False, with a
 * word on stderr, where the kernel does not allow it: the test is then to return. */
bool enter_namespace(const char *test);
/* Two hosts on one wire: eth0 with 10.9.0.1/24 and fd09::1/64 here, the same with 2 there. Moves
 * the test to the first. False as above. */
struct two_hosts {
	int here, there; /* their namespaces, for go_to; closed with two_hosts_leave */
};
bool two_hosts_enter(const char *test, struct two_hosts *hosts);
void two_hosts_leave(struct two_hosts *hosts);
/* Sockets opened from now on belong to this host. */
void go_to(int host);
/* Runs a command line by the shell; it must succeed. */
void command(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The index of an interface that is there. */
uint32_t link_index(const char *name);

#endif

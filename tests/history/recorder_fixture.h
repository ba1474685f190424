/* SPDX-License-Identifier: ISC
 * recorder_fixture: a recorder with a file of its own, a clock that is moved by hand, and what it
 * reports as text. */
#ifndef TESTS_HISTORY_RECORDER_FIXTURE_H
#define TESTS_HISTORY_RECORDER_FIXTURE_H

#include "history/recorder.h"
#include "history/retention.h"

/* The date at which a test begins. */
enum { TODAY = 1800000000 };

struct recorder_fixture {
	char directory[64];
	struct history_config config;
	struct store *store;
	struct calendar calendar;
	struct recorder *recorder;
	struct instant now;
	int64_t wall_offset; /* seconds: the machine's clock at instant 0 */
	char reports[1024];  /* "new:a moved:a " */
};

/* Without learning, and synchronized with a daemon that has no devices. */
void fixture_begin(struct recorder_fixture *fixture);
void fixture_end(struct recorder_fixture *fixture);
/* Ends and begins again with the same file; `killed`: without the last writing. Not yet
 * synchronized. */
void fixture_restart(struct recorder_fixture *fixture, bool killed);
/* The time goes on, and what is due is done. */
void fixture_pass(struct recorder_fixture *fixture, int64_t seconds);
void fixture_sync(struct recorder_fixture *fixture);
/* A change as discoverd reports it; `device` is JSON. */
void fixture_see(struct recorder_fixture *fixture, const char *device);
void fixture_miss(struct recorder_fixture *fixture, const char *device, const char *merged_into);
/* What an SQL query gives: columns by ",", rows by ";". */
const char *fixture_query(struct recorder_fixture *fixture, const char *sql);

/* JSON of a device; the last four may be NULL. */
const char *fixture_device(const char *id, const char *name, const char *mac, const char *address);

#endif

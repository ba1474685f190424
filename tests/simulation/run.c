/* SPDX-License-Identifier: ISC
 * run: simulates a day for each of SEEDS=N seeds (20 unless it says so), from SEED=N on (1); with
 * SEED alone for that one. With TRACE=1 it prints what happens, and CK_FORK=no makes it one process
 * for a debugger. Each line that it prints otherwise is one simulation. */
#include "bytes_in_use.h"
#include "runner.h"
#include "simulation.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SEEDS_DEFAULT = 20, HOURS = 24 };
/* Bytes that the first discoverd and the world use when all others are gone. */
enum { USED_MAX = 2 * 1024 * 1024 };
#define LISTED_MIN 0.98

void simulation_fail(const struct simulation *s, const struct machine *at, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fflush(stdout);
	ck_abort_msg("SEED=%llu, %.3f s, %s: %s", (unsigned long long)s->seed,
	    (double)s->world->now.us / 1e6, at->host->udn, text);
}

void simulation_trace(const struct simulation *s, const struct machine *of, const char *format, ...)
{
	va_list arguments;

	if (!s->traced)
		return;
	printf("%.3f ", (double)s->world->now.us / 1e6);
	if (of)
		printf("%u: ", of->host->number);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void run_for(struct simulation *s, int64_t seconds)
{
	for (int64_t i = 0; i < seconds; i++) {
		churn_advance(s);
		world_run(s->world, SECONDS(1));
		audit_second(s);
		if (i % 30 == 0)
			audit_thoroughly(s);
	}
	audit_thoroughly(s);
}

/* When all others are gone, all lifetimes have ended and nothing is left of them. */
static void end(struct simulation *s)
{
	struct machine *first = &s->machines[0];

	churn_end(s);
	s->next_churn = s->next_confirmation = s->next_attack = INSTANT_NEVER;
	for (int64_t hours = 0; hours < 25; hours++) {
		world_run(s->world, SECONDS(3600));
		audit_second(s);
	}
	audit_thoroughly(s);
	if (table_endpoint_count(core_table(first->host->core)) > 0)
		simulation_fail(s, first, "%zu endpoints stay",
		    table_endpoint_count(core_table(first->host->core)));
}

/* Lossy as it is, nearly all is listed nearly always; and memory is given back. */
static void check_results(const struct simulation *s, size_t used_before)
{
	double listed = (double)s->listed_count / (double)s->due_count;

	if (listed < LISTED_MIN)
		simulation_fail(s, &s->machines[0], "%.2f %% are listed", 100 * listed);
	if (bytes_in_use() > used_before + USED_MAX)
		simulation_fail(
		    s, &s->machines[0], "%zu bytes are in use", bytes_in_use() - used_before);
}

static void simulate(uint64_t seed)
{
	struct simulation *s = calloc(1, sizeof(*s));
	clock_t began = clock();
	size_t used = bytes_in_use();

	ck_assert_ptr_nonnull(s);
	s->seed = seed;
	s->traced = getenv("TRACE") != NULL;
	s->world = world_new(seed, WITH_SSDP | WITH_BROADCAST | WITH_MDNS | WITH_WSD);
	s->world->observer = &SIMULATION_OBSERVER;
	s->world->conditions = (struct conditions){.loss = 20,
	    .duplication = 10,
	    .delay = MILLISECONDS(2),
	    .reordering = 10,
	    .lateness = MILLISECONDS(500)};
	rng_init(&s->rng, ~seed);
	churn_begin(s);
	s->attacks = true;
	run_for(s, 3600 * HOURS);
	uint64_t day = s->world->steps;
	end(s);
	check_results(s, used);
	printf(
	    "seed %llu: %llu events (%llu in the day), %llu changes, %.2f %% listed, at most %llu "
	    "sent/s, %u fetches, %zu bytes, spin %zu, %zu bytes in use, %.2f s\n",
	    (unsigned long long)seed, (unsigned long long)s->world->steps, (unsigned long long)day,
	    (unsigned long long)s->churned, 100.0 * (double)s->listed_count / (double)s->due_count,
	    (unsigned long long)s->most_sent, s->most_fetching, s->most_memory,
	    s->world->largest_spin, bytes_in_use(), (double)(clock() - began) / CLOCKS_PER_SEC);
	fflush(stdout);
	for (size_t i = 0; i < DISCOVERDS; i++)
		free(s->discoverds[i].shadows);
	world_free(s->world);
	free(s);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

START_TEST(a_day_of_churn_and_attacks)
{
	simulate(number_of("SEED", 1) + (uint64_t)_i);
}
END_TEST

static Suite *simulation_suite(void)
{
	Suite *suite = suite_create("simulation");
	TCase *tcase = tcase_create("day");
	uint64_t count = number_of("SEEDS", getenv("SEED") ? 1 : SEEDS_DEFAULT);

	tcase_add_loop_test(tcase, a_day_of_churn_and_attacks, 0, (int)count);
	suite_add_tcase(suite, tcase);
	return suite;
}

static Suite *(*const SUITES[])(void) = {simulation_suite};

int main(void)
{
	return run_suites(SUITES, 1, TESTS_PURE);
}

/* SPDX-License-Identifier: ISC
 * probes: carries out the plans of Probe and of the slow round, by ping and TCP. */
#include "discoverd/probes.h"

#include <errno.h>
#include <stdlib.h>

#include "net/ping.h"
#include "net/prober.h"

/* A plan that is being carried out. */
struct probe_run {
	struct probe_run *next;
	struct probes *probes;
	uint64_t number;
	struct probe_plan plan;
	struct ping_echo *echo;     /* NULL: none, or it has ended */
	struct prober_batch *batch; /* NULL: no ports, or not yet */
	size_t asked;               /* ports that were given to the prober */
	size_t left;                /* probes that have not ended */
	bool answered, silent;      /* a probe was; a probe was not */
};

struct probes {
	struct probes_listener listener;
	struct prober *prober;
	struct ping *ping;
	struct probe_run *runs;
	uint64_t number; /* of the last one */
};

static const char *reason_of(int error)
{
	switch (error) {
	case -EOPNOTSUPP:
		return "discoverd may not ping (net.ipv4.ping_group_range)";
	case -ENETUNREACH:
	case -EADDRNOTAVAIL:
	case -EINVAL:
		return "no way there";
	case -EACCES:
	case -EPERM:
		return "forbidden on this host";
	case -EMFILE:
	case -ENFILE:
	case -ENOBUFS:
	case -ENOMEM:
		return "too busy";
	default:
		return "failed on this host";
	}
}

static void free_run(struct probe_run *run)
{
	struct probe_run **at = &run->probes->runs;

	while (*at != run)
		at = &(*at)->next;
	*at = run->next;
	prober_end(run->batch);
	ping_cancel(run->echo);
	free(run);
}

/* Where every answer is a sign of life, silence counts only for what the device itself said that it
 * answers to. */
static void end(struct probe_run *run)
{
	struct probes *probes = run->probes;
	struct slice id = slice_of(run->plan.device);

	if (id.len && (run->answered || (run->silent && run->plan.silence_counts)))
		probes->listener.reached(probes->listener.context, id, run->answered);
	free_run(run);
}

/* The listener may have cancelled the run: it is looked up again. */
static void tell(struct probe_run *run, const struct probe_result *result)
{
	struct probes *probes = run->probes;
	uint64_t number = run->number;

	run->left--;
	run->answered |= result->state == PROBE_OPEN || result->state == PROBE_CLOSED;
	run->silent |= result->state == PROBE_NO_ANSWER;
	probes->listener.probed(probes->listener.context, number, result);
	for (run = probes->runs; run && run->number != number;)
		run = run->next;
	if (run && !run->left)
		end(run);
}

static bool next_port(void *context, struct prober_request *request)
{
	struct probe_run *run = context;
	const struct probe_plan *plan = &run->plan;

	if (run->asked == plan->port_count)
		return false;
	*request = (struct prober_request){
	    .to = {plan->address, plan->ports[run->asked++]},
	    .link = plan->link,
	    .timeout_us = SECONDS(plan->seconds),
	    .banner_us = plan->banner ? PROBE_BANNER_TIME : 0,
	};
	return true;
}

static void port_answered(void *context, uint16_t port, const struct tcp_probe_result *found)
{
	static const enum probe_state STATES[] = {
	    [TCP_PROBE_OPEN] = PROBE_OPEN,
	    [TCP_PROBE_CLOSED] = PROBE_CLOSED,
	    [TCP_PROBE_NO_ANSWER] = PROBE_NO_ANSWER,
	    [TCP_PROBE_UNREACHABLE] = PROBE_REFUSED,
	};
	struct probe_result result = {
	    .port = port, .state = STATES[found->state], .us = found->us, .banner = found->banner};

	/* no host has the address, or a router says so */
	if (found->error == -EHOSTUNREACH)
		result.state = PROBE_NO_ANSWER;
	if (result.state == PROBE_REFUSED)
		result.reason = reason_of(found->error);
	tell(context, &result);
}

static int begin_ports(struct probe_run *run)
{
	struct prober_source source = {
	    .context = run, .next = next_port, .answered = port_answered};

	run->left += run->plan.port_count;
	return run->plan.port_count ? prober_begin(run->probes->prober, &source, &run->batch) : 0;
}

static void echo_answered(void *context, const struct ping_result *found)
{
	struct probe_run *run = context;
	struct probe_result result = {.state = PROBE_REFUSED, .us = found->us};

	run->echo = NULL;
	if (!found->error)
		result.state = PROBE_OPEN;
	else if (found->error == -ETIMEDOUT || found->error == -EHOSTUNREACH)
		result.state = PROBE_NO_ANSWER;
	else
		result.reason = reason_of(found->error);
	if (run->plan.tcp_fallback && result.state == PROBE_REFUSED && begin_ports(run) < 0) {
		free_run(run);
		return;
	}
	tell(run, &result);
}

int probes_start(struct probes *probes, const struct probe_plan *plan, uint64_t *number)
{
	struct probe_run *run = calloc(1, sizeof(*run));
	int result = 0;

	if (!run)
		return -ENOMEM;
	run->probes = probes;
	run->plan = *plan;
	run->number = ++probes->number;
	run->next = probes->runs;
	probes->runs = run;
	if (plan->ping) {
		run->left = 1;
		result = ping_start(probes->ping, &plan->address, plan->link,
		    SECONDS(plan->seconds), echo_answered, run, &run->echo);
	}
	if (!result && !plan->tcp_fallback)
		result = begin_ports(run);
	*number = run->number;
	if (result)
		free_run(run);
	return result;
}

void probes_cancel(struct probes *probes, uint64_t number)
{
	for (struct probe_run *run = probes->runs; run; run = run->next)
		if (run->number == number) {
			free_run(run);
			return;
		}
}

struct probes *probes_new(
    struct loop *loop, struct rng *rng, const struct probes_listener *listener)
{
	struct probes *probes = calloc(1, sizeof(*probes));

	if (!probes)
		return NULL;
	probes->listener = *listener;
	probes->prober = prober_new(loop);
	probes->ping = ping_new(loop, rng);
	if (!probes->prober || !probes->ping) {
		probes_free(probes);
		return NULL;
	}
	return probes;
}

void probes_free(struct probes *probes)
{
	if (!probes)
		return;
	while (probes->runs)
		free_run(probes->runs); /* NOLINT(*unix.Malloc): unlinked before free */
	prober_free(probes->prober);
	ping_free(probes->ping);
	free(probes);
}

struct counter_group probes_counters(const struct probes *probes)
{
	return prober_counters(probes->prober);
}

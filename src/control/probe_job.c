/* SPDX-License-Identifier: ISC
 * probe_job: tells a client what each probe of its Probe found, as it comes. */
#include "base/text.h"
#include "control/job.h"
#include "control/json_build.h"
#include "control/probe_plan.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was found and is to be told. */
struct finding {
	int64_t us;
	char *banner; /* clean; NULL where there is none */
	const char *reason;
	uint16_t port;
	uint8_t state; /* enum probe_state */
};

struct probe_job {
	struct job job;
	uint64_t number; /* of the probes, for the host */
	char *target;
	struct address address;
	uint32_t link;
	size_t wanted, found, told;
	struct finding *findings; /* `wanted` of them */
	uint16_t *ports;          /* `wanted` of them, 0 for the ping: which to expect */
};

static const char *const STATES[PROBE_STATES] = {
    [PROBE_OPEN] = "open",
    [PROBE_CLOSED] = "closed",
    [PROBE_NO_ANSWER] = "no-answer",
    [PROBE_REFUSED] = "refused",
};

/* With its zone where there would be several of it. */
static struct json_object *address_json(const struct probe_job *probe)
{
	const struct link *link = link_set_find(probe->job.host->links, probe->link);
	char text[ADDRESS_TEXT_MAX + LINK_NAME_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	address_format(&probe->address, &w);
	if (link && probe->address.family == ADDRESS_IPV6 && address_is_link_local(&probe->address))
		writer_format(&w, "%%%s", link->name);
	return json_slice(writer_result(&w));
}

/* In milliseconds to the microsecond; json-c by itself writes 17 digits. */
static struct json_object *milliseconds(int64_t us)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld.%03d", (long long)(us / 1000), (int)(us % 1000));
	return json_object_new_double_s((double)us / 1000, text);
}

static struct json_object *result_json(const struct probe_job *probe, const struct finding *finding)
{
	struct json_object *result = json_object_new_object();

	json_add(result, "target", json_text(probe->target));
	json_add(result, "address", address_json(probe));
	json_add(result, "port", finding->port ? json_count(finding->port) : NULL);
	json_add(result, "state", json_text(STATES[finding->state]));
	json_add(result, "ms", finding->state == PROBE_REFUSED ? NULL : milliseconds(finding->us));
	json_add(result, "banner", json_text(finding->banner));
	json_add(result, "reason", json_text(finding->reason));
	return result;
}

/* One reply; after the last result the one without. */
static void probe_produce(struct job *job, struct instant now)
{
	struct probe_job *probe = (struct probe_job *)job;
	struct json_object *parameters = json_object_new_object();
	bool more = probe->told < probe->found;
	(void)now;

	json_add(
	    parameters, "result", more ? result_json(probe, &probe->findings[probe->told]) : NULL);
	job->failed = job_reply(job, parameters, more) < 0;
	job->over = !more;
	if (more)
		probe->told++;
	job->pending = probe->told < probe->found || probe->told == probe->wanted;
}

static char *clean_banner(struct slice banner)
{
	char text[PROBE_BANNER_MAX + 1];
	size_t len = text_clean(slice_head(banner, PROBE_BANNER_MAX), text, sizeof(text));

	return len ? slice_dup((struct slice){text, len}) : NULL;
}

static void probe_probed(struct job *job, uint64_t number, const struct probe_result *result)
{
	struct probe_job *probe = (struct probe_job *)job;
	struct finding *finding = &probe->findings[probe->found];

	if (number != probe->number || probe->found == probe->wanted)
		return;
	*finding = (struct finding){.us = result->us,
	    .banner = clean_banner(result->banner),
	    .reason = result->reason,
	    .port = result->port,
	    .state = (uint8_t)result->state};
	probe->found++;
	job->pending = true;
	if (probe->found == probe->wanted)
		job->deadline = INSTANT_NEVER;
}

static bool was_found(const struct probe_job *probe, uint16_t port)
{
	for (size_t i = 0; i < probe->found; i++)
		if (probe->findings[i].port == port)
			return true;
	return false;
}

/* Whatever is missing is told so. */
static void probe_expire(struct job *job)
{
	struct probe_job *probe = (struct probe_job *)job;
	const struct control_host *host = job->host;

	host->probe_cancel(host->context, probe->number);
	for (size_t i = 0; i < probe->wanted; i++) {
		struct probe_result late = {
		    .port = probe->ports[i], .state = PROBE_REFUSED, .reason = "out of time"};
		if (!was_found(probe, late.port))
			probe_probed(job, probe->number, &late);
	}
}

static void probe_destroy(struct job *job)
{
	struct probe_job *probe = (struct probe_job *)job;

	if (probe->number)
		job->host->probe_cancel(job->host->context, probe->number);
	for (size_t i = 0; i < probe->found; i++)
		/* NOLINTNEXTLINE(*NullDereference): nothing is found without an array for it */
		free(probe->findings[i].banner);
	free(probe->findings);
	free(probe->ports);
	free(probe->target);
	free(probe);
}

static const struct job_type PROBE_JOB = {
    .produce = probe_produce,
    .probed = probe_probed,
    .expire = probe_expire,
    .destroy = probe_destroy,
};

struct job *probe_job_new(const struct control_host *host, struct text_queue *out,
    struct slice target, struct instant now, const struct probe_plan *plan)
{
	struct probe_job *probe = calloc(1, sizeof(*probe));

	if (!probe)
		return NULL;
	probe->job = job_base(&PROBE_JOB, host, out);
	probe->job.deadline = instant_add(now, PROBE_TIME_MAX);
	probe->address = plan->address;
	probe->link = plan->link;
	probe->wanted = plan->port_count + plan->ping;
	probe->target = slice_dup(target);
	probe->findings = calloc(probe->wanted, sizeof(*probe->findings));
	probe->ports = calloc(probe->wanted, sizeof(*probe->ports));
	if (!probe->target || !probe->findings || !probe->ports ||
	    host->probe(host->context, plan, &probe->number) < 0) {
		probe_destroy(&probe->job);
		return NULL;
	}
	memcpy(probe->ports + plan->ping, plan->ports, plan->port_count * sizeof(*probe->ports));
	return &probe->job;
}

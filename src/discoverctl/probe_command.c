/* SPDX-License-Identifier: ISC
 * probe_command: probe: asks whether targets answer, and says so as they do. */
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/field.h"
#include "discoverctl/probe_calls.h"
#include "discoverctl/probe_target.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Ports of one call: half of what discoverd takes, so that a long list goes two ways. */
enum { CHUNK_PORTS_MAX = 512, SECONDS_DEFAULT = 2, SECONDS_MAX = 10, NAME_LEN_MAX = 512 };

enum { OPEN, CLOSED, NO_ANSWER, REFUSED, STATES };
static const char *const STATE_NAMES[STATES] = {"open", "closed", "no-answer", "refused"};

struct probing {
	struct context *context;
	struct probe_calls calls;
	size_t counts[STATES];
	struct json_object *reasons; /* an object: those that stderr has been told */
	int failed;                  /* status of the first target that is none */
	bool begun;                  /* headings go before a result, not before a refusal */
};

static struct json_object *parameters_of(
    const struct context *context, const struct probe_target *target)
{
	const struct command_options *options = context->options;
	struct json_object *parameters = json_object_new_object();
	unsigned seconds = context->seconds ? context->seconds : SECONDS_DEFAULT;

	if (seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	json_object_object_add(parameters, "target",
	    json_object_new_string_len(target->name.bytes, (int)target->name.len));
	json_object_object_add(parameters, "seconds", json_object_new_int((int)seconds));
	if (options->banner)
		json_object_object_add(parameters, "banner", json_object_new_boolean(true));
	if (options->anywhere)
		json_object_object_add(parameters, "anywhere", json_object_new_boolean(true));
	return parameters;
}

/* As many calls as its ports need. 0 or -ENOMEM. */
static int add_target(struct probing *probing, const struct probe_target *target)
{
	struct json_object *parameters = parameters_of(probing->context, target), *ports = NULL;
	size_t count = 0;

	for (unsigned port = 1; port < PROBE_TARGET_PORTS && target->port_count; port++) {
		if (!target->ports[port])
			continue;
		if (count && count % CHUNK_PORTS_MAX == 0) {
			if (probe_calls_add(&probing->calls, parameters) < 0)
				return -ENOMEM;
			parameters = parameters_of(probing->context, target);
			ports = NULL;
		}
		if (!ports) {
			ports = json_object_new_array();
			json_object_object_add(parameters, "ports", ports);
		}
		json_object_array_add(ports, json_object_new_int((int)port));
		count++;
	}
	return probe_calls_add(&probing->calls, parameters);
}

/* All of them, before anything is sent. */
static int read_targets(struct probing *probing, char **arguments)
{
	struct probe_target *target = malloc(sizeof(*target));
	int status = target ? STATUS_DONE : STATUS_FAILED;

	for (; *arguments && !status; arguments++) {
		int error = probe_target_read(slice_of(*arguments), target);
		if (error < 0 || target->name.len > NAME_LEN_MAX) {
			fprintf(stderr,
			    "discoverctl: \"%s\" is no TARGET[:PORTS]; ports are numbers from 1 to "
			    "65535 and ranges of them, as in 22,80,8000-8010\n",
			    *arguments);
			status = STATUS_USAGE;
		} else if (add_target(probing, target) < 0)
			status = STATUS_FAILED;
	}
	free(target);
	return status;
}

/* Why it was refused, once for each reason: the table has no room for it. */
static void say_reason(struct probing *probing, struct json_object *result)
{
	struct slice reason = field_text(field_get(result, "reason"));
	struct slice target = field_text(field_get(result, "target"));

	if (!reason.bytes || json_object_object_get(probing->reasons, reason.bytes))
		return;
	json_object_object_add(probing->reasons, reason.bytes, json_object_new_boolean(true));
	fputs("discoverctl: ", stderr);
	output_escaped(stderr, target);
	fputs(": refused: ", stderr);
	output_escaped(stderr, reason);
	fputc('\n', stderr);
}

static int print_result(struct probing *probing, struct json_object *result)
{
	struct slice state = field_text(field_get(result, "state"));

	for (size_t i = 0; i < STATES; i++)
		probing->counts[i] += slice_equal(state, slice_of(STATE_NAMES[i]));
	if (!probing->begun)
		output_begin(&probing->context->output, true);
	probing->begun = true;
	output_record(&probing->context->output, result);
	if (output_is_table(&probing->context->output))
		say_reason(probing, result);
	return output_flush(&probing->context->output);
}

/* One target that is none does not keep the others from being asked; without permission there is
 * nothing to ask. */
static int take_reply(void *context, const struct varlink_reply *reply)
{
	struct probing *probing = context;
	struct json_object *result = field_get(reply->parameters, "result");
	int status;

	if (!reply->error)
		return result ? print_result(probing, result) : STATUS_DONE;
	status = daemon_explain(stderr, reply->error, reply->parameters);
	if (!strcmp(reply->error, "org.varlink.service.PermissionDenied"))
		return status;
	if (!probing->failed)
		probing->failed = status;
	return STATUS_DONE;
}

static int64_t clock_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int verdict(const struct probing *probing)
{
	const size_t *counts = probing->counts;

	if (probing->failed)
		return probing->failed;
	if (counts[OPEN])
		return STATUS_DONE;
	if (counts[CLOSED])
		return STATUS_FAILED;
	return counts[NO_ANSWER] ? STATUS_TIMED_OUT : STATUS_NOT_ALLOWED;
}

static int probe_all(struct probing *probing)
{
	struct output *output = &probing->context->output;
	int64_t start = clock_ms();
	char summary[128];
	struct writer w;
	int status;

	status = probe_calls_run(&probing->calls, &probing->context->daemon, take_reply, probing);
	if (status || !probing->begun)
		return status ? status : verdict(probing);
	writer_init(&w, summary, sizeof(summary) - 1);
	for (size_t i = 0; i < STATES; i++)
		writer_format(&w, "%s%zu %s", i ? ", " : ": ", probing->counts[i], STATE_NAMES[i]);
	writer_format(&w, " in %.1f s", (double)(clock_ms() - start) / 1000);
	summary[w.len] = '\0';
	output->summary = summary;
	output_end(output);
	status = output_flush(output);
	return status ? status : verdict(probing);
}

int command_probe(struct context *context, char **arguments)
{
	struct probing probing = {.context = context, .reasons = json_object_new_object()};
	int status = read_targets(&probing, arguments);

	if (!status)
		status = daemon_open(&context->daemon, context->socket, context->timeout_ms);
	if (!status)
		status = probe_all(&probing);
	daemon_close(&context->daemon);
	probe_calls_fini(&probing.calls);
	json_object_put(probing.reasons);
	return status;
}

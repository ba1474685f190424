/* SPDX-License-Identifier: ISC
 * probe_command: probe, which tests whether targets answer and prints results as they come. */
#include "base/array.h"
#include "client/field.h"
#include "client/pattern.h"
#include "discoverctl/cell.h"
#include "discoverctl/columns.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/inventory.h"
#include "discoverctl/lookup.h"
#include "discoverctl/probe_calls.h"
#include "discoverctl/probe_range.h"
#include "discoverctl/probe_target.h"
#include "discoverctl/sort.h"
#include "discoverctl/suggest.h"
#include "wire/varlink_service.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ports of one call: half of the limit of discoverd, so that a long list uses two connections. */
enum { CHUNK_PORTS_MAX = 512, SECONDS_DEFAULT = 2, SECONDS_MAX = 10, NAME_LEN_MAX = 512 };

enum { OPEN, CLOSED, NO_ANSWER, REFUSED, STATES };
static const char *const STATE_NAMES[STATES] = {"open", "closed", "no-answer", "refused"};

struct probing {
	struct context *context;
	struct probe_calls calls;
	size_t ended; /* calls */
	size_t counts[STATES];
	struct json_object *labels;     /* an object: what was typed, by the target of its call */
	struct json_object *sorted;     /* an array: results to be sorted; NULL: printed at once */
	struct json_object *interfaces; /* NULL until a range needs them */
	struct json_object *reasons;    /* an object: those that were printed */
	int failed;                     /* status of the first target that cannot be probed */
	bool begun;                     /* headings are printed */
	bool progress;                  /* stderr is a terminal, and there is more than one call */
};

static struct json_object *parameters_of(const struct context *context, struct slice target)
{
	const struct command_options *options = context->options;
	struct json_object *parameters = json_object_new_object();
	unsigned seconds = context->seconds ? context->seconds : SECONDS_DEFAULT;

	json_object_object_add(
	    parameters, "target", json_object_new_string_len(target.bytes, (int)target.len));
	json_object_object_add(parameters, "seconds", json_object_new_int((int)seconds));
	if (options->banner)
		json_object_object_add(parameters, "banner", json_object_new_boolean(true));
	if (options->anywhere)
		json_object_object_add(parameters, "anywhere", json_object_new_boolean(true));
	return parameters;
}

/* Adds as many calls as the ports need. 0 or -ENOMEM. */
static int add_calls(struct probing *probing, struct slice name, const struct probe_target *target)
{
	struct json_object *parameters = parameters_of(probing->context, name), *ports = NULL;
	size_t count = 0;

	for (unsigned port = 1; port < PROBE_TARGET_PORTS && target->port_count; port++) {
		if (!target->ports[port])
			continue;
		if (count && count % CHUNK_PORTS_MAX == 0) {
			if (probe_calls_add(&probing->calls, parameters) < 0)
				return -ENOMEM;
			parameters = parameters_of(probing->context, name);
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

/* Offers common services only, not all of services(5). */
static void suggest_service(struct slice wrong)
{
	static const char *const names[] = {"ssh", "http", "https", "telnet", "ftp", "smtp",
	    "domain", "imap", "imaps", "ipp", "printer", "nfs", "mysql", "rtsp", "microsoft-ds"};
	struct suggestion suggestion;

	suggest_begin(&suggestion, wrong);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		suggest_offer(&suggestion, slice_of(names[i]));
	suggest_print(stderr, &suggestion);
}

static int refuse_target(const char *argument, const struct probe_target *target, int error)
{
	fprintf(stderr, "discoverctl: \"%s\": ", argument);
	if (error == -E2BIG) {
		fprintf(stderr, "more than %d addresses", PROBE_RANGE_MAX);
	} else if (target->wrong.len) {
		fprintf(stderr,
		    "\"%.*s\" is no port from 1 to 65535, range of ports or TCP service",
		    SLICE_ARGS(target->wrong));
		suggest_service(target->wrong);
	} else {
		fputs("not TARGET[:PORTS], as in nas:22,ssh,8000-8010, 192.0.2.0/24 or "
		      "192.0.2.10-50:http",
		    stderr);
	}
	fputc('\n', stderr);
	return STATUS_USAGE;
}

int command_check_probe(struct context *context, char **arguments)
{
	const struct command_options *options = context->options;
	struct probe_target *target = malloc(sizeof(*target));
	struct probe_range range;
	int status = STATUS_DONE;

	if (!target)
		return daemon_fail(&context->daemon, -ENOMEM);
	for (; *arguments && !status; arguments++) {
		int error = probe_target_read(slice_of(*arguments), target);
		if (!error)
			error = probe_range_read(target->name, &range);
		if ((error && error != -ENOENT) || target->name.len > NAME_LEN_MAX)
			status = refuse_target(*arguments, target, error);
	}
	free(target);
	if (!status && context->seconds > SECONDS_MAX) {
		fprintf(stderr, "discoverctl: %s is at most %d seconds for probe, not \"%s\"\n",
		    command_options_typed(options, "timeout"), SECONDS_MAX, options->timeout);
		return STATUS_USAGE;
	}
	return status ? status : sort_check(&PROBE_COLUMNS, options);
}

/* Adds each address of a range. Without --anywhere, the range must be within our networks. */
static int add_range(struct probing *probing, const char *argument, const struct probe_range *range,
    const struct probe_target *target)
{
	struct context *context = probing->context;
	char text[ADDRESS_TEXT_MAX];
	int status = STATUS_DONE;

	if (!context->options->anywhere && !probing->interfaces)
		status = inventory_interfaces(context, &probing->interfaces);
	if (status)
		return status;
	if (!context->options->anywhere && !probe_range_is_ours(range, probing->interfaces)) {
		fprintf(stderr,
		    "discoverctl: \"%s\" is not within a network that discoverd uses; --anywhere "
		    "probes it nevertheless\n",
		    argument);
		return STATUS_NOT_ALLOWED;
	}
	for (unsigned i = 0; i < range->count; i++)
		if (add_calls(probing, slice_of(probe_range_address(range, i, text)), target) < 0)
			return daemon_fail(&context->daemon, -ENOMEM);
	return STATUS_DONE;
}

/* Adds devices by key or pattern. Results carry the key as typed, or with a glob the device's name.
 */
static int add_devices(struct probing *probing, const struct probe_target *target)
{
	struct json_object *devices = json_object_new_array();
	int status = lookup_key(probing->context, target->name, devices);

	for (size_t i = 0; i < field_length(devices) && !status; i++) {
		struct json_object *device = field_entry(devices, i);
		struct json_object *id = field_get(device, "id");
		struct slice label = pattern_is_glob(target->name)
					 ? field_text(field_get(device, "name"))
					 : target->name;
		if (!id)
			continue;
		json_object_object_add(probing->labels, json_object_get_string(id),
		    json_object_new_string_len(label.bytes, (int)label.len));
		if (add_calls(probing, field_text(id), target) < 0)
			status = daemon_fail(&probing->context->daemon, -ENOMEM);
	}
	json_object_put(devices);
	return status;
}

/* "192.0.2.5" and "fe80::1%eth0". */
static bool is_address(struct slice name)
{
	struct address address;
	return address_parse(slice_head(name, slice_find(name, '%')), &address) == 0;
}

static int add_target(struct probing *probing, const char *argument, struct probe_target *target)
{
	struct probe_range range;

	probe_target_read(slice_of(argument), target);
	if (probe_range_read(target->name, &range) == 0)
		return add_range(probing, argument, &range, target);
	if (!is_address(target->name))
		return add_devices(probing, target);
	if (add_calls(probing, target->name, target) < 0)
		return daemon_fail(&probing->context->daemon, -ENOMEM);
	return STATUS_DONE;
}

/* Adds all targets before the first call. One that cannot be probed does not prevent the others. */
static void add_targets(struct probing *probing, char **arguments)
{
	struct probe_target *target = malloc(sizeof(*target));

	if (!target)
		probing->failed = daemon_fail(&probing->context->daemon, -ENOMEM);
	for (; *arguments && target; arguments++) {
		int status = add_target(probing, *arguments, target);
		if (!probing->failed)
			probing->failed = status;
	}
	free(target);
}

static void clear_progress(const struct probing *probing)
{
	if (probing->progress)
		fputs("\r\033[K", stderr);
}

/* Prints one line, which the next one overwrites. */
static void print_progress(const struct probing *probing)
{
	if (probing->progress && probing->ended < probing->calls.count)
		fprintf(stderr, "\r\033[K%zu of %zu probed, %zu open", probing->ended,
		    probing->calls.count, probing->counts[OPEN]);
}

/* Prints each reason of a refusal once: the table has no column for it. */
static void print_reason(struct probing *probing, struct json_object *result)
{
	struct slice reason = field_text(field_get(result, "reason"));
	struct slice target = field_text(field_get(result, "target"));

	if (!reason.bytes || json_object_object_get(probing->reasons, reason.bytes))
		return;
	json_object_object_add(probing->reasons, reason.bytes, json_object_new_boolean(true));
	fputs("discoverctl: ", stderr);
	cell_print_escaped(stderr, target);
	fputs(": refused: ", stderr);
	cell_print_escaped(stderr, reason);
	fputc('\n', stderr);
}

static void print_row(struct probing *probing, struct json_object *result)
{
	if (!probing->begun)
		output_begin(&probing->context->output, !probing->sorted);
	probing->begun = true;
	output_record(&probing->context->output, result);
}

static int take_result(struct probing *probing, struct json_object *result)
{
	struct output *output = &probing->context->output;
	struct slice state = field_text(field_get(result, "state"));
	const char *target = json_object_get_string(field_get(result, "target"));
	struct json_object *label = target ? field_get(probing->labels, target) : NULL;
	bool open = slice_equal(state, slice_of(STATE_NAMES[OPEN]));

	for (size_t i = 0; i < STATES; i++)
		probing->counts[i] += slice_equal(state, slice_of(STATE_NAMES[i]));
	if (label)
		json_object_object_add(result, "target", json_object_get(label));
	clear_progress(probing);
	if (output_is_table(output))
		print_reason(probing, result);
	if (!open && probing->context->options->open)
		return STATUS_DONE;
	if (probing->sorted)
		json_object_array_add(probing->sorted, json_object_get(result));
	else
		print_row(probing, result);
	return output_flush(output);
}

/* Missing permission ends all calls; another error concerns this target alone. */
static int take_reply(void *context, const struct varlink_reply *reply)
{
	struct probing *probing = context;
	struct json_object *result = field_get(reply->parameters, "result");
	int status = STATUS_DONE;

	probing->ended += !reply->continues;
	if (!reply->error) {
		if (result)
			status = take_result(probing, result);
		print_progress(probing);
		return status;
	}
	clear_progress(probing);
	status = daemon_explain(stderr, reply->error, reply->parameters);
	if (!strcmp(reply->error, VARLINK_PERMISSION_DENIED))
		return status;
	if (!probing->failed)
		probing->failed = status;
	return STATUS_DONE;
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

static void print_sorted(struct probing *probing)
{
	struct json_object *results = probing->sorted;

	if (!results)
		return;
	sort_records(&PROBE_COLUMNS, probing->context->options->sort, results);
	for (size_t i = 0; i < field_length(results); i++)
		print_row(probing, field_entry(results, i));
}

static int print_end(struct probing *probing, int64_t start)
{
	struct output *output = &probing->context->output;
	char summary[128];
	struct writer w;
	size_t probes = 0;

	writer_init(&w, summary, sizeof(summary) - 1);
	for (size_t i = 0; i < STATES; i++) {
		writer_format(&w, "%s%zu %s", i ? ", " : ": ", probing->counts[i], STATE_NAMES[i]);
		probes += probing->counts[i];
	}
	writer_format(&w, " in %.1f s", (double)(client_clock_ms() - start) / 1000);
	summary[w.len] = '\0';
	if (output_is_table(output))
		output->records = probes; /* also those that are not printed */
	output->summary = summary;
	output_end(output);
	return output_flush(output);
}

static int probe_all(struct probing *probing)
{
	struct output *output = &probing->context->output;
	int64_t start = client_clock_ms();
	int status;

	probing->progress =
	    output_is_table(output) && isatty(STDERR_FILENO) && probing->calls.count > 1;
	status = probe_calls_run(&probing->calls, &probing->context->daemon, take_reply, probing);
	clear_progress(probing);
	if (status)
		return status;
	print_sorted(probing);
	if (!probing->begun && probing->context->options->open)
		output_begin(output, true);
	else if (!probing->begun)
		return verdict(probing);
	status = print_end(probing, start);
	return status ? status : verdict(probing);
}

int command_probe(struct context *context, char **arguments)
{
	struct probing probing = {
	    .context = context,
	    .labels = json_object_new_object(),
	    .sorted = context->options->sort ? json_object_new_array() : NULL,
	    .reasons = json_object_new_object(),
	};

	add_targets(&probing, arguments);
	int status = probing.calls.count ? probe_all(&probing) : probing.failed;
	probe_calls_fini(&probing.calls);
	json_object_put(probing.labels);
	json_object_put(probing.sorted);
	json_object_put(probing.interfaces);
	json_object_put(probing.reasons);
	return status;
}

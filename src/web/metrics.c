/* SPDX-License-Identifier: ISC
 * metrics: what Prometheus and programs like it collect: numbers of devices and counters of
 * discoverd. No label has a device, a MAC, a name or an address. */
#include "web/metrics.h"

#include <errno.h>
#include <event2/buffer.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/utc_parse.h"
#include "base/writer.h"
#include "client/field.h"
#include "web/row.h"
#include "web/row_table.h"

const char *const METRICS_CONTENT_TYPES[METRICS_FORMATS] = {
    [METRICS_TEXT] = "text/plain; version=0.0.4; charset=utf-8",
    [METRICS_OPEN] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

enum { SAMPLES_MAX = 512, LABELS_MAX = 128 };

/* Samples of one metric; those with the same labels are added up. */
struct samples {
	struct sample {
		char labels[LABELS_MAX];
		uint64_t value;
	} all[SAMPLES_MAX];
	size_t count;
};

struct source {
	const struct row_table *rows;
	struct json_object *status; /* NULL: not known */
};

/* Only of words, as discoverd's own names are: such a value needs no escape. */
static bool is_word(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-._", text.bytes[i]) ||
		    !text.bytes[i])
			return false;
	return text.len > 0 && text.len < 40;
}

/* `second` NULL: one label. */
static void add(struct samples *samples, const char *first, struct slice first_value,
    const char *second, struct slice second_value, uint64_t value)
{
	char labels[LABELS_MAX];
	struct writer w;

	if (!is_word(first_value) || (second && !is_word(second_value)))
		return;
	writer_init(&w, labels, sizeof(labels) - 1);
	writer_format(&w, "%s=\"%.*s\"", first, SLICE_ARGS(first_value));
	if (second)
		writer_format(&w, ",%s=\"%.*s\"", second, SLICE_ARGS(second_value));
	labels[w.len] = '\0';
	for (size_t i = 0; i < samples->count; i++)
		if (!strcmp(samples->all[i].labels, labels)) {
			samples->all[i].value += value;
			return;
		}
	if (samples->count == SAMPLES_MAX)
		return;
	memcpy(samples->all[samples->count].labels, labels, sizeof(labels));
	samples->all[samples->count++].value = value;
}

/* A device counts once for each of its protocols. */
static void sample_devices(const struct source *source, struct samples *samples)
{
	const struct row **all = calloc(source->rows->count + 1, sizeof(const struct row *));
	size_t count = all ? row_table_all(source->rows, all, source->rows->count) : 0;

	for (size_t i = 0; i < count; i++) {
		struct slice via = all[i]->texts[ROW_VIA], protocol;
		while (slice_cut(&via, ',', &protocol))
			add(samples, "protocol", slice_trim(protocol), "kind",
			    all[i]->texts[ROW_KIND], 1);
	}
	free(all);
}

typedef void counter_fn(
    struct samples *samples, struct slice group, struct slice name, uint64_t value);

static void each_counter(const struct source *source, counter_fn *fn, struct samples *samples)
{
	struct json_object *groups = field_get(source->status, "counters");

	if (!json_object_is_type(groups, json_type_object))
		return;
	json_object_object_foreach(groups, group, counters)
	{
		if (!json_object_is_type(counters, json_type_object))
			continue;
		json_object_object_foreach(counters, name, value)
		{
			fn(samples, slice_of(group), slice_of(name), json_object_get_uint64(value));
		}
	}
}

/* "ssdp-own-socket6" is a socket of "ssdp". */
static bool is_socket(struct slice group)
{
	return slice_ends_with(group, SLICE("-socket")) ||
	       slice_ends_with(group, SLICE("-socket6"));
}

static struct slice protocol_of(struct slice group)
{
	return is_socket(group) ? slice_head(group, slice_find(group, '-')) : group;
}

static void count_event(
    struct samples *samples, struct slice group, struct slice name, uint64_t value)
{
	if (slice_equal(group, SLICE("table")) &&
	    (slice_equal(name, SLICE("added")) || slice_equal(name, SLICE("updated")) ||
		slice_equal(name, SLICE("removed"))))
		add(samples, "event", name, NULL, SLICE_NONE, value);
}

static void sample_events(const struct source *source, struct samples *samples)
{
	each_counter(source, count_event, samples);
}

static void count_datagrams(
    struct samples *samples, struct slice group, struct slice name, uint64_t value)
{
	if (is_socket(group) &&
	    (slice_equal(name, SLICE("received")) || slice_equal(name, SLICE("sent"))))
		add(samples, "protocol", protocol_of(group), "direction", name, value);
}

static void sample_datagrams(const struct source *source, struct samples *samples)
{
	each_counter(source, count_datagrams, samples);
}

/* Names of counters of what was not taken or not done, whole or their last part. */
static const char *const DROPS[] = {
    "malformed",
    "oversized",
    "surplus",
    "off-link",
    "invalid",
    "unread",
    "truncated",
    "unused-interface",
    "receive-errors",
    "send-errors",
    "kernel-drops",
    "overruns",
    "evicted",
    "refused",
    "refused-full",
    "refused-source",
    "refused-memory",
    "refused-user",
    "refused-host",
    "refused-invalid",
    "bad-request",
    "over-limit",
    "timeouts",
    "limited",
    "dropped",
    "out-of-memory",
};

static void count_drop(
    struct samples *samples, struct slice group, struct slice name, uint64_t value)
{
	for (size_t i = 0; i < COUNT_OF(DROPS); i++) {
		struct slice drop = slice_of(DROPS[i]);
		if (slice_equal(name, drop) ||
		    (slice_ends_with(name, drop) && name.bytes[name.len - drop.len - 1] == '-')) {
			add(samples, "part", protocol_of(group), "reason", name, value);
			return;
		}
	}
}

static void sample_drops(const struct source *source, struct samples *samples)
{
	each_counter(source, count_drop, samples);
}

static void sample_version(const struct source *source, struct samples *samples)
{
	if (source->status)
		add(samples, "version", field_text_of(source->status, "version"), NULL, SLICE_NONE,
		    1);
}

static void plain(struct samples *samples, uint64_t value)
{
	samples->all[0].labels[0] = '\0';
	samples->all[0].value = value;
	samples->count = 1;
}

static void sample_start(const struct source *source, struct samples *samples)
{
	int64_t since;

	if (utc_parse(json_object_get_string(field_get(source->status, "since")), &since) == 0)
		plain(samples, (uint64_t)since);
}

static void sample_up(const struct source *source, struct samples *samples)
{
	plain(samples, source->status != NULL);
}

/* Counters are called NAME_total in a sample. */
static const struct metric {
	const char *name, *type, *help;
	void (*sample)(const struct source *source, struct samples *samples);
} METRICS[] = {
    {"discoverd_up", "gauge", "Whether discoverd answers.", sample_up},
    {"discoverd_devices", "gauge",
	"Devices that are known, by protocol and kind. One that speaks two protocols counts twice.",
	sample_devices},
    {"discoverd_device_events", "counter", "Devices that came, changed and went.", sample_events},
    {"discoverd_datagrams", "counter", "Datagrams that were received and sent.", sample_datagrams},
    {"discoverd_dropped", "counter",
	"What was refused, ignored or could not be done, by part of discoverd and reason.",
	sample_drops},
    {"discoverd_build", "info", "Version of discoverd.", sample_version},
    {"discoverd_start_time_seconds", "gauge", "When discoverd started, in seconds since 1970.",
	sample_start},
};

static void write_metric(enum metrics_format format, const struct metric *metric,
    const struct samples *samples, struct evbuffer *out)
{
	const char *suffix = !strcmp(metric->type, "counter") ? "_total"
			     : !strcmp(metric->type, "info")  ? "_info"
							      : "";
	bool open = format == METRICS_OPEN;
	const char *type = !open && !strcmp(metric->type, "info") ? "gauge" : metric->type;

	if (!samples->count)
		return;
	evbuffer_add_printf(out, "# HELP %s%s %s\n# TYPE %s%s %s\n", metric->name,
	    open ? "" : suffix, metric->help, metric->name, open ? "" : suffix, type);
	for (size_t i = 0; i < samples->count; i++) {
		const char *labels = samples->all[i].labels;
		evbuffer_add_printf(out, "%s%s%s%s%s %" PRIu64 "\n", metric->name, suffix,
		    *labels ? "{" : "", labels, *labels ? "}" : "", samples->all[i].value);
	}
}

enum metrics_format metrics_format_of(struct slice accept)
{
	return accept.len && memmem(accept.bytes, accept.len, "application/openmetrics-text",
				 strlen("application/openmetrics-text"))
		   ? METRICS_OPEN
		   : METRICS_TEXT;
}

int metrics_write(enum metrics_format format, const struct row_table *rows,
    struct json_object *status, struct evbuffer *out)
{
	const struct source source = {rows, status};
	struct samples *samples = malloc(sizeof(*samples));

	if (!samples)
		return -ENOMEM;
	for (size_t i = 0; i < COUNT_OF(METRICS); i++) {
		samples->count = 0;
		METRICS[i].sample(&source, samples);
		write_metric(format, &METRICS[i], samples, out);
	}
	free(samples);
	return evbuffer_add(out, "# EOF\n", 6) ? -ENOMEM : 0;
}

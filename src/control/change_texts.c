/* SPDX-License-Identifier: ISC
 * change_texts: see change_texts.h. */
#include "control/change_texts.h"
#include "control/device_json.h"
#include "wire/varlink_message.h"

static const char *const EVENTS[] = {
    [TABLE_ADDED] = "added",
    [TABLE_UPDATED] = "updated",
    [TABLE_REMOVED] = "removed",
};

/* The keys of Device that these bits stand for. */
static void put_keys(struct json_writer *w, uint32_t changed)
{
	json_writer_open(w, '[');
	for (size_t i = 0; i < DEVICE_FIELDS; i++)
		if (changed & 1U << i)
			json_writer_string(w, DEVICE_FIELD_NAMES[i]);
	json_writer_close(w, ']');
}

static void put_change(
    struct json_writer *w, struct json_view *view, const struct table_change *change)
{
	varlink_reply_begin(w, NULL);
	json_writer_open(w, '{');
	json_writer_name(w, JSON_NAME("event"));
	json_writer_string(w, EVENTS[change->event]);
	json_writer_name(w, JSON_NAME("device"));
	device_json_write(w, view, change->device);
	json_writer_name(w, JSON_NAME("changed"));
	if (change->event == TABLE_UPDATED)
		put_keys(w, change->changed);
	else
		json_writer_null(w);
	json_writer_name(w, JSON_NAME("merged_into"));
	json_writer_string(w, change->merged_into);
	json_writer_close(w, '}');
	varlink_reply_end(w, true);
}

struct change_texts change_texts_of(
    const struct control_host *host, struct instant now, const struct table_change *change)
{
	return (struct change_texts){.host = host, .now = now, .change = change};
}

void change_texts_fini(struct change_texts *texts)
{
	for (size_t i = 0; i < CHANGE_KINDS; i++)
		shared_text_release(texts->texts[i]);
}

struct shared_text *change_texts_get(struct change_texts *texts, enum change_kind kind)
{
	const struct device *device = texts->change->device;
	const struct table_change changes[CHANGE_KINDS] = {
	    [CHANGE_AS_IT_IS] = *texts->change,
	    [CHANGE_COMES] = {.event = TABLE_ADDED, .device = device},
	    [CHANGE_GOES] = {.event = TABLE_REMOVED, .device = device},
	};
	struct json_view view;
	struct json_writer w = {0};

	if (texts->texts[kind])
		return texts->texts[kind];
	view = json_view_at(texts->host, texts->now);
	put_change(&w, &view, &changes[kind]);
	texts->texts[kind] = shared_text_new(&w);
	return texts->texts[kind];
}

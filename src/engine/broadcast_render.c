/* SPDX-License-Identifier: ISC
 * broadcast_render: one message made of the offers, shortened where it has to be. */
#include "engine/broadcast_render.h"
#include "base/array.h"
#include "engine/broadcast_peers.h"
#include "model/offers.h"

enum { LOCATION_MAX = 128, MAX_AGE_MIN = 30, MAX_AGE_MAX = 86400 };

/* Three intervals, so that two asks may be lost. */
static uint32_t max_age(uint32_t interval)
{
	uint64_t seconds = 3 * (uint64_t)interval;
	if (seconds < MAX_AGE_MIN)
		return MAX_AGE_MIN;
	return seconds > MAX_AGE_MAX ? MAX_AGE_MAX : (uint32_t)seconds;
}

/* All but LOCATION. */
static struct broadcast_message message_of(
    const struct engine_context *context, uint32_t interval, enum broadcast_kind kind)
{
	const struct offers *ours = context->offers;
	const struct offer *own = offers_own(ours);
	const struct offered_device *root = &own->devices[0];
	struct broadcast_message message = {
	    .kind = kind,
	    .name = slice_of(root->name),
	    .extended = true,
	    .usn = slice_of(root->udn),
	    .instance = slice_of(ours->instance),
	};
	if (kind == BROADCAST_BYE)
		return message;
	message.max_age = max_age(interval);
	message.has_boot_id = true;
	message.boot_id = own->epoch;
	message.server = slice_of(ours->server);
	message.type = slice_of(root->type);
	return message;
}

static int format_to_fit(struct broadcast_message *message, struct writer *w)
{
	struct slice *const spare[] = {&message->location, &message->server, &message->type};
	for (size_t i = 0; i <= COUNT_OF(spare); i++) {
		if (i > 0)
			*spare[i - 1] = SLICE_NONE;
		writer_init(w, w->buffer, w->capacity);
		broadcast_format(message, w);
		if (writer_error(w) == 0)
			break;
	}
	return writer_error(w);
}

static struct slice marks_that_fit(struct slice marks, size_t room)
{
	static const char LINE[] = "KNOWN.DISCOVERD.IO: \r\n";
	size_t taken = sizeof(LINE) - 1;
	size_t rest = room > taken ? room - taken : 0;

	return slice_head(marks, rest / BROADCAST_MARK_LEN * BROADCAST_MARK_LEN);
}

int broadcast_render(const struct engine_context *context, uint32_t interval,
    enum broadcast_kind kind, struct slice known, const struct address *source, struct writer *w)
{
	char location[LOCATION_MAX];
	struct writer location_writer;
	struct broadcast_message message = message_of(context, interval, kind);
	writer_init(&location_writer, location, sizeof(location));
	const struct offer *own = offers_own(context->offers);
	if (kind != BROADCAST_BYE && own->url)
		engine_url_write(own, source, &location_writer);
	if (location_writer.len > 0)
		message.location = writer_result(&location_writer);
	message.pad = kind == BROADCAST_ASK; /* one byte, so that the header is counted */
	int error = format_to_fit(&message, w);
	if (error < 0 || kind != BROADCAST_ASK)
		return error;
	message.known = marks_that_fit(known, w->capacity - w->len);
	if (message.known.len > 0)
		error = format_to_fit(&message, w);
	if (error < 0 || w->len >= BROADCAST_ASK_SIZE)
		return error;
	message.pad += BROADCAST_ASK_SIZE - w->len;
	return format_to_fit(&message, w);
}

int broadcast_render_answer(const struct engine_context *context, uint32_t interval,
    const struct broadcast_message *ask, size_t ask_len, const struct address *source,
    struct writer *w)
{
	if (ask->extended) {
		if (ask_len < w->capacity)
			w->capacity = ask_len;
		return broadcast_render(context, interval, BROADCAST_ANSWER, SLICE_NONE, source, w);
	}
	struct broadcast_message plain = message_of(context, interval, BROADCAST_ANSWER);
	plain.extended = false;
	broadcast_format(&plain, w);
	return writer_error(w);
}

/* SPDX-License-Identifier: ISC
 * fuzz_broadcast: any datagram on the broadcast port. */
#include "base/array.h"
#include "fuzz.h"
#include "wire/broadcast_message.h"
#include "wire/header_block.h"
#include <errno.h>

enum { WRITTEN_MAX = 4 * BROADCAST_DATAGRAM_MAX };

static void check_slices(const struct broadcast_message *m, struct slice datagram)
{
	const struct slice all[] = {m->usn, m->server, m->type, m->location, m->instance};

	FUZZ_CHECK(fuzz_inside(m->name, datagram));
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		FUZZ_CHECK(fuzz_inside(all[i], datagram));
		FUZZ_CHECK(m->extended || !all[i].bytes);
	}
	FUZZ_CHECK((m->usn.len > 0) == m->extended);
	FUZZ_CHECK(m->usn.len <= BROADCAST_FIELD_MAX && m->type.len <= BROADCAST_FIELD_MAX);
	FUZZ_CHECK(m->extended || (!m->has_boot_id && m->max_age == 0 && m->pad == 0));
}

/* What is written is read as the same message, unless it grew over a limit. */
static void check_written(const struct broadcast_message *message)
{
	char *first = malloc(WRITTEN_MAX), *second = malloc(WRITTEN_MAX);
	struct broadcast_message again;
	struct writer w;

	FUZZ_CHECK(first && second);
	writer_init(&w, first, WRITTEN_MAX);
	broadcast_format(message, &w);
	FUZZ_CHECK(writer_error(&w) == 0);
	struct slice written = fuzz_copy((const uint8_t *)first, w.len);
	int error = broadcast_parse(written, &again);
	if (fuzz_fits(written, BROADCAST_DATAGRAM_MAX, HEADER_LINE_MAX)) {
		FUZZ_CHECK(error == 0 && again.kind == message->kind);
		writer_init(&w, second, WRITTEN_MAX);
		broadcast_format(&again, &w);
		FUZZ_CHECK(slice_equal(writer_result(&w), written));
	} else {
		FUZZ_CHECK(
		    error == 0 || error == -EMSGSIZE); /* the word of a line does not count */
	}
	fuzz_free(written);
	free(first);
	free(second);
}

int fuzz_broadcast(const uint8_t *data, size_t size)
{
	struct slice datagram = fuzz_copy(data, size);
	struct broadcast_message message;
	int error = broadcast_parse(datagram, &message);

	if (error == 0) {
		FUZZ_CHECK(size <= BROADCAST_DATAGRAM_MAX);
		check_slices(&message, datagram);
		check_written(&message);
	} else {
		FUZZ_CHECK(error == -ENOMSG || error == -EMSGSIZE);
	}
	fuzz_free(datagram);
	return 0;
}

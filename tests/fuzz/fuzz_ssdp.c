/* SPDX-License-Identifier: ISC
 * fuzz_ssdp: any datagram on the SSDP port. */
#include "base/array.h"
#include "fuzz.h"
#include "wire/header_block.h"
#include "wire/ssdp_message.h"
#include <errno.h>

enum { WRITTEN_MAX = 4 * SSDP_DATAGRAM_MAX };

static void check_slices(const struct ssdp_message *m, struct slice datagram)
{
	const struct slice all[] = {m->host, m->target, m->usn, m->location, m->server, m->date,
	    m->instance, m->friendly_name, m->control_point, m->opt, m->nls};

	for (size_t i = 0; i < COUNT_OF(all); i++) {
		FUZZ_CHECK(fuzz_inside(all[i], datagram));
		FUZZ_CHECK(all[i].len <= HEADER_LINE_MAX);
	}
	FUZZ_CHECK(m->target.len > 0 && m->target.len <= SSDP_TARGET_MAX);
	FUZZ_CHECK(m->usn.len <= SSDP_TARGET_MAX);
	FUZZ_CHECK(m->usn.len > 0 || m->kind == SSDP_SEARCH || m->kind == SSDP_RESPONSE);
	FUZZ_CHECK(!m->search_port.present ||
		   (m->search_port.value > 0 && m->search_port.value <= UINT16_MAX));
}

/* What is written is read as the same message. */
static void check_written(const struct ssdp_message *message)
{
	char *first = malloc(WRITTEN_MAX), *second = malloc(WRITTEN_MAX);
	struct ssdp_message again;
	struct writer w;

	FUZZ_CHECK(first && second);
	writer_init(&w, first, WRITTEN_MAX);
	ssdp_format(message, &w);
	FUZZ_CHECK(writer_error(&w) == 0);
	struct slice written = fuzz_copy((const uint8_t *)first, w.len);
	FUZZ_CHECK(ssdp_parse(written, &again) == 0);
	FUZZ_CHECK(again.kind == message->kind && again.surplus == 0);
	writer_init(&w, second, WRITTEN_MAX);
	ssdp_format(&again, &w);
	FUZZ_CHECK(slice_equal(writer_result(&w), written));
	fuzz_free(written);
	free(first);
	free(second);
}

int fuzz_ssdp(const uint8_t *data, size_t size)
{
	struct slice datagram = fuzz_copy(data, size);
	struct ssdp_message message;
	int error = ssdp_parse(datagram, &message);

	if (error == 0) {
		FUZZ_CHECK(size <= SSDP_RECEIVED_MAX);
		check_slices(&message, datagram);
		check_written(&message);
	} else {
		FUZZ_CHECK(error == -ENOMSG || error == -EBADMSG || error == -EMSGSIZE);
	}
	fuzz_free(datagram);
	return 0;
}

/* SPDX-License-Identifier: ISC
 * fuzz_state: any text in the place of the state file; what is read of it is written, and read as
 * the same. */
#include "base/text.h"
#include "base/writer.h"
#include "fuzz.h"
#include "net/state_file.h"
#include <errno.h>
#include <string.h>

int fuzz_state(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_copy(data, size);
	struct state *state = malloc(sizeof(*state)), *again = malloc(sizeof(*again));
	char written[128];
	struct writer w;

	FUZZ_CHECK(state && again);
	int result = state_parse(text, state);
	FUZZ_CHECK(result == 0 || result == -EBADMSG);
	FUZZ_CHECK(result != 0 || text.bytes[text.len - 1] == '\n');
	FUZZ_CHECK(memchr(state->uuid, '\0', sizeof(state->uuid)));
	FUZZ_CHECK(!state->uuid[0] || text_is_uuid(slice_of(state->uuid)));

	writer_init(&w, written, sizeof(written));
	if (state->uuid[0])
		writer_format(&w, "uuid = %s\n", state->uuid);
	writer_format(&w, "boot_id = %u\n", (unsigned)state->boot_id);
	FUZZ_CHECK(state_parse(writer_result(&w), again) == 0);
	FUZZ_CHECK(strcmp(again->uuid, state->uuid) == 0 && again->boot_id == state->boot_id);
	free(state);
	free(again);
	fuzz_free(text);
	return 0;
}

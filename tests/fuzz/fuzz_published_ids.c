/* SPDX-License-Identifier: ISC
 * fuzz_published_ids: any text in the place of the file with what was published; what is read of it
 * is written, and read as the same. */
#include "fuzz.h"
#include "mqtt/published_ids.h"
#include <errno.h>
#include <string.h>

/* Longer ids, escaped, are too long for a line. */
enum { ID_MAX = 2500 };

static const struct siphash_key KEY = {{1, 2}};

static void check_item(void *context, struct outgoing_item *item)
{
	const struct outgoing *again = context;
	const struct outgoing_item *same = outgoing_find(again, item->id);

	FUZZ_CHECK(item->id[0] && item->published && item->gone && !item->text);
	if (strlen(item->id) > ID_MAX)
		return;
	FUZZ_CHECK(same && same->tracked == item->tracked);
	FUZZ_CHECK(!item->tracked || same->gone_since == item->gone_since);
}

int fuzz_published_ids(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_copy(data, size);
	const struct published_ids published_ids = {"home", "b", NULL};
	struct outgoing outgoing, again;
	struct json_writer w = {0};
	char *prefix = NULL;

	FUZZ_CHECK(!outgoing_init(&outgoing, &KEY, 1) && !outgoing_init(&again, &KEY, 1));
	int result = published_ids_read(text, &published_ids, &outgoing, &prefix);
	FUZZ_CHECK(result == 0 || result == -EBADMSG || result == -EXDEV);
	FUZZ_CHECK(result != -EXDEV || !outgoing.items.count);
	free(prefix);
	published_ids_write(&w, &published_ids, &outgoing);
	FUZZ_CHECK(!w.failed);
	FUZZ_CHECK(
	    !published_ids_read((struct slice){w.bytes, w.len}, &published_ids, &again, &prefix) &&
	    !prefix);
	outgoing_each(&outgoing, check_item, &again);
	FUZZ_CHECK(again.items.count <= outgoing.items.count);
	json_writer_fini(&w);
	outgoing_fini(&outgoing);
	outgoing_fini(&again);
	fuzz_free(text);
	return 0;
}

/* SPDX-License-Identifier: ISC
 * fuzz_ledger: any text in the place of the file with what was published; what is read of it is
 * written, and read as the same. */
#include "fuzz.h"
#include "mqtt/ledger.h"
#include <errno.h>
#include <string.h>

/* Longer ids, escaped, are too long for a line. */
enum { ID_MAX = 2500 };

static const struct siphash_key KEY = {{1, 2}};

static void check_item(void *context, struct shelf_item *item)
{
	const struct shelf *again = context;
	const struct shelf_item *same = shelf_find(again, item->id);

	FUZZ_CHECK(item->id[0] && item->published && item->gone && !item->text);
	if (strlen(item->id) > ID_MAX)
		return;
	FUZZ_CHECK(same && same->tracked == item->tracked);
	FUZZ_CHECK(!item->tracked || same->gone_since == item->gone_since);
}

int fuzz_ledger(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_copy(data, size);
	const struct ledger ledger = {"home", "b", NULL};
	struct shelf shelf, again;
	struct json_writer w = {0};
	char *prefix = NULL;

	FUZZ_CHECK(!shelf_init(&shelf, &KEY, 1) && !shelf_init(&again, &KEY, 1));
	int result = ledger_read(text, &ledger, &shelf, &prefix);
	FUZZ_CHECK(result == 0 || result == -EBADMSG || result == -EXDEV);
	FUZZ_CHECK(result != -EXDEV || !shelf.items.count);
	free(prefix);
	ledger_write(&w, &ledger, &shelf);
	FUZZ_CHECK(!w.failed);
	FUZZ_CHECK(
	    !ledger_read((struct slice){w.bytes, w.len}, &ledger, &again, &prefix) && !prefix);
	shelf_each(&shelf, check_item, &again);
	FUZZ_CHECK(again.items.count <= shelf.items.count);
	json_writer_fini(&w);
	shelf_fini(&shelf);
	shelf_fini(&again);
	fuzz_free(text);
	return 0;
}

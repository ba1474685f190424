/* SPDX-License-Identifier: ISC
 * kept_names: see kept_names.h. */
#include "model/kept_names.h"
#include "base/text.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const struct kept_name *find(
    const struct kept_names *names, struct slice type, struct slice wanted)
{
	for (size_t i = 0; i < names->count; i++)
		if (slice_equal_nocase(slice_of(names->list[i].type), type) &&
		    slice_equal(slice_of(names->list[i].wanted), wanted))
			return &names->list[i];
	return NULL;
}

uint32_t kept_names_find(const struct kept_names *names, struct slice type, struct slice wanted)
{
	const struct kept_name *name = find(names, type, wanted);

	return name ? name->number : 1;
}

static void drop(struct kept_names *names, size_t at)
{
	names->count--;
	memmove(
	    &names->list[at], &names->list[at + 1], (names->count - at) * sizeof(names->list[0]));
}

void kept_names_note(
    struct kept_names *names, struct slice type, struct slice wanted, uint32_t number)
{
	const struct kept_name *former = find(names, type, wanted);

	if (type.len >= KEPT_TYPE_SIZE || wanted.len >= KEPT_NAME_SIZE)
		return;
	if (former)
		drop(names, (size_t)(former - names->list));
	else if (names->count == KEPT_NAMES_MAX)
		drop(names, 0);
	struct kept_name *name = &names->list[names->count++];
	*name = (struct kept_name){.number = number};
	memcpy(name->type, type.bytes, type.len);
	memcpy(name->wanted, wanted.bytes, wanted.len);
}

int kept_names_parse(struct kept_names *names, struct slice text)
{
	struct slice number, type;
	uint64_t value;

	if (!slice_cut(&text, ' ', &number) || !slice_cut(&text, ' ', &type) || type.len == 0 ||
	    text.len == 0 || !text_is_clean(type) || !text_is_clean(text) ||
	    slice_to_u64(number, UINT32_MAX, &value) < 0 || value < 2)
		return -EINVAL;
	kept_names_note(names, type, text, (uint32_t)value);
	return 0;
}

void kept_name_format(const struct kept_name *name, struct writer *w)
{
	writer_format(w, "%" PRIu32 " %s %s", name->number, name->type, name->wanted);
}

/* SPDX-License-Identifier: ISC
 * read_description: what the tests of wire/description share. */
#include "wire/read_description.h"
#include <check.h>

int read_in_steps(struct slice document, size_t step, struct description **out)
{
	struct description_reader *reader = description_reader_new(DESCRIPTION_BODY_MAX);
	int error = 0;

	ck_assert_ptr_nonnull(reader);
	*out = NULL;
	for (; document.len > 0 && error == 0; document = slice_skip(document, step))
		error = description_reader_feed(reader, slice_head(document, step));
	int end = description_reader_finish(reader, out);
	if (error)
		ck_assert_int_eq(end, error);
	description_reader_free(reader);
	return end;
}

int read_error(struct slice document)
{
	struct description *description;
	int error = read_in_steps(document, SIZE_MAX, &description);

	description_free(description);
	return error;
}

struct description *read_whole(struct slice document)
{
	struct description *description;

	ck_assert_int_eq(read_in_steps(document, SIZE_MAX, &description), 0);
	return description;
}

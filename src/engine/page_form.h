/* SPDX-License-Identifier: ISC
 * page_form: how the pages that endpoints of one protocol announce are asked for and read. */
#ifndef ENGINE_PAGE_FORM_H
#define ENGINE_PAGE_FORM_H

#include "base/rng.h"
#include "model/endpoint.h"
#include "wire/page_reader.h"

enum { PAGE_BODY_MAX = 2048 };

struct page_form {
	const char *content_type; /* of the body of a POST */
	/* Writes that body, for the page of this endpoint. */
	void (*write_body)(const struct endpoint *endpoint, struct rng *rng, struct writer *w);
	const struct page_reader_type *reader;
};

#endif

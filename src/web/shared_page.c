/* SPDX-License-Identifier: ISC
 * shared_page: a page that is made of answers of discoverd, once for all that ask within a while.
 */
#include "web/shared_page.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>

#include "base/memory.h"

void shared_page_init(struct shared_page *page, const struct shared_page_type *type, void *context,
    struct loop *loop, struct inquiries *inquiries)
{
	*page = (struct shared_page){.type = type,
	    .context = context,
	    .loop = loop,
	    .inquiries = inquiries,
	    .good_until = INSTANT_NEVER};
	TAILQ_INIT(&page->waiting);
}

void shared_page_fini(struct shared_page *page)
{
	for (size_t i = 0; i < SHARED_PAGE_FORMS; i++) {
		if (page->forms[i])
			evbuffer_free(page->forms[i]);
		page->forms[i] = NULL;
	}
	page->good_until = INSTANT_NEVER;
}

static void make(struct shared_page *page, struct json_object *const *replies)
{
	int error = 0;

	shared_page_fini(page);
	for (size_t i = 0; i < SHARED_PAGE_FORMS; i++) {
		page->forms[i] = evbuffer_new();
		if (!page->forms[i])
			error = -ENOMEM;
	}
	if (!error)
		error = page->type->make(page->context, replies, page->forms);
	if (error)
		shared_page_fini(page);
	else
		page->good_until = instant_add(loop_now(page->loop), page->type->age);
}

static void hand_out(struct shared_page *page, struct shared_page_reader *reader)
{
	reader->ready(reader, page->forms[0] ? page->forms : NULL);
}

static void answered(
    void *context, const char *error, struct json_object *const replies[INQUIRY_QUESTIONS_MAX])
{
	struct shared_page *page = context;
	struct shared_page_reader *reader;

	page->inquiry = NULL;
	if (!error || page->type->unanswered)
		make(page, replies);
	while ((reader = TAILQ_FIRST(&page->waiting))) {
		shared_page_leave(reader);
		hand_out(page, reader);
	}
}

void shared_page_read(struct shared_page *page, struct shared_page_reader *reader)
{
	static struct json_object *const NOTHING[INQUIRY_QUESTIONS_MAX];
	struct json_object *parameters = page->type->parameters && !page->forms[0] && !page->inquiry
					     ? page->type->parameters(page->context)
					     : NULL;

	if (page->forms[0]) {
		hand_out(page, reader);
		return;
	}
	if (!page->inquiry && inquiry_begin(page->inquiries, &page->type->plan, parameters,
				  answered, page, &page->inquiry)) {
		if (page->type->unanswered)
			make(page, NOTHING);
		hand_out(page, reader);
		shared_page_fini(page);
		return;
	}
	reader->page = page;
	TAILQ_INSERT_TAIL(&page->waiting, reader, entry);
}

void shared_page_leave(struct shared_page_reader *reader)
{
	if (reader->page)
		TAILQ_REMOVE(&reader->page->waiting, reader, entry);
	reader->page = NULL;
}

void shared_page_advance(struct shared_page *page, struct instant now)
{
	if (!instant_due(page->good_until, now))
		return;
	shared_page_fini(page);
	memory_give_back(); /* what it was made of: much, of a map */
}

struct instant shared_page_deadline(const struct shared_page *page)
{
	return page->good_until;
}

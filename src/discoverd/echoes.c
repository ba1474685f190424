/* SPDX-License-Identifier: ISC
 * echoes: see echoes.h. */
#include "discoverd/echoes.h"

#include <stdlib.h>

void echoes_fini(struct echoes *echoes)
{
	free(echoes->entries);
	*echoes = (struct echoes){0};
}

static struct echo *find(const struct echoes *echoes, uint32_t link, uint8_t family)
{
	for (size_t i = 0; i < echoes->count; i++)
		if (echoes->entries[i].link == link && echoes->entries[i].family == family)
			return &echoes->entries[i];
	return NULL;
}

static struct echo *add(struct echoes *echoes, uint32_t link, uint8_t family)
{
	struct echo *grown =
	    reallocarray(echoes->entries, echoes->count + 1, sizeof(*echoes->entries));

	if (!grown)
		return NULL;
	echoes->entries = grown;
	grown[echoes->count] = (struct echo){.link = link, .family = family};
	return &grown[echoes->count++];
}

void echoes_sent(struct echoes *echoes, struct instant now, uint32_t link, uint8_t family)
{
	struct echo *echo = find(echoes, link, family);

	if (!echo)
		echo = add(echoes, link, family);
	if (!echo)
		return;
	if (echo->sent == 0)
		echo->since = now;
	if (echo->sent < ECHOES_SENT)
		echo->sent++;
}

bool echoes_heard(struct echoes *echoes, uint32_t link, uint8_t family)
{
	struct echo *echo = find(echoes, link, family);
	bool was_silent = echo && echo->silent;

	if (echo) {
		echo->sent = 0;
		echo->silent = false;
	}
	return was_silent;
}

static struct instant due(const struct echo *echo)
{
	return echo->silent || echo->sent < ECHOES_SENT ? INSTANT_NEVER
							: instant_add(echo->since, ECHOES_WAIT);
}

bool echoes_advance(struct echoes *echoes, struct instant now)
{
	bool changed = false;

	for (struct echo *echo = echoes->entries; echo < echoes->entries + echoes->count; echo++)
		if (instant_due(due(echo), now))
			echo->silent = changed = true;
	return changed;
}

struct instant echoes_deadline(const struct echoes *echoes)
{
	struct instant deadline = INSTANT_NEVER;

	for (size_t i = 0; i < echoes->count; i++)
		deadline = instant_earlier(deadline, due(&echoes->entries[i]));
	return deadline;
}

void echoes_excuse(struct echoes *echoes, uint8_t family)
{
	for (size_t i = 0; i < echoes->count; i++)
		if (echoes->entries[i].family == family && !echoes->entries[i].silent)
			echoes->entries[i].sent = 0;
}

void echoes_forget(struct echoes *echoes, uint32_t link)
{
	for (size_t i = echoes->count; i-- > 0;)
		if (echoes->entries[i].link == link)
			echoes->entries[i] = echoes->entries[--echoes->count];
}

bool echoes_is_silent(const struct echoes *echoes, uint32_t link)
{
	for (size_t i = 0; i < echoes->count; i++)
		if (echoes->entries[i].link == link && echoes->entries[i].silent)
			return true;
	return false;
}

/* SPDX-License-Identifier: ISC
 * offers: the registry of all that this host announces. */
#include "model/offers.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void offers_init(struct offers *offers)
{
	*offers = (struct offers){0};
}

void offers_fini(struct offers *offers)
{
	for (size_t i = 0; i < offers->count; i++)
		offer_free(offers->list[i]);
	free(offers->list);
	free(offers->server);
	offers_init(offers);
}

int offers_add(struct offers *offers, struct offer *tree)
{
	struct offer **trees = reallocarray(offers->list, offers->count + 1, sizeof(*trees));

	if (!trees)
		return -ENOMEM;
	offers->list = trees;
	tree->number = ++offers->last_number;
	trees[offers->count++] = tree;
	return 0;
}

int offers_replace_own(struct offers *offers, struct offer *tree, struct offer **former)
{
	*former = NULL;
	if (offers->count == 0)
		return offers_add(offers, tree);
	*former = offers->list[0];
	tree->number = ++offers->last_number;
	offers->list[0] = tree;
	return 0;
}

/* Its place in the array, or the count where it is not in. */
static size_t place_of(const struct offers *offers, uint64_t number)
{
	size_t i = 0;

	while (i < offers->count && offers->list[i]->number != number)
		i++;
	return i;
}

struct offer *offers_take(struct offers *offers, uint64_t number)
{
	size_t i = place_of(offers, number);

	if (i == 0 || i == offers->count)
		return NULL;
	struct offer *tree = offers->list[i];
	offers->count--;
	memmove(
	    &offers->list[i], &offers->list[i + 1], (offers->count - i) * sizeof(struct offer *));
	return tree;
}

const struct offer *offers_find(const struct offers *offers, uint64_t number)
{
	size_t i = place_of(offers, number);
	return i < offers->count ? offers->list[i] : NULL;
}

const struct offer *offers_own(const struct offers *offers)
{
	return offers->count ? offers->list[0] : NULL;
}

const struct offer *offers_find_udn(const struct offers *offers, struct slice udn)
{
	for (size_t i = 0; udn.len > 0 && i < offers->count; i++)
		if (offer_has_udn(offers->list[i], udn))
			return offers->list[i];
	return NULL;
}

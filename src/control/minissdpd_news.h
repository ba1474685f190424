/* SPDX-License-Identifier: ISC
 * minissdpd_news: reports the changes of a device entry by entry, so that a watcher hears of each
 * entry once and not of the whole device whenever one more service becomes known. */
#ifndef CONTROL_MINISSDPD_NEWS_H
#define CONTROL_MINISSDPD_NEWS_H

#include "base/siphash.h"
#include "model/table.h"
#include "wire/minissdpd_message.h"

/* Remembers what was reported of the devices that changed while a client watched. */
struct minissdpd_news;

typedef void minissdpd_news_fn(
    void *context, enum minissdpd_kind kind, const struct minissdpd_entry *entry);

/* NULL when out of memory. The caller owns it. */
struct minissdpd_news *minissdpd_news_new(const struct siphash_key *key);
void minissdpd_news_free(struct minissdpd_news *news);
/* A change of the table, for the whole time that a client watches. Of a device that was there
 * before, every entry is reported as an update the first time it changes. Without memory nothing is
 * reported. */
void minissdpd_news_changed(struct minissdpd_news *news, const struct table_change *change,
    minissdpd_news_fn *fn, void *context);

#endif

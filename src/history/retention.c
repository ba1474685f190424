/* SPDX-License-Identifier: ISC
 * retention: forgets what is too old or too much, the oldest first. */
#include "history/retention.h"

#include "base/array.h"
#include "base/log.h"

enum { PAGE_SIZE = 4096, DAY = 86400, ROUNDS_MAX = 64 };
#define BY_AGE SECONDS(DAY)

void retention_init(
    struct retention *retention, const struct history_config *config, struct instant now)
{
	*retention = (struct retention){config, now};
}

static int64_t count(struct store *store, enum statement question)
{
	return store_ask_number(store, question, NULL, 0, 0);
}

static void forget(struct store *store, enum statement statement, int64_t number)
{
	STORE_WRITE(store, statement, STORE_NUMBER(number));
}

/* What belongs to devices that have gone. */
static void sweep(struct store *store)
{
	static const enum statement statements[] = {
	    FORGET_IDENTITIES_OF_NONE, FORGET_PRESENCES_OF_NONE, FORGET_EVENTS_OF_NONE};

	for (size_t i = 0; i < COUNT_OF(statements); i++)
		store_write(store, statements[i], NULL, 0);
}

static void forget_by_age(const struct retention *retention, struct store *store, int64_t today)
{
	static const enum statement future[] = {CLAMP_DEVICE, CLAMP_PRESENCE, CLAMP_EVENT};

	for (size_t i = 0; i < COUNT_OF(future); i++)
		forget(store, future[i], today);
	forget(store, FORGET_EVENTS_BEFORE, today - (int64_t)retention->config->event_days * DAY);
	forget(store, FORGET_PRESENCES_BEFORE,
	    today - (int64_t)retention->config->presence_days * DAY);
	if (count(store, PAGES_FREE) > count(store, PAGES_USED) / 4)
		store_write(store, SHRINK, NULL, 0);
}

/* A hundredth more, so that the next device costs nothing. */
static void forget_devices(const struct retention *retention, struct store *store)
{
	int64_t max = retention->config->max_devices, devices = count(store, DEVICE_COUNT);

	if (devices <= max)
		return;
	forget(store, FORGET_DEVICES, devices - max + max / 100);
	sweep(store);
	log_notice("%lld devices are kept; those that were seen longest ago were forgotten",
	    (long long)count(store, DEVICE_COUNT));
}

/* An eighth of the file is left for what one transaction adds. */
static void forget_by_size(const struct retention *retention, struct store *store)
{
	int64_t max = retention->config->max_size / PAGE_SIZE / 8 * 7;

	for (unsigned i = 0; i < ROUNDS_MAX && count(store, PAGES_USED) > max; i++) {
		int64_t events = count(store, EVENT_COUNT);
		int64_t presences = count(store, PRESENCE_COUNT);
		if (i == 0)
			log_notice(
			    "the history has grown to its size; what is oldest is forgotten");
		if (events + presences == 0) {
			forget(store, FORGET_DEVICES, count(store, DEVICE_COUNT) / 10 + 1);
			sweep(store);
		}
		if (events >= presences)
			forget(store, FORGET_EVENTS, events / 10 + 1);
		else
			forget(store, FORGET_PRESENCES, presences / 10 + 1);
	}
}

void retention_run(struct retention *retention, struct store *store,
    const struct calendar *calendar, struct instant now)
{
	if (instant_due(retention->next_by_age, now) && calendar_is_settled(calendar, now)) {
		retention->next_by_age = instant_add(now, BY_AGE);
		forget_by_age(retention, store, calendar_date(calendar, now));
	}
	forget_devices(retention, store);
	forget_by_size(retention, store);
}

/* SPDX-License-Identifier: ISC
 * known: the devices in the tables, and which of them a device of the network is. */
#include "history/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void known_write(const struct known *known, const struct present_device *device)
{
	char *const *texts = device->facts.texts;

	STORE_WRITE(known->store, DEVICE_UPDATE, STORE_NUMBER(device->key), STORE_TEXT(device->id),
	    STORE_TEXT(texts[FACT_NAME]), STORE_TEXT(texts[FACT_TYPE]),
	    STORE_TEXT(texts[FACT_MANUFACTURER]), STORE_TEXT(texts[FACT_MODEL]),
	    STORE_TEXT(texts[FACT_MAC]), STORE_TEXT(texts[FACT_VENDOR]),
	    STORE_NUMBER(device->facts.random_mac));
}

/* The key of the device that has this identity, 0: none. `mac` is what it has, for the caller to
 * free. */
static int64_t owner_of(const struct known *known, const char *identity, char **mac)
{
	sqlite3_stmt *answer = store_ask(known->store, KEY_OF_IDENTITY, &STORE_TEXT(identity), 1);
	int64_t key = 0;

	*mac = NULL;
	if (store_next(answer)) {
		const char *text = (const char *)sqlite3_column_text(answer, 1);
		key = sqlite3_column_int64(answer, 0);
		*mac = text ? strdup(text) : NULL;
	}
	store_done(known->store, answer);
	return key;
}

int64_t known_find(
    const struct known *known, const struct facts *facts, const struct present_device *self)
{
	for (size_t i = 0; i < facts->identity_count; i++) {
		const char *identity = facts->identities[i], *own = facts->texts[FACT_MAC];
		char *mac;
		int64_t key = owner_of(known, identity, &mac);
		const struct present_device *other =
		    present_devices_find_key(known->present_devices, key);
		bool differs = own && mac && strcmp(own, mac) != 0;

		free(mac);
		if (key && (!other || other == self || !other->confirmed) &&
		    (facts_is_certain(identity) || !differs))
			return key;
	}
	return 0;
}

void known_claim(const struct known *known, const struct present_device *device)
{
	for (size_t i = 0; i < device->facts.identity_count; i++) {
		const char *identity = device->facts.identities[i];
		char *mac;
		int64_t owner = owner_of(known, identity, &mac);

		free(mac);
		if (owner != device->key &&
		    !present_devices_find_key(known->present_devices, owner))
			STORE_WRITE(known->store, IDENTITY_SET, STORE_TEXT(identity),
			    STORE_NUMBER(device->key));
	}
}

void known_merge(const struct known *known, int64_t from, int64_t to)
{
	static const enum statement statements[] = {
	    MERGE_DEVICE, MERGE_IDENTITY, MERGE_PRESENCE, MERGE_EVENT};

	for (size_t i = 0; i < COUNT_OF(statements); i++)
		STORE_WRITE(known->store, statements[i], STORE_NUMBER(from), STORE_NUMBER(to));
	STORE_WRITE(known->store, MERGE_END, STORE_NUMBER(from));
}

void known_load(const struct known *known, struct present_device *device)
{
	sqlite3_stmt *answer =
	    store_ask(known->store, DEVICE_OF_KEY, &STORE_NUMBER(device->key), 1);

	if (store_next(answer)) {
		const char *alias = (const char *)sqlite3_column_text(answer, COLUMN_ALIAS);
		free(device->alias);
		device->alias = alias ? strdup(alias) : NULL;
		device->first_seen = sqlite3_column_int64(answer, COLUMN_FIRST_SEEN);
		device->acknowledged = sqlite3_column_int(answer, COLUMN_ACKNOWLEDGED);
	}
	store_done(known->store, answer);
}

static int copy_text(sqlite3_stmt *row, int column, char **place)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	*place = text ? strdup(text) : NULL;
	return text && !*place ? -ENOMEM : 0;
}

/* A device that was here at the end of the last run. */
static int load_present_device(const struct known *known, sqlite3_stmt *row)
{
	static const struct {
		enum fact fact;
		int column;
	} texts[] = {{FACT_ID, COLUMN_ID}, {FACT_NAME, COLUMN_NAME}, {FACT_TYPE, COLUMN_TYPE},
	    {FACT_MANUFACTURER, COLUMN_MANUFACTURER}, {FACT_MODEL, COLUMN_MODEL},
	    {FACT_MAC, COLUMN_MAC}, {FACT_VENDOR, COLUMN_VENDOR}, {FACT_SEGMENT, COLUMN_SEGMENT},
	    {FACT_ADDRESS, COLUMN_ADDRESS}};
	const char *id = (const char *)sqlite3_column_text(row, COLUMN_ID);
	int64_t key = sqlite3_column_int64(row, COLUMN_KEY);
	struct present_device *device;
	int error = 0;

	if (!id || present_devices_find(known->present_devices, id) ||
	    present_devices_find_key(known->present_devices, key))
		return 0;
	device = present_devices_add(known->present_devices, id, key);
	if (!device)
		return -ENOMEM;
	for (size_t i = 0; i < COUNT_OF(texts) && !error; i++)
		error = copy_text(row, texts[i].column, &device->facts.texts[texts[i].fact]);
	if (!error)
		error = copy_text(row, COLUMN_ALIAS, &device->alias);
	device->facts.random_mac = sqlite3_column_int(row, COLUMN_RANDOM_MAC);
	device->first_seen = sqlite3_column_int64(row, COLUMN_FIRST_SEEN);
	device->acknowledged = sqlite3_column_int(row, COLUMN_ACKNOWLEDGED);
	device->started = sqlite3_column_int64(row, COLUMN_STARTED);
	return error;
}

int known_load_all(const struct known *known)
{
	sqlite3_stmt *answer = store_ask(known->store, DEVICES_HERE, NULL, 0);
	int error = 0;

	while (!error && store_next(answer))
		error = load_present_device(known, answer);
	store_done(known->store, answer);
	return error;
}

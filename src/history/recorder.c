/* SPDX-License-Identifier: ISC
 * recorder: writes down which devices come, move and go, and reports what is new. */
#include "history/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "history/known.h"

/* A device that comes is not called by its name at once, and its MAC, which shows whether it is
 * known, may not be either. */
#define PAUSE_WITH_MAC    SECONDS(2)
#define PAUSE_WITHOUT_MAC SECONDS(10)
/* Devices of the last run may be found again so long after the first snapshot: discoverd may have
 * been started at the same time. */
#define SETTLE SECONDS(60)
/* The watcher removes within so much what is missing after a connection was lost. */
#define DOUBT SECONDS(15)
/* Seconds for which it may be unknown whether a device was here, without an end of its presence. */
enum { GAP_MAX = 1800 };

struct recorder {
	struct recorder_options options;
	struct store *store;
	struct present_devices present_devices;
	struct known known;
	int64_t began; /* date of the first start with these tables */
	bool synced;
	struct instant seen_at; /* of the last moment that was synced; while it is not, … */
	int64_t seen;           /* … and the date of it */
	struct instant synced_at;
	int64_t lost; /* date at which the last connection was lost */
	struct instant settle_at;
	int64_t noted;    /* `seen` as it was written last */
	int64_t last_key; /* that was given to a device */
	bool urgent;
};

#define WRITE(recorder, ...) STORE_WRITE((recorder)->store, __VA_ARGS__)

static int64_t date(const struct recorder *recorder, struct instant moment)
{
	return calendar_date(recorder->options.calendar, moment);
}

static void add_event(struct recorder *recorder, int64_t at, int64_t key, const char *kind,
    const char *old, const char *new)
{
	WRITE(recorder, EVENT_ADD, STORE_NUMBER(at), STORE_NUMBER(key), STORE_TEXT(kind),
	    STORE_TEXT(old), STORE_TEXT(new));
}

static bool is_silent(const struct recorder *recorder, const struct present_device *device)
{
	return device->facts.random_mac && !device->acknowledged &&
	       !recorder->options.config->random_macs;
}

static void report(struct recorder *recorder, const char *kind, const struct present_device *device,
    const char *old_address, int64_t at)
{
	const struct recorder_event event = {kind, device, old_address, at};

	if (!is_silent(recorder, device))
		recorder->options.report(recorder->options.context, &event);
}

static void start_presence(struct recorder *recorder, struct present_device *device, int64_t at)
{
	device->started = at;
	WRITE(recorder, PRESENCE_START, STORE_NUMBER(device->key),
	    STORE_TEXT(device->facts.texts[FACT_SEGMENT]),
	    STORE_TEXT(device->facts.texts[FACT_ADDRESS]), STORE_NUMBER(at));
}

static void end_presence(struct recorder *recorder, const struct present_device *device, int64_t at)
{
	WRITE(recorder, PRESENCE_END, STORE_NUMBER(device->key), STORE_NUMBER(at));
	WRITE(recorder, DEVICE_SEEN, STORE_NUMBER(device->key), STORE_NUMBER(at));
}

static void note_arrival(struct recorder *recorder, struct present_device *device)
{
	device->is_new = false;
	device->report_at = INSTANT_NEVER;
	add_event(recorder, device->arrived, device->key, "added", NULL,
	    device->facts.texts[FACT_ADDRESS]);
	log_info("%s (%s) came", device->facts.texts[FACT_NAME], device->id);
	report(recorder, "added", device, NULL, device->arrived);
}

/* It was entered as new before its MAC or UUID was known, by which it is an old one. */
static void adopt_known(struct recorder *recorder, struct present_device *device)
{
	int64_t known =
	    device->is_new ? known_find(&recorder->known, &device->facts, device) : device->key;

	if (!known || known == device->key ||
	    present_devices_find_key(&recorder->present_devices, known))
		return;
	known_merge(&recorder->known, device->key, known);
	present_devices_set_key(&recorder->present_devices, device, known);
	known_load(&recorder->known, device);
	known_write(&recorder->known, device);
	note_arrival(recorder, device);
}

/* One that no device has, in the tables or in what could not be written. */
static int64_t new_key(struct recorder *recorder)
{
	int64_t next = store_ask_number(recorder->store, KEY_NEXT, NULL, 0, 1);

	recorder->last_key = next > recorder->last_key ? next : recorder->last_key + 1;
	return recorder->last_key;
}

static bool is_learning(const struct recorder *recorder, int64_t now)
{
	return now < recorder->began + recorder->options.config->learn;
}

static void enter_new(struct recorder *recorder, struct present_device *device, struct instant now)
{
	device->first_seen = date(recorder, now);
	device->acknowledged = is_learning(recorder, device->first_seen);
	WRITE(recorder, DEVICE_ADD, STORE_NUMBER(device->key), STORE_TEXT(device->id),
	    STORE_NUMBER(device->first_seen), STORE_NUMBER(device->acknowledged));
	device->is_new = true;
	recorder->urgent = true;
}

static void wait_to_report(struct present_device *device, struct instant now)
{
	int64_t pause = device->facts.texts[FACT_MAC] ? PAUSE_WITH_MAC : PAUSE_WITHOUT_MAC;

	if (device->is_new)
		device->report_at = instant_earlier(device->report_at, instant_add(now, pause));
}

static void arrive(
    struct recorder *recorder, const char *id, struct facts *facts, struct instant now)
{
	int64_t key = known_find(&recorder->known, facts, NULL);
	bool is_known = key;
	struct present_device *device;

	if (!is_known)
		key = new_key(recorder);
	device = present_devices_find_key(&recorder->present_devices, key)
		     ? NULL
		     : present_devices_add(&recorder->present_devices, id, key);
	if (!device) {
		log_error("out of memory: %s is not recorded", id);
		facts_fini(facts);
		return;
	}
	device->facts = *facts;
	device->confirmed = true;
	device->arrived = date(recorder, now);
	if (is_known)
		known_load(&recorder->known, device);
	else
		enter_new(recorder, device, now);
	known_write(&recorder->known, device);
	known_claim(&recorder->known, device);
	start_presence(recorder, device, device->arrived);
	if (is_known)
		note_arrival(recorder, device);
	else
		wait_to_report(device, now);
}

static bool has_moved(const struct facts *former, const struct facts *facts)
{
	for (size_t i = FACT_SEGMENT; i < FACT_COUNT; i++) {
		const char *a = former->texts[i], *b = facts->texts[i];
		if (a && b && strcmp(a, b) != 0)
			return true;
	}
	return false;
}

/* It is at another address: another presence. */
static void move(
    struct recorder *recorder, struct present_device *device, const char *old, struct instant now)
{
	int64_t at = date(recorder, now);
	const char *address = device->facts.texts[FACT_ADDRESS];

	end_presence(recorder, device, at);
	start_presence(recorder, device, at);
	add_event(recorder, at, device->key, "moved", old, address);
	log_info("%s (%s) moved from %s to %s", device->facts.texts[FACT_NAME], device->id, old,
	    address);
	report(recorder, "moved", device, old, at);
}

static void update(struct recorder *recorder, struct present_device *device, struct facts *facts,
    struct instant now)
{
	struct facts former = device->facts;
	bool same = facts_same(&former, facts), moved = has_moved(&former, facts);
	bool placed = !former.texts[FACT_ADDRESS] && facts->texts[FACT_ADDRESS];

	device->facts = *facts;
	device->confirmed = true;
	if (!same)
		known_write(&recorder->known, device);
	adopt_known(recorder, device);
	known_claim(&recorder->known, device);
	wait_to_report(device, now);
	if (moved)
		move(recorder, device, former.texts[FACT_ADDRESS], now);
	else if (placed)
		WRITE(recorder, PRESENCE_PLACE, STORE_NUMBER(device->key),
		    STORE_TEXT(facts->texts[FACT_SEGMENT]), STORE_TEXT(facts->texts[FACT_ADDRESS]));
	facts_fini(&former);
}

/* What it is called has been waited for. */
static void report_new(struct recorder *recorder, struct present_device *device)
{
	char *const *texts = device->facts.texts;
	bool is_reported =
	    !device->acknowledged && !is_silent(recorder, device) && store_is_kept(recorder->store);

	device->is_new = false;
	device->report_at = INSTANT_NEVER;
	add_event(recorder, device->arrived, device->key, is_reported ? "new" : "added", NULL,
	    texts[FACT_ADDRESS]);
	if (!is_reported)
		return;
	log_notice("new device: %s (%s) at %s, MAC %s%s%s", texts[FACT_NAME], device->id,
	    texts[FACT_ADDRESS] ? texts[FACT_ADDRESS] : "no address",
	    texts[FACT_MAC] ? texts[FACT_MAC] : "unknown", texts[FACT_VENDOR] ? ", " : "",
	    texts[FACT_VENDOR] ? texts[FACT_VENDOR] : "");
	report(recorder, "new", device, NULL, device->arrived);
}

static void leave(struct recorder *recorder, struct present_device *device, int64_t at)
{
	if (device->is_new)
		report_new(recorder, device);
	end_presence(recorder, device, at);
	add_event(recorder, at, device->key, "removed", device->facts.texts[FACT_ADDRESS], NULL);
	log_info("%s (%s) left", device->facts.texts[FACT_NAME], device->id);
	report(recorder, "removed", device, NULL, at);
	present_devices_remove(&recorder->present_devices, device);
}

/* It is the same as another one that is here: one history is left. */
static void join(
    struct recorder *recorder, struct present_device *device, const char *into, int64_t at)
{
	const struct present_device *survivor =
	    present_devices_find(&recorder->present_devices, into);

	end_presence(recorder, device, at);
	if (survivor && device->is_new)
		known_merge(&recorder->known, device->key, survivor->key);
	present_devices_remove(&recorder->present_devices, device);
}

static void remove_device(struct recorder *recorder, struct present_device *device,
    const struct watcher_change *change, struct instant now)
{
	int64_t at = date(recorder, now);
	bool in_doubt = !change->device && instant_since(now, recorder->synced_at) < DOUBT;

	if (change->merged_into)
		join(recorder, device, change->merged_into, at);
	else
		leave(recorder, device, in_doubt && recorder->lost ? recorder->lost : at);
}

/* A device of the last run that has another id now. */
static struct present_device *find_renamed(
    struct recorder *recorder, const char *id, const struct facts *facts)
{
	struct present_device *device = present_devices_find_key(
	    &recorder->present_devices, known_find(&recorder->known, facts, NULL));

	if (!device || device->confirmed ||
	    present_devices_set_id(&recorder->present_devices, device, id))
		return NULL;
	known_write(&recorder->known, device);
	return device;
}

void recorder_changed(
    struct recorder *recorder, const struct watcher_change *change, struct instant now)
{
	struct present_device *device =
	    present_devices_find(&recorder->present_devices, change->id);
	struct facts facts;

	if (change->event == WATCHER_REMOVED) {
		if (device)
			remove_device(recorder, device, change, now);
		return;
	}
	if (facts_read(&facts, change->device, device ? &device->facts : NULL))
		return;
	if (facts.is_neighbour && !recorder->options.config->neighbours) {
		if (device)
			leave(recorder, device, date(recorder, now));
		facts_fini(&facts);
		return;
	}
	if (!device)
		device = find_renamed(recorder, change->id, &facts);
	if (device)
		update(recorder, device, &facts, now);
	else
		arrive(recorder, change->id, &facts, now);
}

/* Nothing is known of the time between: presences end before it, and others begin. */
static void split_presences(struct recorder *recorder, int64_t until, int64_t from)
{
	struct present_device *device;

	TAILQ_FOREACH(device, &recorder->present_devices.list, entry)
	{
		if (!device->confirmed || device->started > until)
			continue;
		end_presence(recorder, device, until);
		start_presence(recorder, device, from);
	}
}

void recorder_synced(struct recorder *recorder, struct instant now)
{
	int64_t today = date(recorder, now);

	if (!recorder->synced && recorder->seen && today - recorder->seen > GAP_MAX)
		split_presences(recorder, recorder->seen, today);
	if (!recorder->synced && instant_is_never(recorder->synced_at))
		recorder->settle_at = instant_add(now, SETTLE);
	if (!recorder->synced)
		recorder->synced_at = now;
	recorder->synced = true;
	recorder->seen_at = now;
}

void recorder_lost(struct recorder *recorder)
{
	recorder->seen = recorder_seen(recorder);
	recorder->lost = recorder->seen;
	recorder->synced = false;
}

bool recorder_is_synced(const struct recorder *recorder)
{
	return recorder->synced;
}

int64_t recorder_seen(const struct recorder *recorder)
{
	return recorder->synced ? date(recorder, recorder->seen_at) : recorder->seen;
}

/* Devices of the last run that are not here any more. */
static void settle(struct recorder *recorder)
{
	struct present_device *device = TAILQ_FIRST(&recorder->present_devices.list), *next;

	recorder->settle_at = INSTANT_NEVER;
	for (; device; device = next) {
		next = TAILQ_NEXT(device, entry);
		if (!device->confirmed)
			leave(recorder, device, recorder->seen);
	}
}

/* The tables are others, or lack something. */
static void enter_all(struct recorder *recorder, struct instant now)
{
	struct present_device *device;
	int64_t today = date(recorder, now);

	recorder->began =
	    store_ask_number(recorder->store, KEPT_GET, &STORE_TEXT("began"), 1, today);
	WRITE(recorder, KEPT_SET, STORE_TEXT("began"), STORE_NUMBER(recorder->began));
	WRITE(recorder, PRESENCE_END_ALL,
	    STORE_NUMBER(
		store_ask_number(recorder->store, KEPT_GET, &STORE_TEXT("seen"), 1, today)));
	TAILQ_FOREACH(device, &recorder->present_devices.list, entry)
	present_devices_set_key(&recorder->present_devices, device, 0);
	TAILQ_FOREACH(device, &recorder->present_devices.list, entry)
	{
		int64_t key = known_find(&recorder->known, &device->facts, device);
		bool is_known = key;
		if (!is_known)
			key = new_key(recorder);
		present_devices_set_key(&recorder->present_devices, device, key);
		WRITE(recorder, DEVICE_ADD, STORE_NUMBER(key), STORE_TEXT(device->id),
		    STORE_NUMBER(device->first_seen), STORE_NUMBER(device->acknowledged));
		if (device->alias)
			WRITE(recorder, DEVICE_NAME, STORE_NUMBER(key), STORE_TEXT(device->alias));
		if (is_known)
			known_load(&recorder->known, device);
		known_write(&recorder->known, device);
		known_claim(&recorder->known, device);
		start_presence(recorder, device, today);
	}
	recorder->noted = 0;
	recorder->urgent = true;
}

void recorder_advance(struct recorder *recorder, struct instant now)
{
	struct present_device *device;

	if (recorder->synced)
		recorder->seen_at = now;
	if (instant_due(recorder->settle_at, now))
		settle(recorder);
	TAILQ_FOREACH(device, &recorder->present_devices.list, entry)
	{
		if (device->is_new && instant_due(device->report_at, now))
			report_new(recorder, device);
	}
	if (store_take_replaced(recorder->store))
		enter_all(recorder, now);
}

struct instant recorder_deadline(const struct recorder *recorder)
{
	struct instant deadline = INSTANT_NEVER;
	const struct present_device *device;

	TAILQ_FOREACH(device, &recorder->present_devices.list, entry)
	{
		if (device->is_new)
			deadline = instant_earlier(deadline, device->report_at);
	}
	return instant_earlier(recorder->settle_at, deadline);
}

void recorder_note_seen(struct recorder *recorder)
{
	int64_t seen = recorder_seen(recorder);

	if (seen && seen != recorder->noted &&
	    WRITE(recorder, KEPT_SET, STORE_TEXT("seen"), STORE_NUMBER(seen)) == 0)
		recorder->noted = seen;
}

static void move_date(int64_t *place, int64_t seconds, int64_t from)
{
	if (*place >= from)
		*place += seconds;
}

void recorder_move_dates(struct recorder *recorder, int64_t seconds, int64_t from)
{
	static const enum statement statements[] = {MOVE_DEVICE, MOVE_PRESENCE, MOVE_EVENT};
	struct present_device *device;

	log_notice("the clock was set by %lld seconds; dates from this start are moved",
	    (long long)seconds);
	for (size_t i = 0; i < COUNT_OF(statements); i++)
		WRITE(recorder, statements[i], STORE_NUMBER(seconds), STORE_NUMBER(from));
	TAILQ_FOREACH(device, &recorder->present_devices.list, entry)
	{
		move_date(&device->first_seen, seconds, from);
		move_date(&device->started, seconds, from);
		move_date(&device->arrived, seconds, from);
	}
	move_date(&recorder->seen, seconds, from);
	move_date(&recorder->lost, seconds, from);
	if (recorder->began >= from) {
		recorder->began += seconds;
		WRITE(recorder, KEPT_SET, STORE_TEXT("began"), STORE_NUMBER(recorder->began));
	}
	/* The clock shows only now for how long this program was not running. */
	if (seconds > GAP_MAX)
		split_presences(recorder, recorder->options.calendar->floor, from + seconds);
}

bool recorder_take_urgent(struct recorder *recorder)
{
	bool urgent = recorder->urgent;

	recorder->urgent = false;
	return urgent;
}

int recorder_acknowledge(struct recorder *recorder, int64_t key)
{
	struct present_device *device = present_devices_find_key(&recorder->present_devices, key);

	if (device)
		device->acknowledged = true;
	return WRITE(recorder, DEVICE_ACKNOWLEDGE, STORE_NUMBER(key));
}

int recorder_name(struct recorder *recorder, int64_t key, const char *alias)
{
	struct present_device *device = present_devices_find_key(&recorder->present_devices, key);

	if (device) {
		free(device->alias);
		device->alias = alias ? strdup(alias) : NULL;
	}
	return WRITE(recorder, DEVICE_NAME, STORE_NUMBER(key), STORE_TEXT(alias));
}

/* New devices that were written before the last run was killed, and not reported yet. */
static void find_unreported(struct recorder *recorder)
{
	struct present_device *device;

	TAILQ_FOREACH(device, &recorder->present_devices.list, entry)
	{
		const struct store_value values[] = {STORE_NUMBER(device->key), STORE_NUMBER(0)};
		device->arrived = device->first_seen;
		device->is_new =
		    device->first_seen == device->started &&
		    store_ask_number(recorder->store, EVENTS_OF, values, COUNT_OF(values), -1) < 0;
	}
}

int recorder_open(
    const struct recorder_options *options, struct instant now, struct recorder **opened)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int64_t today = calendar_date(options->calendar, now);
	int error;

	if (!recorder)
		return -ENOMEM;
	recorder->options = *options;
	recorder->store = options->store;
	recorder->known = (struct known){options->store, &recorder->present_devices};
	recorder->synced_at = recorder->settle_at = INSTANT_NEVER;
	error = present_devices_init(&recorder->present_devices, &options->key);
	if (error) {
		free(recorder);
		return error;
	}
	recorder->began = store_ask_number(options->store, KEPT_GET, &STORE_TEXT("began"), 1, 0);
	recorder->seen = store_ask_number(options->store, KEPT_GET, &STORE_TEXT("seen"), 1, 0);
	if (!recorder->began) {
		recorder->began = today;
		WRITE(recorder, KEPT_SET, STORE_TEXT("began"), STORE_NUMBER(today));
	}
	error = known_load_all(&recorder->known);
	find_unreported(recorder);
	if (error) {
		present_devices_fini(&recorder->present_devices);
		free(recorder);
		return error;
	}
	*opened = recorder;
	return 0;
}

void recorder_close(struct recorder *recorder, struct instant now)
{
	if (!recorder)
		return;
	if (recorder->synced)
		recorder->seen_at = now;
	/* A new device that waits for its name is reported by the next run: no program is run any
	 * more. */
	recorder_note_seen(recorder);
	present_devices_fini(&recorder->present_devices);
	free(recorder);
}

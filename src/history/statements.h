/* SPDX-License-Identifier: ISC
 * statements: every statement of SQL that the history runs, one row each, and the steps that made
 * its tables. */
#ifndef HISTORY_STATEMENTS_H
#define HISTORY_STATEMENTS_H

enum statement {
	/* devices */
	DEVICE_ADD,    /* key, id, first_seen, acknowledged */
	DEVICE_UPDATE, /* key, id, name, type, manufacturer, model, mac, vendor, random_mac */
	DEVICE_SEEN,   /* key, last_seen */
	DEVICE_ACKNOWLEDGE,
	DEVICE_NAME, /* key, alias */
	/* the texts that a device is known by */
	IDENTITY_SET, /* text, key */
	/* when it was where */
	PRESENCE_START,   /* key, segment, address, started */
	PRESENCE_PLACE,   /* key, segment, address */
	PRESENCE_END,     /* key, ended */
	PRESENCE_END_ALL, /* ended */
	/* what happened */
	EVENT_ADD, /* at, key, kind, old, new */
	/* numbers of ours */
	KEPT_SET, /* name, value */
	/* `from` turned out to be `to`: from, to */
	MERGE_DEVICE,
	MERGE_IDENTITY,
	MERGE_PRESENCE,
	MERGE_EVENT,
	MERGE_END, /* from */
	/* the clock was set: seconds, from */
	MOVE_DEVICE,
	MOVE_PRESENCE,
	MOVE_EVENT,
	/* dates of the future: now */
	CLAMP_DEVICE,
	CLAMP_PRESENCE,
	CLAMP_EVENT,
	/* what is too old, or too much */
	FORGET_EVENTS_BEFORE,
	FORGET_PRESENCES_BEFORE,
	FORGET_EVENTS,    /* how many */
	FORGET_PRESENCES, /* how many */
	FORGET_DEVICES,   /* how many */
	FORGET_IDENTITIES_OF_NONE,
	FORGET_PRESENCES_OF_NONE,
	FORGET_EVENTS_OF_NONE,
	SHRINK,
	/* questions */
	KEY_NEXT,
	KEY_OF_IDENTITY,
	DEVICE_OF_KEY,
	DEVICES_HERE,       /* with an open presence */
	DEVICES_AFTER,      /* key, new, random too, since */
	DEVICES_ALIASED,    /* text */
	DEVICES_IDENTIFIED, /* text */
	DEVICES_AT,         /* address */
	DEVICES_CALLED,     /* text */
	DEVICES_LIKE,       /* pattern */
	ALIASES,
	IDENTITIES_OF,
	PRESENCES_OF, /* key, since */
	EVENTS_OF,    /* key, since */
	KEPT_GET,     /* name */
	DEVICE_COUNT,
	EVENT_COUNT,
	PRESENCE_COUNT,
	PAGES_USED,
	PAGES_FREE,
	LAST_DATE,
	STATEMENT_COUNT
};

extern const char *const STATEMENTS[STATEMENT_COUNT];

/* The columns of DEVICE_OF_KEY and DEVICES_…. */
enum device_column {
	COLUMN_KEY,
	COLUMN_ID,
	COLUMN_NAME,
	COLUMN_ALIAS,
	COLUMN_TYPE,
	COLUMN_MANUFACTURER,
	COLUMN_MODEL,
	COLUMN_MAC,
	COLUMN_VENDOR,
	COLUMN_RANDOM_MAC,
	COLUMN_FIRST_SEEN,
	COLUMN_LAST_SEEN,
	COLUMN_ACKNOWLEDGED,
	COLUMN_SEGMENT, /* of its open presence, or NULL */
	COLUMN_ADDRESS,
	COLUMN_STARTED
};

/* What leads from version n of the tables (PRAGMA user_version) to n + 1; from 0 for a new file.
 * A row, once released, does not change. */
extern const char *const UPGRADES[];
extern const int UPGRADE_COUNT;

#endif

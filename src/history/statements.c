/* SPDX-License-Identifier: ISC
 * statements: every statement of SQL that the history runs, one row each, and the steps that made
 * its tables. */
#include "history/statements.h"

#include "base/array.h"

const char *const UPGRADES[] = {
    "CREATE TABLE device (key INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT, alias TEXT,"
    " type TEXT, manufacturer TEXT, model TEXT, mac TEXT, vendor TEXT,"
    " random_mac INTEGER NOT NULL DEFAULT 0, first_seen INTEGER NOT NULL,"
    " last_seen INTEGER NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE identity (text TEXT PRIMARY KEY, key INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX identity_key ON identity (key);"
    "CREATE TABLE presence (key INTEGER NOT NULL, segment TEXT, address TEXT,"
    " started INTEGER NOT NULL, ended INTEGER);"
    "CREATE INDEX presence_key ON presence (key);"
    "CREATE INDEX presence_open ON presence (key) WHERE ended IS NULL;"
    "CREATE TABLE event (at INTEGER NOT NULL, key INTEGER NOT NULL, kind TEXT NOT NULL,"
    " old TEXT, new TEXT);"
    "CREATE INDEX event_key ON event (key);"
    "CREATE TABLE kept (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;",
};
const int UPGRADE_COUNT = COUNT_OF(UPGRADES);

/* In the order of enum device_column. */
#define DEVICES                                                                                    \
	"SELECT d.key, d.id, d.name, d.alias, d.type, d.manufacturer, d.model, d.mac, d.vendor,"   \
	" d.random_mac, d.first_seen, d.last_seen, d.acknowledged, p.segment, p.address,"          \
	" p.started FROM device d LEFT JOIN presence p ON p.key = d.key AND p.ended IS NULL "

const char *const STATEMENTS[] = {
    [DEVICE_ADD] = "INSERT OR IGNORE INTO device (key, id, first_seen, last_seen, acknowledged)"
		   " VALUES (?1, ?2, ?3, ?3, ?4)",
    [DEVICE_UPDATE] = "UPDATE device SET id = ?2, name = ?3, type = ?4, manufacturer = ?5,"
		      " model = ?6, mac = ?7, vendor = ?8, random_mac = ?9 WHERE key = ?1",
    [DEVICE_SEEN] = "UPDATE device SET last_seen = ?2 WHERE key = ?1",
    [DEVICE_ACKNOWLEDGE] = "UPDATE device SET acknowledged = 1 WHERE key = ?1",
    [DEVICE_NAME] = "UPDATE device SET alias = ?2 WHERE key = ?1",
    [IDENTITY_SET] = "INSERT OR REPLACE INTO identity (text, key) VALUES (?1, ?2)",
    [PRESENCE_START] = "INSERT INTO presence (key, segment, address, started)"
		       " SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS"
		       " (SELECT 1 FROM presence WHERE key = ?1 AND ended IS NULL)",
    [PRESENCE_PLACE] = "UPDATE presence SET segment = ?2, address = ?3"
		       " WHERE key = ?1 AND ended IS NULL",
    [PRESENCE_END_ALL] = "UPDATE presence SET ended = max(?1, started) WHERE ended IS NULL",
    [PRESENCE_END] = "UPDATE presence SET ended = max(?2, started)"
		     " WHERE key = ?1 AND ended IS NULL",
    [EVENT_ADD] = "INSERT INTO event (at, key, kind, old, new) VALUES (?1, ?2, ?3, ?4, ?5)",
    [KEPT_SET] = "INSERT OR REPLACE INTO kept (name, value) VALUES (?1, ?2)",
    [MERGE_DEVICE] = "UPDATE device SET first_seen ="
		     " min(first_seen, (SELECT first_seen FROM device WHERE key = ?1)),"
		     " alias = coalesce(alias, (SELECT alias FROM device WHERE key = ?1))"
		     " WHERE key = ?2 AND EXISTS (SELECT 1 FROM device WHERE key = ?1)",
    [MERGE_IDENTITY] = "UPDATE identity SET key = ?2 WHERE key = ?1",
    [MERGE_PRESENCE] = "UPDATE presence SET key = ?2 WHERE key = ?1",
    [MERGE_EVENT] = "UPDATE event SET key = ?2 WHERE key = ?1",
    [MERGE_END] = "DELETE FROM device WHERE key = ?1",
    [MOVE_DEVICE] = "UPDATE device SET"
		    " first_seen = first_seen + ?1 * (first_seen >= ?2),"
		    " last_seen = last_seen + ?1 * (last_seen >= ?2) WHERE last_seen >= ?2",
    [MOVE_PRESENCE] = "UPDATE presence SET started = started + ?1 * (started >= ?2),"
		      " ended = ended + ?1 * (ended >= ?2) WHERE started >= ?2 OR ended >= ?2",
    [MOVE_EVENT] = "UPDATE event SET at = at + ?1 WHERE at >= ?2",
    [CLAMP_DEVICE] = "UPDATE device SET first_seen = min(first_seen, ?1),"
		     " last_seen = min(last_seen, ?1) WHERE last_seen > ?1",
    [CLAMP_PRESENCE] = "UPDATE presence SET started = min(started, ?1), ended = min(ended, ?1)"
		       " WHERE started > ?1 OR ended > ?1",
    [CLAMP_EVENT] = "UPDATE event SET at = ?1 WHERE at > ?1",
    [FORGET_EVENTS_BEFORE] = "DELETE FROM event WHERE at < ?1",
    [FORGET_PRESENCES_BEFORE] = "DELETE FROM presence WHERE ended < ?1",
    [FORGET_EVENTS] = "DELETE FROM event WHERE rowid IN"
		      " (SELECT rowid FROM event ORDER BY at, rowid LIMIT ?1)",
    [FORGET_PRESENCES] = "DELETE FROM presence WHERE rowid IN (SELECT rowid FROM presence"
			 " WHERE ended IS NOT NULL ORDER BY ended, rowid LIMIT ?1)",
    [FORGET_DEVICES] = "DELETE FROM device WHERE key IN (SELECT key FROM device WHERE key NOT IN"
		       " (SELECT key FROM presence WHERE ended IS NULL)"
		       " ORDER BY alias IS NOT NULL, acknowledged, last_seen, key LIMIT ?1)",
    [FORGET_IDENTITIES_OF_NONE] = "DELETE FROM identity WHERE key NOT IN (SELECT key FROM device)",
    [FORGET_PRESENCES_OF_NONE] = "DELETE FROM presence WHERE key NOT IN (SELECT key FROM device)",
    [FORGET_EVENTS_OF_NONE] = "DELETE FROM event WHERE key NOT IN (SELECT key FROM device)",
    [SHRINK] = "PRAGMA incremental_vacuum",
    [KEY_NEXT] = "SELECT coalesce(max(key), 0) + 1 FROM device",
    [KEY_OF_IDENTITY] = "SELECT i.key, d.mac FROM identity i JOIN device d ON d.key = i.key"
			" WHERE i.text = ?1",
    [DEVICE_OF_KEY] = DEVICES "WHERE d.key = ?1",
    [DEVICES_HERE] = DEVICES "WHERE p.key IS NOT NULL",
    [DEVICES_AFTER] = DEVICES "WHERE d.key > ?1 AND (NOT ?2 OR NOT d.acknowledged)"
			      " AND (NOT ?2 OR ?3 OR NOT d.random_mac)"
			      " AND (d.last_seen >= ?4 OR p.key IS NOT NULL)"
			      " ORDER BY d.key LIMIT 64",
    [DEVICES_ALIASED] = DEVICES "WHERE d.alias = ?1 COLLATE NOCASE ORDER BY d.key LIMIT 33",
    [DEVICES_IDENTIFIED] =
	DEVICES "WHERE d.id = ?1 COLLATE NOCASE OR d.key IN (SELECT key FROM identity WHERE"
		" text = ?1 COLLATE NOCASE OR text = 'uuid:' || lower(?1)"
		" OR text = 'mac:' || lower(?1)) ORDER BY d.key LIMIT 33",
    [DEVICES_AT] = DEVICES "WHERE p.address = ?1 COLLATE NOCASE ORDER BY d.key LIMIT 33",
    [DEVICES_CALLED] = DEVICES "WHERE d.name = ?1 COLLATE NOCASE ORDER BY d.key LIMIT 33",
    [DEVICES_LIKE] = DEVICES "WHERE d.alias LIKE ?1 ESCAPE '\\' OR d.name LIKE ?1 ESCAPE '\\'"
			     " ORDER BY d.key LIMIT 33",
    [ALIASES] = "SELECT key, id, alias FROM device WHERE alias IS NOT NULL ORDER BY key",
    [IDENTITIES_OF] = "SELECT text FROM identity WHERE key = ?1 ORDER BY text",
    [PRESENCES_OF] = "SELECT segment, address, started, ended FROM (SELECT * FROM presence"
		     " WHERE key = ?1 AND (ended IS NULL OR ended >= ?2)"
		     " ORDER BY started DESC LIMIT 1000) ORDER BY started",
    [EVENTS_OF] = "SELECT at, kind, old, new FROM (SELECT * FROM event WHERE key = ?1"
		  " AND at >= ?2 ORDER BY at DESC LIMIT 1000) ORDER BY at",
    [KEPT_GET] = "SELECT value FROM kept WHERE name = ?1",
    [DEVICE_COUNT] = "SELECT count(*) FROM device",
    [EVENT_COUNT] = "SELECT count(*) FROM event",
    [PRESENCE_COUNT] = "SELECT count(*) FROM presence WHERE ended IS NOT NULL",
    [PAGES_USED] = "SELECT p.page_count - f.freelist_count"
		   " FROM pragma_page_count p, pragma_freelist_count f",
    [PAGES_FREE] = "SELECT freelist_count FROM pragma_freelist_count",
    /* the last second of the year 9999 is the last that has a text */
    [LAST_DATE] = "SELECT min(253402300799, max(coalesce((SELECT max(last_seen) FROM device), 0),"
		  " coalesce((SELECT value FROM kept WHERE name = 'seen'), 0)))",
};

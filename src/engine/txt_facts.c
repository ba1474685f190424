/* SPDX-License-Identifier: ISC
 * txt_facts: see txt_facts.h. */
#include "engine/txt_facts.h"
#include "base/array.h"
#include "base/text.h"
#include "wire/dns_txt.h"
#include <string.h>

/* What stands for the name of the instance in the place of a key. */
#define INSTANCE   "\1" /* all of it */
#define BEFORE_AT  "\2" /* what stands before "@" */
#define AFTER_AT   "\3"
#define BEFORE_MAC "\4" /* what stands before " [MAC]" */

/* Keys, divided by blanks: the first one that is there counts. */
struct row {
	const char *type;
	const char *name, *model, *maker, *identity, *page;
	const char *maker_text; /* where the type itself says it */
};

/* By how well they name a device: of several, the first row that has a fact gives it. */
static const struct row ROWS[] = {
    {"_discoverd._tcp", INSTANCE, "md", "mf", "id", NULL, NULL},
    {"_googlecast._tcp", "fn", "md", NULL, "id", NULL, "Google"},
    {"_esphomelib._tcp", "friendly_name", "board project_name", NULL, "mac", NULL, NULL},
    {"_hue._tcp", INSTANCE, "modelid", NULL, "bridgeid", NULL, "Signify"},
    {"_ipp._tcp", "note ty", "usb_MDL product", "usb_MFG", "UUID", "adminurl", NULL},
    {"_ipps._tcp", "note ty", "usb_MDL product", "usb_MFG", "UUID", "adminurl", NULL},
    {"_printer._tcp", "note ty", "usb_MDL product", "usb_MFG", "UUID", "adminurl", NULL},
    {"_amzn-wplay._tcp", "n fn", "md", NULL, NULL, NULL, "Amazon"},
    {"_home-assistant._tcp", "location_name", "version", NULL, "uuid", NULL, NULL},
    {"_airplay._tcp", INSTANCE, "model", "manufacturer", "deviceid", NULL, NULL},
    {"_raop._tcp", AFTER_AT, "am", NULL, BEFORE_AT, NULL, NULL},
    {"_androidtvremote2._tcp", INSTANCE, NULL, NULL, "bt", NULL, NULL},
    {"_axis-video._tcp", INSTANCE, NULL, NULL, "macaddress", NULL, "Axis"},
    {"_meshcop._udp", "nn", "mn", "vn", "id xa", NULL, NULL},
    {"_matterc._udp", "DN", "VP DT", NULL, "D", NULL, NULL},
    {"_hap._tcp", INSTANCE, "md", NULL, "id", NULL, NULL},
    {"_hap._udp", INSTANCE, "md", NULL, "id", NULL, NULL},
    {"_shelly._tcp", INSTANCE, "app gen", NULL, NULL, NULL, NULL},
    {"_http._tcp", INSTANCE, "model app", "vendor", "mac_address", NULL, NULL},
    {"_device-info._tcp", NULL, "model", NULL, NULL, NULL, NULL},
    {"_workstation._tcp", BEFORE_MAC, NULL, NULL, NULL, NULL, NULL},
};

/* That are browsed for, too: some devices do not list theirs. */
static const char *const OTHERS[] = {
    "_matter._tcp",
    "_smb._tcp",
    "_ssh._tcp",
    "_sftp-ssh._tcp",
    "_mqtt._tcp",
    "_coap._udp",
    "_sonos._tcp",
    "_spotify-connect._tcp",
    "_octoprint._tcp",
    "_nvstream._tcp",
    "_scanner._tcp",
    "_uscan._tcp",
    "_pdl-datastream._tcp",
    "_rtsp._tcp",
    "_adb-tls-connect._tcp",
    "_sleep-proxy._udp",
};

static const struct row *find_row(struct slice type)
{
	for (size_t i = 0; i < COUNT_OF(ROWS); i++)
		if (slice_equal_nocase(slice_of(ROWS[i].type), type))
			return &ROWS[i];
	return NULL;
}

bool txt_facts_knows(struct slice type)
{
	return find_row(type) != NULL;
}

const char *txt_facts_type(size_t n)
{
	if (n < COUNT_OF(ROWS))
		return ROWS[n].type;
	n -= COUNT_OF(ROWS);
	return n < COUNT_OF(OTHERS) ? OTHERS[n] : NULL;
}

void txt_facts_init(struct txt_facts *facts)
{
	for (size_t i = 0; i < FACTS; i++) {
		facts->ranks[i] = SIZE_MAX;
		facts->texts[i][0] = '\0';
	}
}

static bool is_text(struct slice value)
{
	int32_t code_point = 0;

	for (struct slice rest = value; rest.len > 0;) {
		size_t len = text_decode(rest, &code_point);
		if (code_point < ' ' || code_point == 0x7f)
			return false;
		rest = slice_skip(rest, len);
	}
	return true;
}

static void write_value(struct slice value, char out[TXT_FACT_SIZE])
{
	struct writer w;

	writer_init(&w, out, TXT_FACT_SIZE - 1);
	if (is_text(value))
		writer_slice(&w, value);
	for (size_t i = 0; i < value.len && w.len == i * 2 && !is_text(value); i++)
		writer_format(&w, "%02x", (unsigned)(unsigned char)value.bytes[i]);
	out[w.len] = '\0';
}

/* "Name [00:11:22:33:44:55]" */
static struct slice before_mac(struct slice instance)
{
	size_t at = slice_find(instance, '[');

	return at < instance.len ? slice_trim(slice_head(instance, at)) : instance;
}

static struct slice find_value(struct slice key, struct slice instance, struct slice txt)
{
	size_t at = slice_find(instance, '@');

	switch (key.bytes[0]) {
	case '\1':
		return instance;
	case '\2':
		return at < instance.len ? slice_head(instance, at) : SLICE_NONE;
	case '\3':
		return at < instance.len ? slice_skip(instance, at + 1) : instance;
	case '\4':
		return before_mac(instance);
	default:
		return dns_txt_find(txt, key);
	}
}

static void add(struct txt_facts *facts, enum endpoint_fact fact, size_t rank, const char *keys,
    struct slice instance, struct slice txt)
{
	struct slice rest = slice_of(keys), key;

	if (facts->ranks[fact] <= rank)
		return;
	while (rest.bytes && slice_cut(&rest, ' ', &key)) {
		struct slice value = find_value(key, instance, txt);
		if (value.len == 0)
			continue;
		write_value(value, facts->texts[fact]);
		facts->ranks[fact] = rank;
		return;
	}
}

void txt_facts_add(
    struct txt_facts *facts, struct slice type, struct slice instance, struct slice txt)
{
	const struct row *row = find_row(type);
	size_t rank = row ? (size_t)(row - ROWS) : SIZE_MAX - 1;

	if (facts->ranks[FACT_TYPE] > rank) {
		write_value(type, facts->texts[FACT_TYPE]);
		facts->ranks[FACT_TYPE] = rank;
	}
	if (!row)
		return;
	add(facts, FACT_NAME, rank, row->name, instance, txt);
	add(facts, FACT_MODEL, rank, row->model, instance, txt);
	add(facts, FACT_MANUFACTURER, rank, row->maker, instance, txt);
	add(facts, FACT_SERIAL, rank, row->identity, instance, txt);
	add(facts, FACT_PRESENTATION_URL, rank, row->page, instance, txt);
	if (row->maker_text && facts->ranks[FACT_MANUFACTURER] > rank) {
		write_value(slice_of(row->maker_text), facts->texts[FACT_MANUFACTURER]);
		facts->ranks[FACT_MANUFACTURER] = rank;
	}
}

void txt_facts_take(const struct txt_facts *facts, struct slice out[FACTS])
{
	for (size_t i = 0; i < FACTS; i++)
		if (facts->ranks[i] != SIZE_MAX)
			out[i] = slice_of(facts->texts[i]);
}

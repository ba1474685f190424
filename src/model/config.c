/* SPDX-License-Identifier: ISC
 * config: the rows of all options; how each kind of value is checked, kept and printed. */
#include "model/config.h"
#include "base/array.h"
#include "base/text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Every value, as config_format writes it, is to fit a line that inih reads whole. */
#define AT(member)               offsetof(struct config, member)
#define TEXT(member, min, max)   CONFIG_TEXT, AT(member), min, max
#define URL(member)              CONFIG_URL, AT(member), 0, 160
#define SWITCH(member)           CONFIG_BOOL, AT(member), 0, 1
#define NUMBER(member, min, max) CONFIG_NUMBER, AT(member), min, max
#define LIST(member)             CONFIG_LIST, AT(member), 0, 160

const struct config_option CONFIG_OPTIONS[] = {
    {"Device", "name", TEXT(device.name, 1, 64), NULL,
	"What this device calls itself; the host name when not set"},
    {"Device", "type", CONFIG_URN, AT(device.type), 1, 128, "urn:schemas-upnp-org:device:Basic:1",
	"Device type, a URN with its version"},
    {"Device", "uuid", CONFIG_UUID, AT(device.uuid), 0, 36, NULL,
	"Identity; made once and kept in the state directory when not set"},
    {"Device", "manufacturer", TEXT(device.manufacturer, 0, 64), NULL, "Who made this device"},
    {"Device", "manufacturer-url", URL(device.manufacturer_url), NULL,
	"Web page of the manufacturer"},
    {"Device", "model", TEXT(device.model, 0, 64), NULL, "Name of the model"},
    {"Device", "model-number", TEXT(device.model_number, 0, 32), NULL, "Number of the model"},
    {"Device", "model-description", TEXT(device.model_description, 0, 128), NULL,
	"One sentence about the model"},
    {"Device", "model-url", URL(device.model_url), NULL, "Web page of the model"},
    {"Device", "serial", TEXT(device.serial, 0, 64), NULL, "Serial number of this device"},
    {"Device", "presentation-url", URL(device.presentation_url), NULL,
	"Web page of this device itself"},

    {"Network", "interfaces", LIST(network.interfaces), NULL,
	"Only these interfaces, names or globs; all but loopback when not set"},
    {"Network", "deny-interfaces", LIST(network.deny_interfaces), NULL,
	"Never these interfaces, names or globs"},
    {"Network", "ipv6", SWITCH(network.ipv6), "yes", "Speak IPv6 besides IPv4"},

    {"Broadcast", "enabled", SWITCH(broadcast.enabled), "yes", "Discover by UDP broadcast"},
    {"Broadcast", "port", NUMBER(broadcast.port, 1, 65535), "5005", "UDP port of the broadcasts"},
    {"Broadcast", "interval", NUMBER(broadcast.interval, 1, 86400), "30",
	"Seconds from one broadcast to the next"},

    {"SSDP", "enabled", SWITCH(ssdp.enabled), "yes", "Discover by SSDP, the discovery of UPnP"},
    {"SSDP", "max-age", NUMBER(ssdp.max_age, 30, 86400), "1800",
	"Seconds that others may believe an announcement"},
    {"SSDP", "ttl", NUMBER(ssdp.ttl, 1, 255), "2", "Routers that a multicast may pass, plus one"},
    {"SSDP", "search-interval", NUMBER(ssdp.search_interval, 10, 86400), "900",
	"Seconds from one search to the next"},
    {"SSDP", "answer-limit", SWITCH(ssdp.answer_limit), "yes",
	"Limit the answers per source and overall; \"no\" is for measuring only"},

    {"HTTP", "enabled", SWITCH(http.enabled), "yes", "Serve the description of this device"},
    {"HTTP", "port", NUMBER(http.port, 1, 65535), "5006", "TCP port of the description"},
    {"HTTP", "fetch", SWITCH(http.fetch), "yes", "Fetch the descriptions of others"},
    {"HTTP", "max-description", NUMBER(http.max_description, 1024, 1048576), "16384",
	"Bytes of a description beyond which it is refused"},

    {"Table", "max-devices", NUMBER(table.max_devices, 1, 65536), "4096",
	"Devices that are remembered"},
    {"Table", "max-devices-per-source", NUMBER(table.max_devices_per_source, 1, 65536), "32",
	"Devices that one host may claim to be"},

    {"Control", "max-clients", NUMBER(control.max_clients, 1, 1024), "64",
	"Programs connected at the same time"},
    {"Control", "max-clients-per-user", NUMBER(control.max_clients_per_user, 1, 1024), "16",
	"Programs of one user connected at the same time"},
    {"Control", "minissdpd-socket", CONFIG_PATH, AT(control.minissdpd_socket), 0, 107, NULL,
	"Socket for programs that look for minissdpd; none when not set"},
};
const size_t CONFIG_OPTION_COUNT = COUNT_OF(CONFIG_OPTIONS);

static void *member_of(struct config *config, const struct config_option *option)
{
	return (char *)config + option->offset;
}

static bool is_one_of(char c, struct slice set)
{
	return slice_find(set, c) < set.len;
}

/* An empty value unsets. 0 or -ENOMEM. */
static int keep_text(void *member, struct slice value)
{
	char **text = member;
	char *copy = value.len ? slice_dup(value) : NULL;

	if (value.len && !copy)
		return -ENOMEM;
	free(*text);
	*text = copy;
	return 0;
}

static int store_text(void *member, struct slice value)
{
	return text_is_clean(value) ? keep_text(member, value) : -EINVAL;
}

static int store_uuid(void *member, struct slice value)
{
	return value.len == 0 || text_is_uuid(value) ? keep_text(member, value) : -EINVAL;
}

static int store_url(void *member, struct slice value)
{
	if (value.len == 0)
		return keep_text(member, value);
	if (!slice_starts_with_nocase(value, SLICE("http://")) &&
	    !slice_starts_with_nocase(value, SLICE("https://")))
		return -EINVAL;
	struct slice rest = slice_skip(value, slice_find(value, '/') + 2);
	if (rest.len == 0 || rest.bytes[0] == '/')
		return -EINVAL;
	for (size_t i = 0; i < rest.len; i++)
		if (rest.bytes[i] <= ' ' || rest.bytes[i] > '~' ||
		    is_one_of(rest.bytes[i], SLICE("\"<>")))
			return -EINVAL;
	return keep_text(member, value);
}

/* UDA 2.0 2.3: urn:DOMAIN:device:TYPE:VERSION, its words of letters, digits, "-", "_" and ".". */
static int store_urn(void *member, struct slice value)
{
	static const char *const fixed[] = {"urn", NULL, "device", NULL, NULL};
	struct slice letters =
	    SLICE("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
	struct slice rest = value, word = SLICE_NONE;
	uint64_t version;

	for (size_t i = 0; i < COUNT_OF(fixed); i++) {
		if (!slice_cut(&rest, ':', &word) || word.len == 0)
			return -EINVAL;
		if (fixed[i] && !slice_equal(word, slice_of(fixed[i])))
			return -EINVAL;
		for (size_t j = 0; j < word.len; j++)
			if (!is_one_of(word.bytes[j], letters))
				return -EINVAL;
	}
	if (rest.bytes || slice_to_u64(word, UINT32_MAX, &version) < 0 || version == 0)
		return -EINVAL;
	return keep_text(member, value);
}

static int store_path(void *member, struct slice value)
{
	return value.len == 0 || value.bytes[0] == '/' ? store_text(member, value) : -EINVAL;
}

static int store_bool(void *member, struct slice value)
{
	static const char *const words[][2] = {
	    {"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"}};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		for (size_t truth = 0; truth < 2; truth++)
			if (slice_equal_nocase(value, slice_of(words[i][truth]))) {
				*(bool *)member = truth;
				return 0;
			}
	return -EINVAL;
}

static int store_number(void *member, struct slice value)
{
	uint64_t number;

	if (slice_to_u64(value, UINT32_MAX, &number) < 0)
		return -EINVAL;
	*(uint32_t *)member = (uint32_t)number;
	return 0;
}

static void clear_text(void *member)
{
	keep_text(member, SLICE_NONE);
}

static void clear_list(void *member)
{
	struct text_list *list = member;

	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct text_list){0};
}

static int append(struct text_list *list, struct slice item)
{
	char **items = reallocarray(list->items, list->count + 1, sizeof(char *));

	if (!items)
		return -ENOMEM;
	list->items = items;
	items[list->count] = slice_dup(item);
	if (!items[list->count])
		return -ENOMEM;
	list->count++;
	return 0;
}

/* Blanks, tabs and commas divide, any number of them. */
static int store_list(void *member, struct slice value)
{
	struct text_list list = {0};
	size_t end;

	for (; value.len > 0; value = slice_skip(value, end + 1)) {
		for (end = 0; end < value.len && !is_one_of(value.bytes[end], SLICE(" \t,")); end++)
			;
		struct slice item = slice_head(value, end);
		int error = item.len == 0 ? 0 : text_is_clean(item) ? append(&list, item) : -EINVAL;
		if (error < 0) {
			clear_list(&list);
			return error;
		}
	}
	clear_list(member);
	*(struct text_list *)member = list;
	return 0;
}

static void format_text(const void *member, struct writer *w)
{
	writer_text(w, *(char *const *)member);
}

static void format_bool(const void *member, struct writer *w)
{
	writer_text(w, *(const bool *)member ? "yes" : "no");
}

static void format_number(const void *member, struct writer *w)
{
	writer_u64(w, *(const uint32_t *)member);
}

static void format_list(const void *member, struct writer *w)
{
	const struct text_list *list = member;

	for (size_t i = 0; i < list->count; i++) {
		writer_text(w, i ? " " : "");
		writer_text(w, list->items[i]);
	}
}

static bool has_text(const void *member)
{
	return *(char *const *)member;
}

static bool has_list(const void *member)
{
	return ((const struct text_list *)member)->count > 0;
}

static bool has_always(const void *member)
{
	(void)member;
	return true;
}

static void clear_nothing(void *member)
{
	(void)member;
}

/* What is the same for all texts. */
#define TEXT_KIND format_text, has_text, clear_text

/* What the kinds of values have of their own. */
static const struct kind {
	int (*store)(void *member, struct slice value); /* 0, -EINVAL, -ENOMEM */
	void (*format)(const void *member, struct writer *w);
	bool (*is_set)(const void *member);
	void (*clear)(void *member); /* frees what it owns */
	const char *expected;        /* what a value must be */
	const char *unit; /* of what min and max count; NULL where they say nothing new */
} KINDS[] = {
    [CONFIG_TEXT] = {store_text, TEXT_KIND, "visible UTF-8 text without doubled blanks", " bytes"},
    [CONFIG_UUID] = {store_uuid, TEXT_KIND, "a UUID like 2fac1234-31f8-11b4-a222-08002b34c003",
	NULL},
    [CONFIG_URL] = {store_url, TEXT_KIND, "a URL that begins with http:// or https://", " bytes"},
    [CONFIG_URN] = {store_urn, TEXT_KIND, "a device type like urn:schemas-upnp-org:device:Basic:1",
	" bytes"},
    [CONFIG_PATH] = {store_path, TEXT_KIND, "a path that begins with \"/\"", " bytes"},
    [CONFIG_BOOL] = {store_bool, format_bool, has_always, clear_nothing, "yes or no", NULL},
    [CONFIG_NUMBER] = {store_number, format_number, has_always, clear_nothing, "a whole number",
	""},
    [CONFIG_LIST] = {store_list, format_list, has_list, clear_list,
	"names divided by blanks or commas", " bytes"},
};

int config_set(struct config *config, const struct config_option *option, struct slice value)
{
	uint64_t measure = value.len;

	if (option->kind == CONFIG_NUMBER && slice_to_u64(value, option->max, &measure) < 0)
		return -EINVAL;
	if (option->kind != CONFIG_BOOL && (measure < option->min || measure > option->max))
		return -EINVAL;
	return KINDS[option->kind].store(member_of(config, option), value);
}

void config_option_expects(const struct config_option *option, struct writer *w)
{
	const struct kind *kind = &KINDS[option->kind];

	writer_text(w, kind->expected);
	if (kind->unit)
		writer_format(
		    w, ", %u to %u%s", (unsigned)option->min, (unsigned)option->max, kind->unit);
}

int config_init(struct config *config)
{
	*config = (struct config){0};
	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
		const struct config_option *option = &CONFIG_OPTIONS[i];
		int error =
		    option->standard ? config_set(config, option, slice_of(option->standard)) : 0;
		if (error < 0) {
			config_fini(config);
			return error;
		}
	}
	return 0;
}

void config_fini(struct config *config)
{
	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
		const struct config_option *option = &CONFIG_OPTIONS[i];
		KINDS[option->kind].clear(member_of(config, option));
	}
}

void config_format(const struct config *config, struct writer *w)
{
	const char *section = "";

	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
		const struct config_option *option = &CONFIG_OPTIONS[i];
		if (strcmp(section, option->section) != 0)
			writer_format(w, "%s[%s]\n", i ? "\n" : "", option->section);
		section = option->section;

		const void *member = (const char *)config + option->offset;
		if (!KINDS[option->kind].is_set(member)) {
			writer_format(w, "# %s =\n", option->key);
			continue;
		}
		writer_format(w, "%s = ", option->key);
		KINDS[option->kind].format(member, w);
		writer_char(w, '\n');
	}
}

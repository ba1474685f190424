/* SPDX-License-Identifier: ISC
 * config_option: how each kind of value is checked, kept and printed. */
#include "model/config_option.h"
#include "base/array.h"
#include "base/ascii.h"
#include "base/text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TARGETS_MAX = 16, PATHS_MAX = 8 };

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

/* What follows "//" of a URL: visible ASCII that needs no quotation, and a host before any path. */
static bool is_url_rest(struct slice rest)
{
	if (rest.len == 0 || rest.bytes[0] == '/')
		return false;
	for (size_t i = 0; i < rest.len; i++)
		if (rest.bytes[i] <= ' ' || rest.bytes[i] > '~' ||
		    is_one_of(rest.bytes[i], SLICE("\"<>")))
			return false;
	return true;
}

static int store_url(void *member, struct slice value)
{
	bool http = slice_starts_with_nocase(value, SLICE("http://")) ||
		    slice_starts_with_nocase(value, SLICE("https://"));

	if (value.len == 0)
		return keep_text(member, value);
	if (!http || !is_url_rest(slice_skip(value, slice_find(value, '/') + 2)))
		return -EINVAL;
	return keep_text(member, value);
}

/* A host, or "*" for whichever address of ours is heard, with or without a port. */
static bool is_authority(struct slice authority)
{
	bool bracketed = authority.len && authority.bytes[0] == '[';
	size_t end = slice_find(authority, bracketed ? ']' : ':') + bracketed;
	struct slice host = slice_head(authority, end), port = slice_skip(authority, end);
	uint64_t number;

	if (end > authority.len || host.len == 0 || slice_find(authority, '@') < authority.len)
		return false;
	if (slice_find(host, '*') < host.len && host.len != 1)
		return false;
	if (port.len == 0)
		return true;
	return port.bytes[0] == ':' && slice_to_u64(slice_skip(port, 1), 65535, &number) == 0 &&
	       number > 0;
}

static int store_location(void *member, struct slice value)
{
	struct slice rest = slice_skip(value, SLICE("http://").len);

	if (value.len == 0)
		return keep_text(member, value);
	if (!slice_starts_with_nocase(value, SLICE("http://")) || !is_url_rest(rest) ||
	    slice_find(rest, '#') < rest.len ||
	    !is_authority(slice_head(rest, slice_find(rest, '/'))))
		return -EINVAL;
	return keep_text(member, value);
}

/* True for urn:DOMAIN:WORD:NAME and, where it is versioned, :VERSION, of letters, digits, "-", "_"
 * and "." (UDA 2.0, 2.3). */
static bool is_urn(struct slice value, const char *word, bool versioned)
{
	const char *const fixed[] = {"urn", NULL, word, NULL, NULL};
	struct slice letters =
	    SLICE("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
	struct slice rest = value, part = SLICE_NONE;
	uint64_t version;

	for (size_t i = 0; i < COUNT_OF(fixed) - !versioned; i++) {
		if (!slice_cut(&rest, ':', &part) || part.len == 0)
			return false;
		if (fixed[i] && !slice_equal(part, slice_of(fixed[i])))
			return false;
		for (size_t j = 0; j < part.len; j++)
			if (!is_one_of(part.bytes[j], letters))
				return false;
	}
	if (rest.bytes)
		return false;
	return !versioned || (slice_to_u64(part, UINT32_MAX, &version) == 0 && version > 0);
}

static int store_device_type(void *member, struct slice value)
{
	return is_urn(value, "device", true) ? keep_text(member, value) : -EINVAL;
}

static int store_service_type(void *member, struct slice value)
{
	return is_urn(value, "service", true) ? keep_text(member, value) : -EINVAL;
}

static int store_service_id(void *member, struct slice value)
{
	bool good = value.len == 0 || is_urn(value, "serviceId", false);

	return good ? keep_text(member, value) : -EINVAL;
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

static int store_listed(void *member, struct slice value)
{
	bool listed = slice_equal_nocase(value, SLICE("listed"));

	if (!listed && !slice_equal_nocase(value, SLICE("hidden")))
		return -EINVAL;
	*(bool *)member = listed;
	return 0;
}

static int store_number(void *member, struct slice value)
{
	uint64_t number;

	if (slice_to_u64(value, UINT32_MAX, &number) < 0)
		return -EINVAL;
	*(uint32_t *)member = (uint32_t)number;
	return 0;
}

static const char SIZE_UNITS[] = "KMG";

/* Bytes, or with a letter behind the number 1024 of them, and so on. 0 or -EINVAL. */
static int parse_size(struct slice value, uint64_t *bytes)
{
	unsigned shift = 0;

	for (unsigned i = 0; value.len && SIZE_UNITS[i]; i++)
		if (ascii_lower(value.bytes[value.len - 1]) == ascii_lower(SIZE_UNITS[i]))
			shift = 10 * (i + 1);
	if (slice_to_u64(slice_head(value, value.len - (shift > 0)), UINT32_MAX, bytes) < 0)
		return -EINVAL;
	*bytes <<= shift;
	return 0;
}

static int store_size(void *member, struct slice value)
{
	uint64_t bytes;

	if (parse_size(value, &bytes) < 0 || bytes > UINT32_MAX)
		return -EINVAL;
	*(uint32_t *)member = (uint32_t)bytes;
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

bool text_list_equal(const struct text_list *a, const struct text_list *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return a->count == b->count;
}

bool config_option_next_item(struct slice *list, struct slice *item)
{
	do {
		size_t end = 0;
		while (end < list->len && !is_one_of(list->bytes[end], SLICE(" \t,")))
			end++;
		*item = slice_head(*list, end);
		*list = slice_skip(*list, end + 1);
	} while (item->len == 0 && list->len > 0);
	return item->len > 0;
}

static int store_list(void *member, struct slice value)
{
	struct text_list list = {0};
	struct slice item;

	while (config_option_next_item(&value, &item)) {
		int error = text_is_clean(item) ? append(&list, item) : -EINVAL;
		if (error < 0) {
			clear_list(&list);
			return error;
		}
	}
	clear_list(member);
	*(struct text_list *)member = list;
	return 0;
}

/* Visible ASCII, as it goes into a header (UDA 2.0 1.3.2). */
static int store_targets(void *member, struct slice value)
{
	struct text_list list = {0};
	int error = 0;

	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.bytes[i] > '~')
			return -EINVAL;
	error = store_list(&list, value);
	if (!error && list.count > TARGETS_MAX)
		error = -EINVAL;
	clear_list(error ? (void *)&list : member);
	if (!error)
		*(struct text_list *)member = list;
	return error;
}

static int store_paths(void *member, struct slice value)
{
	struct text_list list = {0};
	int error = store_list(&list, value);

	for (size_t i = 0; i < list.count && !error; i++)
		if (list.items[i][0] != '/' || list.count > PATHS_MAX)
			error = -EINVAL;
	clear_list(error ? (void *)&list : member);
	if (!error)
		*(struct text_list *)member = list;
	return error;
}

static void format_text(const void *member, struct writer *w)
{
	writer_text(w, *(char *const *)member);
}

static void format_bool(const void *member, struct writer *w)
{
	writer_text(w, *(const bool *)member ? "yes" : "no");
}

static void format_listed(const void *member, struct writer *w)
{
	writer_text(w, *(const bool *)member ? "listed" : "hidden");
}

static void format_number(const void *member, struct writer *w)
{
	writer_u64(w, *(const uint32_t *)member);
}

static void format_size(const void *member, struct writer *w)
{
	uint32_t size = *(const uint32_t *)member;
	unsigned unit = 0;

	while (size && size % 1024 == 0 && SIZE_UNITS[unit]) {
		size /= 1024;
		unit++;
	}
	writer_u64(w, size);
	if (unit)
		writer_char(w, SIZE_UNITS[unit - 1]);
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
    [CONFIG_URL] = {store_url, TEXT_KIND,
	"a URL that begins with http:// or https://, without blanks and characters outside ASCII",
	" bytes"},
    [CONFIG_LOCATION] = {store_location, TEXT_KIND,
	"a URL that begins with http:// (its host may be *)", " bytes"},
    [CONFIG_DEVICE_TYPE] = {store_device_type, TEXT_KIND,
	"a device type like urn:schemas-upnp-org:device:Basic:1", " bytes"},
    [CONFIG_SERVICE_TYPE] = {store_service_type, TEXT_KIND,
	"a service type like urn:schemas-upnp-org:service:SwitchPower:1", " bytes"},
    [CONFIG_SERVICE_ID] = {store_service_id, TEXT_KIND,
	"a service's id like urn:upnp-org:serviceId:SwitchPower", " bytes"},
    [CONFIG_PATH] = {store_path, TEXT_KIND, "a path that begins with \"/\"", " bytes"},
    [CONFIG_BOOL] = {store_bool, format_bool, has_always, clear_nothing, "yes or no", NULL},
    [CONFIG_LISTED] = {store_listed, format_listed, has_always, clear_nothing, "hidden or listed",
	NULL},
    [CONFIG_NUMBER] = {store_number, format_number, has_always, clear_nothing, "a whole number",
	""},
    [CONFIG_SIZE] = {store_size, format_size, has_always, clear_nothing,
	"a number of bytes like 8M or 256K", ""},
    [CONFIG_LIST] = {store_list, format_list, has_list, clear_list,
	"names divided by blanks or commas", " bytes"},
    [CONFIG_TARGETS] = {store_targets, format_list, has_list, clear_list,
	"16 search targets at most, visible ASCII divided by blanks or commas", " bytes"},
    [CONFIG_PATHS] = {store_paths, format_list, has_list, clear_list,
	"8 paths at most that begin with \"/\", divided by blanks or commas", " bytes"},
};

const struct config_option *config_option_find(
    const struct config_option *rows, size_t count, struct slice section, struct slice key)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(section, slice_of(rows[i].section)) &&
		    slice_equal(key, slice_of(rows[i].key)))
			return &rows[i];
	return NULL;
}

int config_option_set(const struct config_option *option, void *member, struct slice value)
{
	uint64_t measure = value.len;

	if (option->kind == CONFIG_NUMBER && slice_to_u64(value, option->max, &measure) < 0)
		return -EINVAL;
	if (option->kind == CONFIG_SIZE && parse_size(value, &measure) < 0)
		return -EINVAL;
	if (option->kind != CONFIG_BOOL && (measure < option->min || measure > option->max))
		return -EINVAL;
	return KINDS[option->kind].store(member, value);
}

void config_option_expects(const struct config_option *option, struct writer *w)
{
	const struct kind *kind = &KINDS[option->kind];

	writer_text(w, kind->expected);
	if (kind->unit)
		writer_format(
		    w, ", %u to %u%s", (unsigned)option->min, (unsigned)option->max, kind->unit);
}

bool config_option_is_set(const struct config_option *option, const void *member)
{
	return KINDS[option->kind].is_set(member);
}

void config_option_format(const struct config_option *option, const void *member, struct writer *w)
{
	KINDS[option->kind].format(member, w);
}

void config_option_clear(const struct config_option *option, void *member)
{
	KINDS[option->kind].clear(member);
}

/* SPDX-License-Identifier: ISC
 * announce_reader: see announce_reader.h. */
#include "control/announce_reader.h"
#include "base/array.h"
#include "base/text.h"
#include "model/config.h"
#include "wire/description.h"
#include "wire/url.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A LOCATION has to leave room for the rest in a datagram (UDA 2.0, 1.2.2). */
enum { OFFERED_LOCATION_MAX = 256, OFFERED_SERVER_MAX = 128, OFFERED_CONFIG_ID_MAX = 0xffffff };
#define STANDARD_TYPE "urn:schemas-upnp-org:device:Basic:1"

/* The texts of a device, each by the row of the configuration that says what it must be. */
static const struct {
	const char *member, *option;
	size_t offset;
} TEXTS[] = {
#define TEXT(member, option, place)                                                                \
	{                                                                                          \
		member, option, offsetof(struct announced_device, place)                           \
	}
    TEXT("type", "type", type),
    TEXT("name", "name", name),
    TEXT("uuid", "uuid", udn),
    TEXT("manufacturer", "manufacturer", manufacturer),
    TEXT("manufacturer_url", "manufacturer-url", manufacturer_url),
    TEXT("model", "model", model),
    TEXT("model_number", "model-number", model_number),
    TEXT("model_description", "model-description", model_description),
    TEXT("model_url", "model-url", model_url),
    TEXT("serial", "serial", serial),
    TEXT("presentation_url", "presentation-url", presentation_url),
#undef TEXT
};

static struct slice text_of(struct json_object *value)
{
	return (struct slice){
	    json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

/* `parent` and `member` are what the interface calls them, or what a client did. */
static int offend(struct announce_reader *reader, const char *parent, const char *member)
{
	char raw[256];

	snprintf(raw, sizeof(raw), "%s%s%s", parent, *member && *parent ? "." : "", member);
	text_clean(slice_of(raw), reader->offence, sizeof(reader->offence));
	return -EINVAL;
}

/* The UDN of a uuid that may have its prefix already. */
static int keep_udn(char **udn, const struct config_option *option, struct slice value)
{
	struct slice prefix = SLICE("uuid:");
	char *uuid = NULL, *made;
	int result;

	if (slice_starts_with_nocase(value, prefix))
		value = slice_skip(value, prefix.len);
	if (!value.len)
		return -EINVAL;
	result = config_set_text(&uuid, option, value);
	if (result)
		return result;
	if (asprintf(&made, "uuid:%s", uuid) < 0)
		result = -ENOMEM;
	else
		*udn = made;
	free(uuid);
	return result;
}

/* One text of the device. 0, -EINVAL or -ENOMEM. */
static int keep_text(struct announced_device *device, size_t row, struct json_object *value)
{
	const struct config_option *option =
	    config_option_find(SLICE("Device"), slice_of(TEXTS[row].option));
	char **place = (char **)((char *)device + TEXTS[row].offset);

	if (!json_object_is_type(value, json_type_string) || !option)
		return -EINVAL;
	return option->kind == CONFIG_UUID ? keep_udn(place, option, text_of(value))
					   : config_set_text(place, option, text_of(value));
}

/* "urn:upnp-org:serviceId:SwitchPower" for "urn:schemas-upnp-org:service:SwitchPower:1", with a
 * number where an earlier service has it (UDA 2.0, 2.3). 0, -EINVAL: would be too long, -ENOMEM. */
static int make_service_id(
    const struct announced_device *device, struct slice type, char id[CONFIG_URN_MAX + 1])
{
	struct slice rest = type, word, domain = SLICE_NONE, name = SLICE_NONE;
	bool taken = true;

	slice_cut(&rest, ':', &word);
	slice_cut(&rest, ':', &domain);
	slice_cut(&rest, ':', &word);
	slice_cut(&rest, ':', &name);
	if (slice_equal(domain, SLICE("schemas-upnp-org")))
		domain = slice_skip(domain, strlen("schemas-"));
	for (unsigned number = 1; taken; number++) {
		char suffix[12] = "";

		if (number > 1)
			snprintf(suffix, sizeof(suffix), ".%u", number);
		int len = snprintf(id, CONFIG_URN_MAX + 1, "urn:%.*s:serviceId:%.*s%s",
		    SLICE_ARGS(domain), SLICE_ARGS(name), suffix);
		if (len > CONFIG_URN_MAX)
			return -EINVAL;
		taken = false;
		for (size_t i = 0; i < device->service_count && !taken; i++)
			taken = !strcmp(device->services[i].id, id);
	}
	return 0;
}

/* Type and id of a service as they were given; the path of what is wrong with them. */
static int read_service_texts(struct announce_reader *reader, const char *path,
    struct json_object *object, struct slice *type, struct slice *id)
{
	if (!json_object_is_type(object, json_type_object))
		return offend(reader, path, "");
	json_object_object_foreach(object, key, value)
	{
		bool is_type = !strcmp(key, "type"), is_id = !strcmp(key, "id");

		if (!is_type && !is_id)
			return offend(reader, path, key);
		if (!value)
			continue;
		if (!json_object_is_type(value, json_type_string) ||
		    !config_is_urn(text_of(value), is_type ? "service" : "serviceId", is_type))
			return offend(reader, path, key);
		*(is_type ? type : id) = text_of(value);
	}
	return type->bytes ? 0 : offend(reader, path, "type");
}

static int read_service(struct announce_reader *reader, struct announced_device *device,
    const char *path, struct json_object *object)
{
	struct slice type = SLICE_NONE, id = SLICE_NONE;
	char made[CONFIG_URN_MAX + 1];
	int result = read_service_texts(reader, path, object, &type, &id);

	if (result)
		return result;
	for (size_t i = 0; i < device->service_count; i++)
		if (slice_equal(slice_of(device->services[i].id), id))
			return offend(reader, path, "id");
	if (!id.bytes && make_service_id(device, type, made) < 0)
		return offend(reader, path, "type");
	if (reader->service_count++ == DESCRIPTION_SERVICES_MAX)
		return offend(reader, path, "");
	/* a URN has no NUL in it, and json-c ends each string with one */
	return announced_device_add_service(device, type.bytes, id.bytes ? id.bytes : made);
}

static int read_services(struct announce_reader *reader, struct announced_device *device,
    const char *parent, struct json_object *array)
{
	char path[32];
	int result = 0;

	snprintf(path, sizeof(path), "%s.services", parent);
	if (!json_object_is_type(array, json_type_array))
		return offend(reader, path, "");
	for (size_t i = 0; i < json_object_array_length(array) && !result; i++)
		result = read_service(reader, device, path, json_object_array_get_idx(array, i));
	return result;
}

static int read_member(struct announce_reader *reader, struct announced_device *device,
    const char *path, const char *key, struct json_object *value)
{
	size_t row = 0;

	if (!strcmp(key, "services"))
		return value ? read_services(reader, device, path, value) : 0;
	while (row < COUNT_OF(TEXTS) && strcmp(TEXTS[row].member, key) != 0)
		row++;
	if (row == COUNT_OF(TEXTS))
		return offend(reader, path, key);
	int result = value ? keep_text(device, row, value) : 0;
	return result == -EINVAL ? offend(reader, path, key) : result;
}

static int read_device(struct announce_reader *reader, const char *path, struct json_object *object)
{
	if (!json_object_is_type(object, json_type_object))
		return offend(reader, path, "");
	struct announced_device *device = announced_tree_add_device(reader->tree, 0);
	if (!device)
		return -ENOMEM;
	json_object_object_foreach(object, key, value)
	{
		int result = read_member(reader, device, path, key, value);
		if (result)
			return result;
	}
	if (!device->type)
		device->type = strdup(STANDARD_TYPE);
	return device->type ? 0 : -ENOMEM;
}

static int read_embedded(struct announce_reader *reader, struct json_object *array)
{
	size_t count = array ? json_object_array_length(array) : 0;
	int result = 0;

	if (count >= DESCRIPTION_DEVICES_MAX)
		return offend(reader, "embedded", "");
	for (size_t i = 0; i < count && !result; i++)
		result = read_device(reader, "embedded", json_object_array_get_idx(array, i));
	return result;
}

/* Visible ASCII, and blanks where they may be. */
static bool is_plain(struct slice text, size_t max, bool blanks)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.bytes[i] > '~' || text.bytes[i] < (blanks ? ' ' : '!') ||
		    slice_find(SLICE("\"<>"), text.bytes[i]) < 3)
			return false;
	return text.len > 0 && text.len <= max;
}

/* An http URL whose host is "*", a name, or an address of ours: it is no use to tell people of a
 * host that is not ours, and no business of this one. */
static bool is_location(struct slice text, const struct link_set *links)
{
	struct slice any = SLICE("http://*");
	char copy[OFFERED_LOCATION_MAX + 1];
	struct address host;
	struct url url;

	if (!is_plain(text, OFFERED_LOCATION_MAX, false))
		return false;
	memcpy(copy, text.bytes, text.len);
	bool is_any = slice_starts_with_nocase(text, any);
	if (is_any) /* a host of one letter, to have the rest looked at */
		copy[any.len - 1] = 'h';
	if (url_parse((struct slice){copy, text.len}, &url) < 0 ||
	    !slice_equal_nocase(url.scheme, SLICE("http")) || url.zone.bytes ||
	    slice_find(url.host, '*') < url.host.len)
		return false;
	if (is_any)
		return url.host.len == 1;
	if (address_parse(url.host, &host) < 0)
		return !url.bracketed;
	return link_set_has_address(links, &host);
}

/* A copy of the text, where there is one. */
static int keep_copy(char **place, struct json_object *value)
{
	if (value && !(*place = slice_dup(text_of(value))))
		return -ENOMEM;
	return 0;
}

static int read_own(struct announce_reader *reader, struct json_object *parameters)
{
	struct json_object *location = json_object_object_get(parameters, "location"),
			   *server = json_object_object_get(parameters, "server"),
			   *config_id = json_object_object_get(parameters, "config_id");

	if (location && !is_location(text_of(location), reader->links))
		return offend(reader, "", "location");
	if (server && !is_plain(text_of(server), OFFERED_SERVER_MAX, true))
		return offend(reader, "", "server");
	if (config_id) {
		int64_t number = json_object_get_int64(config_id);
		/* what we describe we number ourselves */
		if (!location || number < 1 || number > OFFERED_CONFIG_ID_MAX)
			return offend(reader, "", "config_id");
		reader->tree->config_id = (uint32_t)number;
	}
	int result = keep_copy(&reader->tree->location, location);
	return result ? result : keep_copy(&reader->tree->server, server);
}

int announce_reader_read(
    struct announce_reader *reader, const struct link_set *links, struct json_object *parameters)
{
	int result;

	*reader = (struct announce_reader){.links = links, .tree = announced_tree_new()};
	if (!reader->tree)
		return -ENOMEM;
	result = read_device(reader, "device", json_object_object_get(parameters, "device"));
	if (!result)
		result = read_embedded(reader, json_object_object_get(parameters, "embedded"));
	if (!result)
		result = read_own(reader, parameters);
	if (result) {
		announced_tree_free(reader->tree);
		reader->tree = NULL;
	}
	return result;
}

/* SPDX-License-Identifier: ISC
 * announce_reader: see announce_reader.h. */
#include "control/announce_reader.h"
#include "base/array.h"
#include "base/text.h"
#include "control/json_build.h"
#include "model/service_file.h"
#include "wire/description.h"
#include "wire/url.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OFFERED_SERVER_MAX = 128, CONFIG_VALUE_MAX = 160 };
#define STANDARD_TYPE "urn:schemas-upnp-org:device:Basic:1"

/* The texts of a device, each by the row of the configuration that says what it must be. */
static const struct {
	const char *member, *option;
	size_t offset;
} TEXTS[] = {
#define TEXT(member, option, place)                                                                \
	{                                                                                          \
		member, option, offsetof(struct offered_device, place)                             \
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
	char *uuid = NULL, *made;
	int result;

	value = slice_without_prefix_nocase(value, SLICE("uuid:"));
	if (!value.len)
		return -EINVAL;
	result = config_option_set(option, &uuid, value);
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
static int keep_text(struct offered_device *device, size_t row, struct json_object *value)
{
	const struct config_option *option = config_option_find(
	    CONFIG_OPTIONS, CONFIG_OPTION_COUNT, SLICE("Device"), slice_of(TEXTS[row].option));
	char **place = (char **)((char *)device + TEXTS[row].offset);

	if (!json_object_is_type(value, json_type_string) || !option)
		return -EINVAL;
	return option->kind == CONFIG_UUID ? keep_udn(place, option, json_to_slice(value))
					   : config_option_set(option, place, json_to_slice(value));
}

/* By the row of the drop-in files. */
static int keep_service_text(
    struct offered_service *service, const char *key, struct json_object *value)
{
	const struct config_option *option = config_option_find(
	    SERVICE_FILE_OPTIONS, SERVICE_FILE_OPTION_COUNT, SLICE("Service"), slice_of(key));

	if (!option || !json_object_is_type(value, json_type_string))
		return -EINVAL;
	return config_option_set(option, (char *)service + option->offset, json_to_slice(value));
}

static int keep_port(struct offered_service *service, const char *key, struct json_object *value)
{
	int64_t port = json_object_get_int64(value);
	(void)key;

	if (!json_object_is_type(value, json_type_int) || port < 1 || port > UINT16_MAX)
		return -EINVAL;
	service->port = (uint16_t)port;
	return 0;
}

/* Gives each pair of an object of texts to `keep`. */
static int keep_pairs(struct offered_service *service, struct json_object *object,
    int (*keep)(struct offered_service *service, struct slice key, struct slice value))
{
	if (!json_object_is_type(object, json_type_object))
		return -EINVAL;
	json_object_object_foreach(object, key, value)
	{
		int result = json_object_is_type(value, json_type_string)
				 ? keep(service, slice_of(key), json_to_slice(value))
				 : -EINVAL;
		if (result)
			return result;
	}
	return 0;
}

static int keep_txt(struct offered_service *service, const char *key, struct json_object *value)
{
	(void)key;
	return keep_pairs(service, value, offered_service_add_pair);
}

static int keep_types(struct offered_service *service, const char *key, struct json_object *value)
{
	(void)key;
	return keep_pairs(service, value, offered_service_set_type);
}

/* The members of a service. */
static const struct {
	const char *member;
	/* 0, -EINVAL, -ENOSPC or -ENOMEM; the value is not null. */
	int (*keep)(struct offered_service *service, const char *key, struct json_object *value);
} SERVICE_MEMBERS[] = {
    {"type", keep_service_text},
    {"id", keep_service_text},
    {"name", keep_service_text},
    {"path", keep_service_text},
    {"port", keep_port},
    {"txt", keep_txt},
    {"types", keep_types},
};

static int read_service_members(struct announce_reader *reader, const char *path,
    struct json_object *object, struct offered_service *service)
{
	if (!json_object_is_type(object, json_type_object))
		return offend(reader, path, "");
	json_object_object_foreach(object, key, value)
	{
		size_t i = 0;
		while (i < COUNT_OF(SERVICE_MEMBERS) && strcmp(SERVICE_MEMBERS[i].member, key) != 0)
			i++;
		if (i == COUNT_OF(SERVICE_MEMBERS))
			return offend(reader, path, key);
		int result = value ? SERVICE_MEMBERS[i].keep(service, key, value) : 0;
		if (result)
			return result == -ENOMEM ? result : offend(reader, path, key);
	}
	return service->type || service->type_count ? 0 : offend(reader, path, "type");
}

/* Adds it. A UPnP service without an id gets one. */
static int add_service(struct announce_reader *reader, struct offered_device *device,
    const char *path, struct offered_service *service)
{
	char made[CONFIG_VALUE_MAX];
	struct writer w;

	if (service->id && offered_services_have_id(
			       device->services, device->service_count, slice_of(service->id)))
		return offend(reader, path, "id");
	if (reader->service_count++ == DESCRIPTION_SERVICES_MAX)
		return offend(reader, path, "");
	if (!service->id && service->type) {
		writer_init(&w, made, sizeof(made));
		offered_service_make_id(
		    device->services, device->service_count, slice_of(service->type), &w);
		service->id = slice_dup(writer_result(&w));
		if (!service->id)
			return -ENOMEM;
	}
	return offered_device_copy_service(device, service);
}

static int read_service(struct announce_reader *reader, struct offered_device *device,
    const char *path, struct json_object *object)
{
	struct offered_service service = {0};
	int result = read_service_members(reader, path, object, &service);

	if (!result)
		result = add_service(reader, device, path, &service);
	offered_service_fini(&service);
	return result;
}

static int read_services(struct announce_reader *reader, struct offered_device *device,
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

static int read_member(struct announce_reader *reader, struct offered_device *device,
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
	struct offered_device *device = offer_add_device(reader->tree, 0);
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

/* Printable ASCII, as it goes into a header. */
static bool is_plain(struct slice text, size_t max)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.bytes[i] > '~' || text.bytes[i] < ' ' ||
		    slice_find(SLICE("\"<>"), text.bytes[i]) < 3)
			return false;
	return text.len > 0 && text.len <= max;
}

/* A name, "*", or an address of this host: a description on another host is for that host to
 * announce. */
static bool is_host_of_ours(const char *location, const struct link_set *links)
{
	struct address host;
	struct url url;

	if (slice_starts_with_nocase(slice_of(location), SLICE("http://*")))
		return true;
	if (url_parse(slice_of(location), &url) < 0 || url.zone.bytes)
		return false;
	return address_parse(url.host, &host) < 0 ? !url.bracketed
						  : link_set_has_address(links, &host);
}

/* By the row of the drop-in files. */
static int read_location(struct announce_reader *reader, struct json_object *value)
{
	const struct config_option *option = config_option_find(
	    SERVICE_FILE_OPTIONS, SERVICE_FILE_OPTION_COUNT, SLICE("Device"), SLICE("location"));
	int result =
	    option ? config_option_set(option, &reader->tree->url, json_to_slice(value)) : -EINVAL;

	if (!result && (!reader->tree->url || !is_host_of_ours(reader->tree->url, reader->links)))
		result = -EINVAL;
	return result == -EINVAL ? offend(reader, "", "location") : result;
}

/* A copy of the text, where there is one. */
static int keep_copy(char **place, struct json_object *value)
{
	if (value && !(*place = slice_dup(json_to_slice(value))))
		return -ENOMEM;
	return 0;
}

static int read_own(struct announce_reader *reader, struct json_object *parameters)
{
	struct json_object *location = json_object_object_get(parameters, "location"),
			   *server = json_object_object_get(parameters, "server"),
			   *config_id = json_object_object_get(parameters, "config_id");
	int result = location ? read_location(reader, location) : 0;

	if (result)
		return result;
	if (server && !is_plain(json_to_slice(server), OFFERED_SERVER_MAX))
		return offend(reader, "", "server");
	if (config_id) {
		int64_t number = json_object_get_int64(config_id);
		/* A description that is served here gets its number here. */
		if (!location || number < 1 || number > DESCRIPTION_CONFIG_ID_MAX)
			return offend(reader, "", "config_id");
		reader->tree->revision = (uint32_t)number;
	}
	return keep_copy(&reader->tree->server, server);
}

int announce_reader_read(
    struct announce_reader *reader, const struct link_set *links, struct json_object *parameters)
{
	int result;

	*reader = (struct announce_reader){.links = links, .tree = offer_new()};
	if (!reader->tree)
		return -ENOMEM;
	result = read_device(reader, "device", json_object_object_get(parameters, "device"));
	if (!result)
		result = read_embedded(reader, json_object_object_get(parameters, "embedded"));
	if (!result)
		result = read_own(reader, parameters);
	if (result) {
		offer_free(reader->tree);
		reader->tree = NULL;
	}
	return result;
}

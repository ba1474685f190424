/* SPDX-License-Identifier: ISC
 * service_file: reads drop-in files that announce services and devices. */
#include "model/service_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/config_reader.h"

/* What is written otherwise than it is kept; set in the service at the end of its section. */
struct extra {
	uint32_t port; /* 0: not set */
	char *mdns_type;
	struct text_list pairs; /* of the TXT record; an item that was refused is NULL */
};

/* The rows of a service, in the order of SERVICE_FILE_OPTIONS. Those from ROW_PORT on belong to the
 * struct extra. */
enum { ROW_TYPE, ROW_ID, ROW_NAME, ROW_PATH, ROW_PORT, ROW_TXT, ROW_MDNS_TYPE, ROW_LOCATION };

/* Besides these a [Device] says what the configuration's own does. */
const struct config_option SERVICE_FILE_OPTIONS[] = {
    [ROW_TYPE] = {"Service", "type", CONFIG_SERVICE_TYPE, offsetof(struct offered_service, type), 1,
	128, NULL, "Service type, a URN with its version"},
    [ROW_ID] = {"Service", "id", CONFIG_SERVICE_ID, offsetof(struct offered_service, id), 0, 128,
	NULL, "Which of several services of one type it is; made of the type when not set"},
    [ROW_NAME] = {"Service", "name", CONFIG_TEXT, offsetof(struct offered_service, name), 0,
	OFFERED_NAME_MAX, NULL, "Name of this instance, for people"},
    [ROW_PATH] = {"Service", "path", CONFIG_PATH, offsetof(struct offered_service, path), 0, 128,
	NULL, "Path on its port"},
    [ROW_PORT] = {"Service", "port", CONFIG_NUMBER, offsetof(struct extra, port), 1, 65535, NULL,
	"Port that it listens on"},
    [ROW_TXT] = {"Service", "txt", CONFIG_TEXT, 0, 1, OFFERED_PAIR_MAX, NULL,
	"A pair key=value of its TXT record; may be given several times"},
    [ROW_MDNS_TYPE] = {"Service", "mdns-type", CONFIG_TEXT, offsetof(struct extra, mdns_type), 0,
	255, NULL, "Service type in multicast DNS, like _http._tcp"},
    [ROW_LOCATION] = {"Device", "location", CONFIG_LOCATION,
	offsetof(struct service_file_device, location), 0, 160, NULL,
	"Where its own description is served; embedded in this host's when not set"},
};
const size_t SERVICE_FILE_OPTION_COUNT = COUNT_OF(SERVICE_FILE_OPTIONS);

static const char DEVICE[] = "Device";

/* The file that is being read, and where its present section began. */
struct reading {
	struct service_file *file;
	struct extra extra; /* of the service that is being read */
	bool in_service;
	unsigned line, mistakes;
};

static void extra_fini(struct extra *extra)
{
	for (size_t i = 0; i < extra->pairs.count; i++)
		free(extra->pairs.items[i]);
	free(extra->pairs.items);
	free(extra->mdns_type);
	*extra = (struct extra){0};
}

/* A place for one more; NULL when out of memory. */
static char **append_pair(struct text_list *pairs)
{
	char **items = reallocarray(pairs->items, pairs->count + 1, sizeof(char *));

	if (!items)
		return NULL;
	pairs->items = items;
	items[pairs->count] = NULL;
	return &items[pairs->count++];
}

static struct service_file_device *last_device(const struct service_file *file)
{
	return &file->devices[file->device_count - 1];
}

/* The configuration's rows of [Device], which come first there. */
static struct config_rows device_rows(void)
{
	struct config_rows rows = {CONFIG_OPTIONS, 0};

	while (rows.count < CONFIG_OPTION_COUNT &&
	       strcmp(CONFIG_OPTIONS[rows.count].section, DEVICE) == 0)
		rows.count++;
	return rows;
}

static void *text_at(struct config_device *texts, const struct config_option *option)
{
	return (char *)texts + (option->offset - offsetof(struct config, device));
}

static int add_device(struct service_file *file, unsigned line)
{
	struct service_file_device *devices =
	    reallocarray(file->devices, file->device_count + 1, sizeof(*devices));

	if (!devices)
		return -ENOMEM;
	file->devices = devices;
	devices[file->device_count] =
	    (struct service_file_device){.number = (unsigned)file->device_count, .line = line};
	struct config_rows rows = device_rows();
	struct config_device *texts = &devices[file->device_count++].texts;
	int result = 0;
	for (size_t i = 0; i < rows.count && !result; i++)
		if (rows.rows[i].standard)
			result = config_option_set(&rows.rows[i], text_at(texts, &rows.rows[i]),
			    slice_of(rows.rows[i].standard));
	return result;
}

static int add_service(struct service_file_device *device)
{
	struct offered_service *services;

	if (device->service_count == SERVICE_FILE_SERVICES_MAX)
		return -E2BIG;
	services = reallocarray(device->services, device->service_count + 1, sizeof(*services));
	if (!services)
		return -ENOMEM;
	device->services = services;
	services[device->service_count++] = (struct offered_service){0};
	return 0;
}

/* The id that stands already in an earlier service of the device. */
static bool is_id_taken(const struct service_file_device *device)
{
	const struct offered_service *last = &device->services[device->service_count - 1];

	return offered_services_have_id(
	    device->services, device->service_count - 1, slice_of(last->id));
}

static bool begin_section(void *context, struct config_reader *reader, struct slice section)
{
	struct reading *reading = context;
	unsigned line = config_reader_line(reader);
	int result;

	reading->in_service = !slice_equal(section, slice_of(DEVICE));
	reading->line = line;
	reading->mistakes = config_reader_mistakes(reader);
	result = reading->in_service ? add_service(last_device(reading->file))
				     : add_device(reading->file, line);
	if (result == -E2BIG)
		config_reader_report(
		    reader, line, "a device has at most %d services", SERVICE_FILE_SERVICES_MAX);
	else if (result)
		config_reader_report(reader, line, "out of memory");
	return result == 0;
}

static void *member_of(void *context, const struct config_option *option)
{
	struct reading *reading = context;
	struct service_file_device *device = last_device(reading->file);

	if (option == &SERVICE_FILE_OPTIONS[ROW_TXT])
		return append_pair(&reading->extra.pairs);
	if (reading->in_service && option >= &SERVICE_FILE_OPTIONS[ROW_PORT])
		return (char *)&reading->extra + option->offset;
	if (reading->in_service)
		return (char *)&device->services[device->service_count - 1] + option->offset;
	if (option == &SERVICE_FILE_OPTIONS[ROW_LOCATION])
		return (char *)device + option->offset;
	return text_at(&device->texts, option);
}

/* Of the last service. 0 or -ENOMEM. */
static int make_id(struct service_file_device *device)
{
	size_t earlier = device->service_count - 1;
	struct offered_service *service = &device->services[earlier];
	char id[160];
	struct writer w;

	writer_init(&w, id, sizeof(id));
	offered_service_make_id(device->services, earlier, slice_of(service->type), &w);
	service->id = slice_dup(writer_result(&w));
	return service->id ? 0 : -ENOMEM;
}

/* Sets in the service what was read besides, and reports what is wrong with it. */
static void take_extra(
    struct reading *reading, struct config_reader *reader, struct offered_service *service)
{
	const struct extra *extra = &reading->extra;
	int result = 0;

	service->port = (uint16_t)extra->port;
	if (extra->mdns_type)
		result =
		    offered_service_set_type(service, SLICE("mdns"), slice_of(extra->mdns_type));
	if (result == -EINVAL)
		config_reader_report(reader, reading->line,
		    "mdns-type must be a type like _http._tcp; it is \"%s\"", extra->mdns_type);
	for (size_t i = 0; i < extra->pairs.count && !result; i++) {
		struct slice value = slice_of(extra->pairs.items[i]), key;
		slice_cut(&value, '=', &key);
		result = offered_service_add_pair(service, key, value);
		if (result == -EINVAL)
			config_reader_report(reader, reading->line,
			    "txt must be key=value, each key once; it is \"%s\"",
			    extra->pairs.items[i]);
		else if (result == -ENOSPC)
			config_reader_report(reader, reading->line,
			    "the txt pairs of a service have at most %d bytes", OFFERED_TXT_MAX);
	}
	if (result == -ENOMEM)
		config_reader_report(reader, reading->line, "out of memory");
}

/* A service needs a type by a protocol, and a UPnP service an id of its own. */
static void check_service(struct reading *reading, struct config_reader *reader)
{
	struct service_file_device *device = last_device(reading->file);
	struct offered_service *service = &device->services[device->service_count - 1];

	if (!service->type && !reading->extra.mdns_type)
		config_reader_report(reader, reading->line,
		    "a [Service] needs a type like urn:schemas-upnp-org:service:SwitchPower:1, or "
		    "an "
		    "mdns-type like _http._tcp");
	else if (service->type && !service->id && make_id(device))
		config_reader_report(reader, reading->line, "out of memory");
	else if (is_id_taken(device))
		config_reader_report(reader, reading->line,
		    "another service of this device has the id %s; give one of them its own",
		    service->id);
	else
		take_extra(reading, reader, service);
}

/* Values that were wrong have been reported. */
static void end_section(void *context, struct config_reader *reader)
{
	struct reading *reading = context;

	if (reading->in_service && config_reader_mistakes(reader) == reading->mistakes)
		check_service(reading, reader);
	extra_fini(&reading->extra);
}

int service_file_parse(const char *name, struct slice text, config_error_fn *error, void *context,
    struct service_file **out)
{
	const struct config_rows rows[] = {
	    {SERVICE_FILE_OPTIONS, COUNT_OF(SERVICE_FILE_OPTIONS)}, device_rows()};
	struct reading reading = {.file = calloc(1, sizeof(struct service_file))};
	struct config_target target = {
	    .rows = rows,
	    .rows_count = COUNT_OF(rows),
	    .manual = "discoverd.services(5)",
	    .context = &reading,
	    .member = member_of,
	    .begin = begin_section,
	    .end = end_section,
	};
	int result = reading.file ? add_device(reading.file, 0) : -ENOMEM;

	if (!result)
		result = config_reader_read(&target, name, text, error, context);
	extra_fini(&reading.extra);
	if (result)
		service_file_free(reading.file);
	else
		*out = reading.file;
	return result;
}

static void device_fini(struct service_file_device *device)
{
	const struct config_rows rows = device_rows();

	for (size_t i = 0; i < rows.count; i++)
		config_option_clear(&rows.rows[i], text_at(&device->texts, &rows.rows[i]));
	for (size_t i = 0; i < device->service_count; i++)
		offered_service_fini(&device->services[i]);
	free(device->services);
	free(device->location);
}

void service_file_free(struct service_file *file)
{
	if (!file)
		return;
	for (size_t i = 0; i < file->device_count; i++)
		device_fini(&file->devices[i]);
	free(file->devices);
	free(file);
}

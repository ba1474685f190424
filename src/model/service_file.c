/* SPDX-License-Identifier: ISC
 * service_file: reads drop-in files that announce services and devices. */
#include "model/service_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/config_reader.h"

#define TYPE "type"

/* Besides these a [Device] says what the configuration's own does. */
const struct config_option SERVICE_FILE_OPTIONS[] = {
    {"Service", TYPE, CONFIG_SERVICE_TYPE, offsetof(struct announced_service, type), 1, 128, NULL,
	"Service type, a URN with its version"},
    {"Service", "id", CONFIG_SERVICE_ID, offsetof(struct announced_service, id), 0, 128, NULL,
	"Which of several services of one type it is; made of the type when not set"},
    {"Device", "location", CONFIG_LOCATION, offsetof(struct service_file_device, location), 0, 160,
	NULL, "Where its own description is served; embedded in this host's when not set"},
};
const size_t SERVICE_FILE_OPTION_COUNT = COUNT_OF(SERVICE_FILE_OPTIONS);

static const char DEVICE[] = "Device";

/* The file that is being read, and where its present section began. */
struct reading {
	struct service_file *file;
	bool in_service;
	unsigned line, mistakes;
};

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
	struct announced_service *services;

	if (device->service_count == SERVICE_FILE_SERVICES_MAX)
		return -E2BIG;
	services = reallocarray(device->services, device->service_count + 1, sizeof(*services));
	if (!services)
		return -ENOMEM;
	device->services = services;
	services[device->service_count++] = (struct announced_service){0};
	return 0;
}

/* The id that stands already in an earlier service of the device. */
static bool is_id_taken(const struct service_file_device *device)
{
	const struct announced_service *last = &device->services[device->service_count - 1];

	return announced_services_have_id(
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

	if (reading->in_service)
		return (char *)&device->services[device->service_count - 1] + option->offset;
	if (option >= SERVICE_FILE_OPTIONS &&
	    option < SERVICE_FILE_OPTIONS + COUNT_OF(SERVICE_FILE_OPTIONS))
		return (char *)device + option->offset;
	return text_at(&device->texts, option);
}

/* Of the last service. 0 or -ENOMEM. */
static int make_id(struct service_file_device *device)
{
	size_t earlier = device->service_count - 1;
	struct announced_service *service = &device->services[earlier];
	char id[160];
	struct writer w;

	writer_init(&w, id, sizeof(id));
	announced_service_make_id(device->services, earlier, slice_of(service->type), &w);
	service->id = slice_dup(writer_result(&w));
	return service->id ? 0 : -ENOMEM;
}

/* A service needs its type; one that was wrong has been told of. */
static void end_section(void *context, struct config_reader *reader)
{
	struct reading *reading = context;
	struct service_file_device *device = last_device(reading->file);

	if (!reading->in_service)
		return;
	struct announced_service *service = &device->services[device->service_count - 1];
	if (config_reader_mistakes(reader) > reading->mistakes)
		return;
	if (!service->type)
		config_reader_report(reader, reading->line,
		    "a [Service] needs a type like urn:schemas-upnp-org:service:SwitchPower:1");
	else if (!service->id && make_id(device))
		config_reader_report(reader, reading->line, "out of memory");
	else if (is_id_taken(device))
		config_reader_report(reader, reading->line,
		    "another service of this device has the id %s; give one of them its own",
		    service->id);
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
	for (size_t i = 0; i < device->service_count; i++) {
		free(device->services[i].type);
		free(device->services[i].id);
	}
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

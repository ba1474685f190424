/* SPDX-License-Identifier: ISC
 * fuzz_service_file: any drop-in file; what is read of it is what may be announced. */
#include "base/text.h"
#include "fuzz.h"
#include "model/service_file.h"
#include <errno.h>
#include <string.h>

struct told {
	unsigned count;
};

static void tell(void *context, const char *file, unsigned line, const char *what)
{
	struct told *told = context;

	FUZZ_CHECK(strcmp(file, "a.conf") == 0 && *what);
	(void)line;
	told->count++;
}

static void check_text(const char *text)
{
	char clean[512];

	if (!text)
		return;
	FUZZ_CHECK(*text && strlen(text) < sizeof(clean));
	FUZZ_CHECK(text_clean(slice_of(text), clean, sizeof(clean)) == strlen(text));
	FUZZ_CHECK(strcmp(clean, text) == 0);
}

static void check_device(const struct service_file_device *device, bool is_host)
{
	const struct config_device *texts = &device->texts;

	FUZZ_CHECK(device->service_count <= SERVICE_FILE_SERVICES_MAX);
	FUZZ_CHECK(texts->type && !(is_host && device->location));
	check_text(texts->type);
	check_text(texts->name);
	check_text(texts->uuid);
	check_text(texts->presentation_url);
	check_text(device->location);
	for (size_t i = 0; i < device->service_count; i++) {
		const struct offered_service *service = &device->services[i];
		FUZZ_CHECK(service->type && service->id);
		check_text(service->type);
		check_text(service->id);
		for (size_t k = 0; k < i; k++)
			FUZZ_CHECK(strcmp(service->id, device->services[k].id) != 0);
	}
}

int fuzz_service_file(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_copy(data, size);
	struct service_file *file = NULL;
	struct told told = {0};
	int result = service_file_parse("a.conf", text, tell, &told, &file);

	FUZZ_CHECK(result == 0 || result == -EINVAL);
	FUZZ_CHECK((result == 0) == (told.count == 0) && (result == 0) == (file != NULL));
	for (size_t i = 0; file && i < file->device_count; i++)
		check_device(&file->devices[i], i == 0);
	service_file_free(file);
	fuzz_free(text);
	return 0;
}

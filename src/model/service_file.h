/* SPDX-License-Identifier: ISC
 * service_file: what a drop-in file says that this host offers: services and devices. */
#ifndef MODEL_SERVICE_FILE_H
#define MODEL_SERVICE_FILE_H

#include "model/config.h"
#include "model/offer.h"

enum { SERVICE_FILE_SERVICES_MAX = 64 }; /* of one device */

struct service_file_device {
	struct config_device texts;
	/* URL of its description, as in struct offer; NULL: it is embedded in this host's
	 * own root device. */
	char *location;
	struct offered_service *services; /* each with an id */
	size_t service_count;
	unsigned number; /* 1, 2, …: of the [Device] sections of its file; 0: this host itself */
	unsigned line;   /* on which it begins */
};

/* Owns everything. The first device stands for this host's own root device: of it only the
 * services count, those before any [Device]. */
struct service_file {
	struct service_file_device *devices;
	size_t device_count; /* 1 or more */
};

/* Reads one file's text. Every mistake is reported as by config_parse. 0 and *out is the caller's,
 * -EINVAL (at least one mistake), -ENOMEM. */
int service_file_parse(const char *file, struct slice text, config_error_fn *error, void *context,
    struct service_file **out);
void service_file_free(struct service_file *file);
/* The row of [Device] location and those of [Service], for the manual's test. */
extern const struct config_option SERVICE_FILE_OPTIONS[];
extern const size_t SERVICE_FILE_OPTION_COUNT;

#endif

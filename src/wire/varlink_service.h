/* SPDX-License-Identifier: ISC
 * varlink_service: what each Varlink service does alike: it checks a call against the row of its
 * method, and describes itself (org.varlink.service). */
#ifndef WIRE_VARLINK_SERVICE_H
#define WIRE_VARLINK_SERVICE_H

#include "wire/varlink_message.h"
#include <json-c/json_types.h>

enum { VARLINK_PARAMETERS_MAX = 6 };

struct varlink_method {
	const char *name; /* with its interface */
	bool needs_more;
	bool changes; /* for privileged users */
	/* The value of one may be null unless it is required. */
	struct {
		const char *name;
		enum json_type type;
		bool required;
	} parameters[VARLINK_PARAMETERS_MAX];
};

/* An interface of a service, and its definition. */
struct varlink_interface {
	const char *name, *text;
};

/* {key: value}; without a key, {}. All is borrowed. */
struct varlink_error {
	const char *name; /* NULL: it is none */
	const char *key;
	struct slice value;
};

#define VARLINK_PERMISSION_DENIED   "org.varlink.service.PermissionDenied"
#define VARLINK_INVALID_PARAMETER   "org.varlink.service.InvalidParameter"
#define VARLINK_METHOD_NOT_FOUND    "org.varlink.service.MethodNotFound"
#define VARLINK_INTERFACE_NOT_FOUND "org.varlink.service.InterfaceNotFound"

/* Whether the call is one of this method: its rights, "more" and parameters. NULL stands for a
 * method that the service does not have. `interfaces` end with one without a name. */
struct varlink_error varlink_method_check(const struct varlink_method *method,
    const struct varlink_interface *interfaces, const struct varlink_call *call, bool may_change);
/* The error about a value that the method itself does not take. */
struct varlink_error varlink_invalid(const char *parameter);

/* Whole replies: an error; that of GetInfo; that of GetInterfaceDescription, or an error. */
void varlink_error_write(struct json_writer *w, const struct varlink_error *error);
void varlink_info_write(struct json_writer *w, const char *product, const char *version,
    const struct varlink_interface *interfaces);
void varlink_description_write(
    struct json_writer *w, struct slice wanted, const struct varlink_interface *interfaces);

#endif

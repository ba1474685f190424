/* SPDX-License-Identifier: ISC
 * varlink_service: see varlink_service.h. */
#include "wire/varlink_service.h"
#include <json-c/json.h>
#include <string.h>

struct varlink_error varlink_invalid(const char *parameter)
{
	return (struct varlink_error){VARLINK_INVALID_PARAMETER, "parameter", slice_of(parameter)};
}

static const struct varlink_interface *find_interface(
    const struct varlink_interface *interfaces, struct slice name)
{
	for (; interfaces->name; interfaces++)
		if (slice_equal(slice_of(interfaces->name), name))
			return interfaces;
	return NULL;
}

/* "io.discoverd" of "io.discoverd.List"; the whole where there is no dot. */
static struct slice interface_of(struct slice method)
{
	size_t len = method.len;
	while (len && method.bytes[len - 1] != '.')
		len--;
	return len ? slice_head(method, len - 1) : method;
}

/* Is it the interface that is unknown, or only the method? */
static struct varlink_error unknown(const char *method, const struct varlink_interface *interfaces)
{
	struct slice name = slice_of(method), interface = interface_of(name);

	if (find_interface(interfaces, interface))
		return (struct varlink_error){VARLINK_METHOD_NOT_FOUND, "method", name};
	return (struct varlink_error){VARLINK_INTERFACE_NOT_FOUND, "interface", interface};
}

static bool takes(const struct varlink_method *method, const char *name, struct json_object *value)
{
	for (size_t i = 0; i < VARLINK_PARAMETERS_MAX && method->parameters[i].name; i++)
		if (!strcmp(method->parameters[i].name, name))
			return !value || json_object_is_type(value, method->parameters[i].type);
	return false;
}

/* The name of a parameter that is unknown, missing or of another type, or NULL. */
static const char *find_offence(const struct varlink_method *method, struct json_object *given)
{
	if (given) {
		json_object_object_foreach(given, name, value)
		{
			if (!takes(method, name, value))
				return name;
		}
	}
	for (size_t i = 0; i < VARLINK_PARAMETERS_MAX && method->parameters[i].name; i++)
		if (method->parameters[i].required &&
		    !json_object_object_get(given, method->parameters[i].name))
			return method->parameters[i].name;
	return NULL;
}

struct varlink_error varlink_method_check(const struct varlink_method *method,
    const struct varlink_interface *interfaces, const struct varlink_call *call, bool may_change)
{
	if (!method)
		return unknown(call->method, interfaces);
	if (method->needs_more && !call->more)
		return (struct varlink_error){.name = "org.varlink.service.ExpectedMore"};
	if (method->changes && !may_change)
		return (struct varlink_error){.name = VARLINK_PERMISSION_DENIED};
	const char *offence = find_offence(method, call->parameters);
	return offence ? varlink_invalid(offence) : (struct varlink_error){0};
}

static void write_name(struct json_writer *w, const char *name)
{
	json_writer_name_escaped(w, slice_of(name));
}

static void write_text(struct json_writer *w, const char *name, struct slice text)
{
	write_name(w, name);
	json_writer_slice(w, text);
}

/* What stands before the parameters of a reply, and what stands behind. */
static void begin(struct json_writer *w, const char *error)
{
	varlink_reply_begin(w, error);
	json_writer_open(w, '{');
}

static void end(struct json_writer *w)
{
	json_writer_close(w, '}');
	varlink_reply_end(w, false);
}

void varlink_error_write(struct json_writer *w, const struct varlink_error *error)
{
	begin(w, error->name);
	if (error->key)
		write_text(w, error->key, error->value);
	end(w);
}

void varlink_info_write(struct json_writer *w, const char *product, const char *version,
    const struct varlink_interface *interfaces)
{
	begin(w, NULL);
	write_text(w, "vendor", SLICE("discoverd"));
	write_text(w, "product", slice_of(product));
	write_text(w, "version", slice_of(version));
	write_text(w, "url", SLICE(""));
	write_name(w, "interfaces");
	json_writer_open(w, '[');
	for (; interfaces->name; interfaces++)
		json_writer_string(w, interfaces->name);
	json_writer_close(w, ']');
	end(w);
}

void varlink_description_write(
    struct json_writer *w, struct slice wanted, const struct varlink_interface *interfaces)
{
	const struct varlink_interface *found = find_interface(interfaces, wanted);
	struct varlink_error error = {VARLINK_INTERFACE_NOT_FOUND, "interface", wanted};

	if (!found) {
		varlink_error_write(w, &error);
		return;
	}
	begin(w, NULL);
	write_text(w, "description", slice_of(found->text));
	end(w);
}

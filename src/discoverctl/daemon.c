/* SPDX-License-Identifier: ISC
 * daemon: see daemon.h. */
#include "discoverctl/daemon.h"
#include "base/array.h"
#include "client/field.h"
#include "discoverctl/cell.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/fleet_helper.h"
#include "discoverctl/output.h"
#include "wire/varlink_service.h"
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#define TRY_STATUS "Try \"systemctl status %s\"."

/* Errors of the daemon: the message, the parameter that goes into it, and the exit status. */
static const struct {
	const char *error;
	const char *before, *parameter, *after;
	enum exit_status status;
} ERRORS[] = {
    {"io.discoverd.NotFound", "no device has the name, id or address \"", "id", "\"",
	STATUS_NOT_FOUND},
    {"io.discoverd.ThisHost", "\"", "id",
	"\" is this host itself; \"discoverctl status\" and \"interfaces\" show it",
	STATUS_NOT_FOUND},
    {"io.discoverd.Ambiguous", "\"", "id", "\" could be any of these; ask by id:", STATUS_FAILED},
    {"io.discoverd.OffLink", "\"", "address",
	"\" is on no network that discoverd uses; --anywhere probes it nevertheless",
	STATUS_NOT_ALLOWED},
    {"io.discoverd.ReloadFailed", "", "reason", "", STATUS_FAILED},
    {"io.discoverd.AlreadyAnnounced", "already announced from here: ", "uuid", "", STATUS_FAILED},
    {"io.discoverd.TooMany", "programs have announced as many devices as they may: ", "limit",
	" ([Control] max-announcements)", STATUS_FAILED},
    {"io.discoverd.TooManyOfUser", "your programs have announced as many devices as they may: ",
	"limit", " ([Control] max-announcements-per-user)", STATUS_FAILED},
    {"io.discoverd.OfAnotherUser", "\"", "id",
	"\" was announced by another user; only that user and root may withdraw it",
	STATUS_NOT_ALLOWED},
    {"io.discoverd.NotServed",
	"discoverd serves no descriptions ([HTTP] enabled); serve it and give --location", NULL, "",
	STATUS_FAILED},
    {"io.discoverd.History.NotFound", "the history has no device with the name, id or address \"",
	"device", "\"", STATUS_NOT_FOUND},
    {"io.discoverd.History.Ambiguous", "\"", "device",
	"\" could be any of these; ask by id:", STATUS_FAILED},
    {"io.discoverd.History.NotWritten",
	"it is in force, but was not written to the disk; try \"systemctl status "
	"discoverd-history\"",
	NULL, "", STATUS_FAILED},
    {VARLINK_PERMISSION_DENIED,
	"not allowed: this is for root, the user that the service runs as and its group", NULL, "",
	STATUS_NOT_ALLOWED},
    {VARLINK_INVALID_PARAMETER, "discoverd refuses this value of \"", "parameter", "\"",
	STATUS_USAGE},
    {VARLINK_METHOD_NOT_FOUND, "this discoverd is of another version: it has no ", "method", "",
	STATUS_FAILED},
    {VARLINK_INTERFACE_NOT_FOUND, "what listens there is not discoverd: it has no ", "interface",
	"", STATUS_FAILED},
};
enum { ERROR_COUNT = COUNT_OF(ERRORS) };

/* What discoverd accepts as a parameter that comes from the command line. */
static const struct {
	const char *parameter, *wanted;
} WANTED[] = {
    {"level", "error, warning, notice, info or debug"},
    {"target", "for a search ssdp:all, upnp:rootdevice, uuid:..., the URN of a type or a word of a "
	       "vendor; for a probe "
	       "whatever is neither multicast nor broadcast"},
    {"location", "http://HOST[:PORT]/PATH, where HOST is *, an address of this host or a name"},
    {"device.uuid", "a UUID like 2fac1234-31f8-11b4-a222-08002b34c003"},
    {"device.name", "visible text of 1 to 64 bytes without doubled blanks"},
    {"device.type", "a device type like urn:schemas-upnp-org:device:Basic:1"},
    {"device.presentation_url", "a URL that begins with http:// or https://"},
    {"device.services.types",
	"for mDNS a type like _http._tcp or _ipp._tcp,_universal, with names of 1 to 15 letters, "
	"digits and hyphens"},
    {"device.services.name", "visible text of at most 63 bytes without doubled blanks"},
    {"alias", "visible text of at most 64 bytes without doubled blanks"},
    {"device.services.path", "a path of at most 128 bytes that begins with \"/\""},
};

static void put_wanted(FILE *stream, struct json_object *parameters)
{
	struct slice parameter = field_text(field_get(parameters, "parameter"));

	for (size_t i = 0; i < COUNT_OF(WANTED); i++)
		if (slice_equal(slice_of(WANTED[i].parameter), parameter))
			fprintf(stream, "; it accepts %s", WANTED[i].wanted);
}

static void put_candidates(FILE *stream, struct json_object *parameters)
{
	struct json_object *candidates = field_get(parameters, "candidates");

	for (size_t i = 0; i < field_length(candidates); i++) {
		struct json_object *candidate = field_entry(candidates, i);
		const char *const keys[] = {"id", "name", "address"};
		for (size_t k = 0; k < COUNT_OF(keys); k++) {
			fputs("  ", stream);
			cell_print_escaped(stream, field_text(field_get(candidate, keys[k])));
		}
		fputc('\n', stream);
	}
}

int daemon_explain(FILE *stream, const char *error, struct json_object *parameters)
{
	size_t i = 0;
	while (i < ERROR_COUNT && strcmp(ERRORS[i].error, error))
		i++;
	fputs("discoverctl: ", stream);
	if (i == ERROR_COUNT) {
		fputs("discoverd answers with the error ", stream);
		cell_print_escaped(stream, slice_of(error));
		fputc('\n', stream);
		return STATUS_FAILED;
	}
	fputs(ERRORS[i].before, stream);
	if (ERRORS[i].parameter)
		cell_print_escaped(stream, field_text(field_get(parameters, ERRORS[i].parameter)));
	fputs(ERRORS[i].after, stream);
	put_wanted(stream, parameters);
	fputc('\n', stream);
	put_candidates(stream, parameters);
	return ERRORS[i].status;
}

int daemon_fail(const struct daemon *daemon, int error)
{
	if (daemon->helper && error == -ECONNRESET)
		return fleet_helper_status(daemon->helper);
	switch (error) {
	case -EPIPE:
		return STATUS_UNREAD;
	case -ETIMEDOUT:
		fprintf(stderr, "discoverctl: %s at %s did not answer in time.", daemon->program,
		    daemon->path);
		if (!daemon->helper)
			fprintf(stderr, " " TRY_STATUS, daemon->program);
		fputc('\n', stderr);
		return STATUS_TIMED_OUT;
	case -ECONNRESET:
		fprintf(stderr,
		    "discoverctl: %s at %s has closed the connection: it stopped, could not "
		    "start, or has as many clients as it may. " TRY_STATUS "\n",
		    daemon->program, daemon->path, daemon->program);
		return STATUS_UNREACHABLE;
	default:
		fprintf(stderr, "discoverctl: talking to %s at %s: %s\n", daemon->program,
		    daemon->path, strerror(-error));
		return STATUS_FAILED;
	}
}

int daemon_open(struct daemon *daemon, const char *program, const char *path, int timeout_ms)
{
	*daemon = (struct daemon){.program = program, .path = path, .timeout_ms = timeout_ms};
	int error = client_connect(&daemon->client, path, timeout_ms, STDOUT_FILENO);
	if (!error)
		return STATUS_DONE;
	fprintf(stderr, "discoverctl: cannot reach %s at %s: %s.", program, path, strerror(-error));
	if (error == -EACCES || error == -EPERM) {
		fputs(" This user may not open it; try as root.\n", stderr);
		return STATUS_NOT_ALLOWED;
	}
	fprintf(stderr, " Is the service running? " TRY_STATUS "%s\n", program,
	    strcmp(program, "discoverd") ? "" : " Another socket is given with -s.");
	return error == -ETIMEDOUT ? STATUS_TIMED_OUT : STATUS_UNREACHABLE;
}

/* It has its own time to find out what is missing. */
enum { HELPER_MS = 5000 };

int daemon_open_fleet(struct daemon *daemon, const struct command_options *options, int timeout_ms)
{
	int fd = -1;

	*daemon = (struct daemon){
	    .program = "the broker", .path = options->broker, .timeout_ms = timeout_ms + HELPER_MS};
	client_init(&daemon->client, -1, STDOUT_FILENO);
	int status = fleet_helper_start(options, timeout_ms, &daemon->helper, &fd);
	if (!status)
		client_init(&daemon->client, fd, STDOUT_FILENO);
	return status;
}

void daemon_close(struct daemon *daemon)
{
	client_fini(&daemon->client);
}

int daemon_call(
    struct daemon *daemon, const char *method, struct json_object *parameters, bool more)
{
	int error = client_call(&daemon->client, method, parameters, more);
	json_object_put(parameters);
	return error ? daemon_fail(daemon, error) : STATUS_DONE;
}

int daemon_next(struct daemon *daemon, int timeout_ms, struct varlink_reply *reply)
{
	int error = client_next(&daemon->client, timeout_ms, reply);
	if (error)
		return daemon_fail(daemon, error);
	if (!reply->error)
		return STATUS_DONE;
	int status = daemon_explain(stderr, reply->error, reply->parameters);
	varlink_reply_fini(reply);
	return status;
}

int daemon_ask(struct daemon *daemon, const char *method, struct json_object *parameters,
    struct json_object **answer)
{
	struct varlink_reply reply;
	int status = daemon_call(daemon, method, parameters, false);
	if (!status)
		status = daemon_next(daemon, daemon->timeout_ms, &reply);
	if (status)
		return status;
	*answer = json_object_get(reply.parameters);
	varlink_reply_fini(&reply);
	return STATUS_DONE;
}

/* SPDX-License-Identifier: ISC
 * announce_commands: announce and withdraw. */
#include "base/array.h"
#include "base/ascii.h"
#include "client/field.h"
#include "discoverctl/cell.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "wire/usn.h"
#include <string.h>

enum { WORD_MAX = 1024, TXT_PAIR_MAX = 255 };

/* The keys of a service that are kept as they are. */
static const char *const SERVICE_KEYS[] = {"name", "path", "id"};

/* Copies the text before the next comma to `word`; "\\," is a comma of the word itself and
 * "\\\\" a backslash. False at the end. */
static bool next_word(struct slice *rest, char word[WORD_MAX])
{
	size_t len = 0, i = 0;

	if (!rest->len)
		return false;
	for (; i < rest->len && rest->bytes[i] != ','; i++) {
		if (rest->bytes[i] == '\\' && i + 1 < rest->len)
			i++;
		if (len + 1 < WORD_MAX)
			word[len++] = rest->bytes[i];
	}
	word[len] = '\0';
	*rest = slice_skip(*rest, i + 1);
	return true;
}

/* The protocol of a type that is given without one; NULL where it is ambiguous. */
static const char *protocol_of(const char *type)
{
	if (urn_is_service(slice_of(type)))
		return "ssdp";
	return *type == '_' ? "mdns" : NULL;
}

static struct json_object *object_in(struct json_object *object, const char *key)
{
	struct json_object *inner = field_get(object, key);
	if (inner)
		return inner;
	inner = json_object_new_object();
	json_object_object_add(object, key, inner);
	return inner;
}

static bool is_protocol(struct slice key)
{
	for (size_t i = 0; i < key.len; i++)
		if (!ascii_is_letter(key.bytes[i]) && key.bytes[i] != '-')
			return false;
	return key.len > 0;
}

static bool is_service_key(struct slice key)
{
	for (size_t i = 0; i < COUNT_OF(SERVICE_KEYS); i++)
		if (slice_equal(key, slice_of(SERVICE_KEYS[i])))
			return true;
	return false;
}

/* The daemon wants the UPnP type apart from those of other protocols. A second type of mDNS is a
 * subtype of the first (RFC 6763, 7.1): "_ipp._tcp,_universal". NULL, or what is wrong. */
static const char *add_type(struct json_object *service, const char *protocol, const char *type)
{
	struct slice first = field_text(field_get(field_get(service, "types"), protocol));
	char both[WORD_MAX] = "";

	if (!strcmp(protocol, "ssdp")) {
		field_add_text(service, "type", type);
		return NULL;
	}
	if (first.len > 0 && strchr(type, '.'))
		return "a service has one type: announce each service on its own";
	if (first.len > 0)
		snprintf(both, sizeof(both), "%.*s,", SLICE_ARGS(first));
	snprintf(both + strlen(both), sizeof(both) - strlen(both), "%s", type);
	field_add_text(object_in(service, "types"), protocol, both);
	return NULL;
}

/* NULL, or what is wrong. */
static const char *add_port(struct json_object *service, const char *text)
{
	uint64_t port;

	if (slice_to_u64(slice_of(text), 65535, &port) < 0 || !port)
		return "a port is a number from 1 to 65535";
	json_object_object_add(service, "port", json_object_new_int((int)port));
	return NULL;
}

/* RFC 6763, 6.4. NULL, or what is wrong. */
static const char *add_txt(struct json_object *service, const char *key, const char *value)
{
	struct json_object *txt = object_in(service, "txt");

	if (!*key)
		return "a TXT pair is KEY=VALUE";
	if (strlen(key) + strlen("=") + strlen(value) > TXT_PAIR_MAX)
		return "a TXT pair has at most 255 bytes";
	json_object_object_foreach(txt, earlier, unused)
	{
		(void)unused;
		if (slice_equal_nocase(slice_of(earlier), slice_of(key)))
			return "this key of the TXT record is given twice";
	}
	field_add_text(txt, key, value);
	return NULL;
}

/* "port=631", "txt.rp=ipp/print" or "mdns=_ipp._tcp". NULL, or what is wrong. */
static const char *add_pair(struct json_object *service, const char *word, size_t key_len)
{
	struct slice key = slice_head(slice_of(word), key_len);
	const char *value = word + key_len + 1;
	char name[WORD_MAX];

	memcpy(name, key.bytes, key.len);
	name[key.len] = '\0';
	if (slice_equal(key, SLICE("port")))
		return add_port(service, value);
	if (slice_starts_with(key, SLICE("txt.")))
		return add_txt(service, name + strlen("txt."), value);
	if (is_protocol(key) && (protocol_of(value) || strchr(value, ':')))
		return add_type(service, name, value);
	if (!is_service_key(key))
		return "expected name=, port=, path=, id=, txt.KEY=, or PROTOCOL=TYPE as in "
		       "mdns=_http._tcp";
	field_add_text(service, name, value);
	return NULL;
}

/* "TYPE,port=631,…". NULL, or what is wrong with `word`. */
static const char *add_service(struct json_object *services, struct slice text, char word[WORD_MAX])
{
	struct json_object *service = json_object_new_object();
	const char *mistake = NULL;

	json_object_array_add(services, service);
	while (!mistake && next_word(&text, word)) {
		const char *equals = strchr(word, '=');
		const char *protocol = protocol_of(word);
		if (protocol)
			mistake = add_type(service, protocol, word);
		else if (equals)
			mistake = add_pair(service, word, (size_t)(equals - word));
		else
			mistake = "expected a type like urn:schemas-upnp-org:device:Basic:1, "
				  "urn:schemas-upnp-org:service:SwitchPower:1 or _http._tcp";
	}
	if (!mistake && !field_get(service, "type") && !field_get(service, "types"))
		mistake = "a service needs a type, as in mdns=_http._tcp";
	return mistake;
}

/* "path=/" of the option; a key alone has no value. */
static const char *add_txt_option(struct json_object *service, const char *pair, char key[WORD_MAX])
{
	struct slice value = slice_of(pair), name;

	slice_cut(&value, '=', &name);
	snprintf(key, WORD_MAX, "%.*s", SLICE_ARGS(name));
	return add_txt(service, key, value.bytes ? value.bytes : "");
}

/* What options say of the only service. NULL, or what is wrong with `word`. */
static const char *add_service_options(
    struct json_object *services, const struct command_options *options, char word[WORD_MAX])
{
	struct json_object *service = field_entry(services, 0);
	const char *mistake = NULL;
	char key[WORD_MAX];

	if (!options->port && !options->txt_count)
		return NULL;
	snprintf(word, WORD_MAX, "--%s", options->port ? "port" : "txt");
	if (!service)
		return "this goes with a service, as in: announce _http._tcp --port 8080";
	if (field_length(services) > 1)
		return "with several services this stands behind each type, as in "
		       "_http._tcp,port=8080,txt.path=/";
	if (options->port) {
		snprintf(word, WORD_MAX, "%s", options->port);
		mistake = field_get(service, "port") ? "the port is given twice"
						     : add_port(service, options->port);
	}
	for (size_t i = 0; i < options->txt_count && !mistake; i++) {
		snprintf(word, WORD_MAX, "%s", options->txts[i]);
		mistake = add_txt_option(service, options->txts[i], key);
	}
	return mistake;
}

/* A device type goes to the device, everything else is one of its services. */
static int read_device(
    struct json_object *device, char **arguments, const struct command_options *options)
{
	struct json_object *services = json_object_new_array();
	const char *mistake = NULL;
	char word[WORD_MAX];

	json_object_object_add(device, "services", services);
	for (; *arguments && !mistake; arguments++) {
		snprintf(word, sizeof(word), "%s", *arguments);
		if (!urn_is_device(slice_of(*arguments)))
			mistake = add_service(services, slice_of(*arguments), word);
		else if (field_get(device, "type"))
			mistake = "a second device type: announce each device on its own";
		else
			field_add_text(device, "type", *arguments);
	}
	if (!mistake)
		mistake = add_service_options(services, options, word);
	if (mistake)
		fprintf(stderr, "discoverctl: \"%s\": %s\n", word, mistake);
	return mistake ? STATUS_USAGE : STATUS_DONE;
}

int command_check_announce(struct context *context, char **arguments)
{
	struct json_object *device = json_object_new_object();
	int status = read_device(device, arguments, context->options);

	json_object_put(device);
	return status;
}

static void layout_id(struct output *output, struct json_object *object)
{
	cell_print_escaped(output->stream, field_text(field_get(object, "id")));
	fputc('\n', output->stream);
}

/* Waits for a signal or for the daemon to close the connection. A closed standard output does not
 * end it: nothing more is written to it. */
static int stay(struct context *context)
{
	struct varlink_reply reply;
	int status = STATUS_DONE;

	context->daemon.client.watched_fd = -1;
	while (!status) {
		status = daemon_next(&context->daemon, CLIENT_FOREVER, &reply);
		if (!status)
			varlink_reply_fini(&reply);
	}
	return status;
}

int command_announce(struct context *context, char **arguments)
{
	const struct command_options *options = context->options;
	struct json_object *parameters = json_object_new_object(), *answer;
	struct json_object *device = json_object_new_object();
	int status = read_device(device, arguments, options);

	field_add_text(device, "name", options->name);
	field_add_text(device, "uuid", options->uuid);
	field_add_text(device, "presentation_url", options->presentation_url);
	json_object_object_add(parameters, "device", device);
	field_add_text(parameters, "location", options->location);
	json_object_object_add(
	    parameters, "detached", json_object_new_boolean(options->detach != NULL));
	if (status) {
		json_object_put(parameters);
		return status;
	}
	status = daemon_ask(&context->daemon, "io.discoverd.Announce", parameters, &answer);
	if (status)
		return status;
	output_one(&context->output, answer, layout_id);
	json_object_put(answer);
	status = output_flush(&context->output);
	return status || options->detach ? status : stay(context);
}

/* Devices that others announce have ids, too, so "no device has the id" would be wrong. */
static int refuse_to_withdraw(const char *id)
{
	fputs("discoverctl: no program announces a device with the id \"", stderr);
	cell_print_escaped(stderr, slice_of(id));
	fputs("\"; \"discoverctl status\" lists the ids\n", stderr);
	return STATUS_NOT_FOUND;
}

int command_withdraw(struct context *context, char **arguments)
{
	struct daemon *daemon = &context->daemon;
	struct json_object *parameters = json_object_new_object();
	struct varlink_reply reply;

	field_add_text(parameters, "id", arguments[0]);
	int status = daemon_call(daemon, "io.discoverd.Withdraw", parameters, false);
	if (status)
		return status;
	int error = client_next(&daemon->client, daemon->timeout_ms, &reply);
	if (error)
		return daemon_fail(daemon, error);
	if (reply.error && !strcmp(reply.error, "io.discoverd.NotFound"))
		status = refuse_to_withdraw(arguments[0]);
	else if (reply.error)
		status = daemon_explain(stderr, reply.error, reply.parameters);
	varlink_reply_fini(&reply);
	return status;
}

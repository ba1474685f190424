/* SPDX-License-Identifier: ISC
 * offered_service: a service that this host announces. */
#include "model/offered_service.h"
#include "base/array.h"
#include "base/ascii.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a service name (RFC 6335, 5.1), and of a type with its subtypes. */
enum { SERVICE_NAME_MAX = 15, DNS_TYPE_MAX = 255 };

/* Where its texts are. */
static const size_t TEXTS[] = {
    offsetof(struct offered_service, type),
    offsetof(struct offered_service, id),
    offsetof(struct offered_service, name),
    offsetof(struct offered_service, path),
};

static char **text_at(struct offered_service *service, size_t i)
{
	return (char **)(void *)((char *)service + TEXTS[i]);
}

static const char *text_of(const struct offered_service *service, size_t i)
{
	return *(char *const *)(const void *)((const char *)service + TEXTS[i]);
}

void offered_service_fini(struct offered_service *service)
{
	for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
		free(*text_at(service, i));
	for (size_t i = 0; i < service->type_count; i++) {
		free(service->types[i].protocol);
		free(service->types[i].type);
	}
	free(service->types);
	free(service->txt);
	*service = (struct offered_service){0};
}

/* 0 or -ENOMEM. */
static int append_type(struct offered_service *service, struct slice protocol, struct slice type)
{
	struct offered_type *types =
	    reallocarray(service->types, service->type_count + 1, sizeof(*types));

	if (!types)
		return -ENOMEM;
	service->types = types;
	struct offered_type fresh = {slice_dup(protocol), slice_dup(type)};
	if (!fresh.protocol || !fresh.type) {
		free(fresh.protocol);
		free(fresh.type);
		return -ENOMEM;
	}
	types[service->type_count++] = fresh;
	return 0;
}

int offered_service_copy(const struct offered_service *service, struct offered_service *copy)
{
	int result = 0;

	*copy = (struct offered_service){.port = service->port};
	for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
		const char *text = text_of(service, i);
		if (text && !(*text_at(copy, i) = strdup(text)))
			result = -ENOMEM;
	}
	for (size_t i = 0; i < service->type_count && !result; i++)
		result = append_type(
		    copy, slice_of(service->types[i].protocol), slice_of(service->types[i].type));
	if (service->txt_len && !result) {
		copy->txt = malloc(service->txt_len);
		result = copy->txt ? 0 : -ENOMEM;
	}
	if (result) {
		offered_service_fini(copy);
		return result;
	}
	if (service->txt_len)
		memcpy(copy->txt, service->txt, service->txt_len);
	copy->txt_len = service->txt_len;
	return 0;
}

/* Absent is not the same as empty. */
static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool offered_service_equal(const struct offered_service *a, const struct offered_service *b)
{
	if (a->port != b->port || a->type_count != b->type_count ||
	    !slice_equal((struct slice){a->txt, a->txt_len}, (struct slice){b->txt, b->txt_len}))
		return false;
	for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
		if (!is_same_text(text_of(a, i), text_of(b, i)))
			return false;
	for (size_t i = 0; i < a->type_count; i++)
		if (!is_same_text(offered_service_type(b, a->types[i].protocol), a->types[i].type))
			return false;
	return true;
}

/* RFC 6763, 6.4. */
static bool is_key(struct slice key)
{
	for (size_t i = 0; i < key.len; i++)
		if (key.bytes[i] < ' ' || key.bytes[i] > '~' || key.bytes[i] == '=')
			return false;
	return key.len > 0;
}

/* Keys are the same without regard to case (RFC 6763, 6.4). */
static bool has_key(const struct offered_service *service, struct slice key)
{
	struct slice rest = {service->txt, service->txt_len};

	while (rest.len > 0) {
		size_t len = (unsigned char)rest.bytes[0];
		struct slice pair = slice_head(slice_skip(rest, 1), len);
		if (slice_equal_nocase(slice_head(pair, slice_find(pair, '=')), key))
			return true;
		rest = slice_skip(rest, 1 + len);
	}
	return false;
}

int offered_service_add_pair(struct offered_service *service, struct slice key, struct slice value)
{
	size_t len = key.len + (value.bytes ? 1 + value.len : 0);

	if (!is_key(key) || has_key(service, key) || len > OFFERED_PAIR_MAX)
		return -EINVAL;
	if (service->txt_len + 1 + len > OFFERED_TXT_MAX)
		return -ENOSPC;
	char *txt = realloc(service->txt, service->txt_len + 1 + len);
	if (!txt)
		return -ENOMEM;
	service->txt = txt;
	struct writer w;
	writer_init(&w, txt + service->txt_len, 1 + len);
	writer_char(&w, (char)len);
	writer_slice(&w, key);
	if (value.bytes) {
		writer_char(&w, '=');
		writer_slice(&w, value);
	}
	service->txt_len += 1 + len;
	return 0;
}

/* Letters, digits and single hyphens between them, at least one letter (RFC 6335, 5.1). */
static bool is_service_name(struct slice name)
{
	bool letter = false, hyphen = true;

	for (size_t i = 0; i < name.len; i++) {
		bool is_hyphen = name.bytes[i] == '-';
		if (is_hyphen ? hyphen
			      : !ascii_is_letter(name.bytes[i]) && !ascii_is_digit(name.bytes[i]))
			return false;
		letter |= ascii_is_letter(name.bytes[i]);
		hyphen = is_hyphen;
	}
	return letter && !hyphen && name.len <= SERVICE_NAME_MAX;
}

/* RFC 6763, 7.1: one label each; it need not begin with an underscore. */
static bool are_subtypes(struct slice list)
{
	struct slice subtype;

	while (slice_cut(&list, ',', &subtype)) {
		if (subtype.len == 0 || subtype.len > OFFERED_NAME_MAX)
			return false;
		for (size_t i = 0; i < subtype.len; i++)
			if (subtype.bytes[i] <= ' ' || subtype.bytes[i] > '~' ||
			    subtype.bytes[i] == '.')
				return false;
	}
	return true;
}

/* RFC 6763, 7: "_http._tcp", or with subtypes "_ipp._tcp,_universal". */
static bool is_dns_type(struct slice list)
{
	struct slice type = SLICE_NONE, name;

	if (list.len > DNS_TYPE_MAX)
		return false;
	slice_cut(&list, ',', &type);
	if (!are_subtypes(list))
		return false;

	return slice_cut(&type, '.', &name) && slice_starts_with(name, SLICE("_")) &&
	       is_service_name(slice_skip(name, 1)) &&
	       (slice_equal_nocase(type, SLICE("_tcp")) || slice_equal_nocase(type, SLICE("_udp")));
}

/* Protocols that have types of their own. */
static const struct {
	const char *protocol;
	bool (*is_type)(struct slice type);
} PROTOCOLS[] = {
    {"mdns", is_dns_type},
};

/* Its place in the list, or the number of them. */
static size_t find_type(const struct offered_service *service, struct slice protocol)
{
	size_t i = 0;

	while (
	    i < service->type_count && !slice_equal(slice_of(service->types[i].protocol), protocol))
		i++;
	return i;
}

int offered_service_set_type(
    struct offered_service *service, struct slice protocol, struct slice type)
{
	size_t i = 0, at = find_type(service, protocol);

	while (i < COUNT_OF(PROTOCOLS) && !slice_equal(slice_of(PROTOCOLS[i].protocol), protocol))
		i++;
	if (i == COUNT_OF(PROTOCOLS) || !PROTOCOLS[i].is_type(type))
		return -EINVAL;
	if (at == service->type_count)
		return append_type(service, protocol, type);
	char *copy = slice_dup(type);
	if (!copy)
		return -ENOMEM;
	free(service->types[at].type);
	service->types[at].type = copy;
	return 0;
}

const char *offered_service_type(const struct offered_service *service, const char *protocol)
{
	size_t at = find_type(service, slice_of(protocol));

	return at < service->type_count ? service->types[at].type : NULL;
}

bool offered_services_have_id(const struct offered_service *services, size_t count, struct slice id)
{
	for (size_t i = 0; i < count; i++)
		if (id.len > 0 && slice_equal(slice_of(services[i].id), id))
			return true;
	return false;
}

void offered_service_make_id(
    const struct offered_service *earlier, size_t count, struct slice type, struct writer *w)
{
	struct slice rest = type, urn, domain = SLICE_NONE, kind, name = SLICE_NONE;
	size_t start = w->len;

	slice_cut(&rest, ':', &urn);
	slice_cut(&rest, ':', &domain);
	slice_cut(&rest, ':', &kind);
	slice_cut(&rest, ':', &name);
	if (slice_equal(domain, SLICE("schemas-upnp-org")))
		domain = SLICE("upnp-org");
	for (unsigned number = 1; !writer_error(w); number++) {
		w->len = start;
		writer_format(w, "urn:%.*s:serviceId:%.*s", SLICE_ARGS(domain), SLICE_ARGS(name));
		if (number > 1)
			writer_format(w, ".%u", number);
		if (!offered_services_have_id(earlier, count, slice_skip(writer_result(w), start)))
			return;
	}
}

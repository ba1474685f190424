/* SPDX-License-Identifier: ISC
 * mdns_type: types of services: those that are always asked for, and those that hosts name. */
#include "base/text.h"
#include "engine/mdns_browser_internal.h"
#include "engine/txt_facts.h"
#include <stdlib.h>

/* "_ipp._tcp.local" */
static bool is_type(const struct dns_name *name)
{
	struct slice service = dns_name_label(name, 0), transport = dns_name_label(name, 1);

	return dns_name_label_count(name) == 3 && service.len > 1 && service.bytes[0] == '_' &&
	       text_is_clean(service) &&
	       (slice_equal_nocase(transport, SLICE("_tcp")) ||
		   slice_equal_nocase(transport, SLICE("_udp"))) &&
	       slice_equal_nocase(dns_name_label(name, 2), SLICE("local"));
}

struct mdns_type *mdns_type_find(
    const struct mdns_browser *browser, const struct dns_name_ref *name)
{
	struct mdns_type *type;

	TAILQ_FOREACH(type, &browser->types, entry)
	if (dns_name_ref_is(name, &type->name))
		return type;
	return NULL;
}

static struct mdns_type *type_new(struct mdns_browser *browser, const struct dns_name *name)
{
	struct mdns_type *type = calloc(1, sizeof(*type));
	struct slice service = dns_name_label(name, 0), transport = dns_name_label(name, 1);
	struct writer w;

	if (!type)
		return NULL;
	type->name = *name;
	writer_init(&w, type->text, sizeof(type->text) - 1);
	writer_slice(&w, service);
	writer_char(&w, '.');
	writer_slice(&w, transport);
	TAILQ_INSERT_TAIL(&browser->types, type, entry);
	browser->type_count++;
	return type;
}

struct mdns_type *mdns_type_get(struct mdns_browser *browser, const struct dns_name_ref *ref)
{
	struct mdns_type *type = mdns_type_find(browser, ref);
	struct dns_name name;

	if (type)
		return type;
	dns_name_expand(ref, &name);
	if (!is_type(&name))
		return NULL;
	if (browser->type_count >= MDNS_TYPES_MAX) {
		mdns_counted(browser->mdns, MDNS_TYPES_REFUSED);
		return NULL;
	}
	return type_new(browser, &name);
}

static bool add_enumeration(struct mdns_browser *browser)
{
	struct dns_name name;
	struct mdns_type *type;

	if (dns_name_parse(SLICE("_services._dns-sd._udp.local"), &name) < 0 ||
	    !(type = type_new(browser, &name)))
		return false;
	type->builtin = true;
	return true;
}

static bool add_builtin(struct mdns_browser *browser, struct slice text)
{
	struct dns_name name;
	struct dns_name_ref ref;
	struct mdns_type *type;

	if (dns_name_parse(text, &name) < 0)
		return false;
	ref = dns_name_ref_of(&name);
	type = mdns_type_get(browser, &ref);
	if (!type)
		return false;
	type->builtin = true;
	return true;
}

bool mdns_types_add(struct mdns_browser *browser)
{
	const char *known;
	char text[2 * DNS_LABEL_MAX];
	struct writer w;

	if (!add_enumeration(browser))
		return false;
	for (size_t i = 0; (known = txt_facts_type(i)); i++) {
		writer_init(&w, text, sizeof(text));
		writer_text(&w, known);
		writer_text(&w, ".local");
		if (!add_builtin(browser, writer_result(&w)))
			return false;
	}
	return true;
}

bool mdns_type_parse(struct slice text, struct dns_name *name)
{
	struct dns_name domain;

	if (dns_name_parse(text, name) < 0 || dns_name_parse(SLICE("local"), &domain) < 0)
		return false;
	if (dns_name_label_count(name) == 2)
		dns_name_append(name, &domain);
	return is_type(name);
}

void mdns_type_release(struct mdns_browser *browser, struct mdns_type *type)
{
	type->users--;
	mdns_type_drop_unused(browser, type);
}

void mdns_type_drop_unused(struct mdns_browser *browser, struct mdns_type *type)
{
	if (type->users > 0 || type->builtin)
		return;
	TAILQ_REMOVE(&browser->types, type, entry);
	browser->type_count--;
	free(type);
}

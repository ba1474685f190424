/* SPDX-License-Identifier: ISC
 * facts: what is kept of a device of io.discoverd: plain texts, where it is, and what it is known
 * by. */
#include "history/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/array.h"
#include "base/text.h"
#include "client/field.h"

enum { TEXT_MAX = 256 };

static const struct {
	enum fact fact;
	const char *key;
} OF_DEVICE[] =
    {
	{FACT_ID, "id"},
	{FACT_NAME, "name"},
	{FACT_TYPE, "type"},
	{FACT_MANUFACTURER, "manufacturer"},
	{FACT_MODEL, "model"},
},
  OF_ADDRESS[] = {
      {FACT_MAC, "mac"},
      {FACT_VENDOR, "vendor"},
      {FACT_SEGMENT, "interface"},
      {FACT_ADDRESS, "address"},
};

/* NULL for nothing, too. */
static int take(char **place, struct slice value)
{
	char text[TEXT_MAX];

	free(*place);
	*place = NULL;
	if (!value.len || !text_clean(value, text, sizeof(text)))
		return 0;
	*place = strdup(text);
	return *place ? 0 : -ENOMEM;
}

static bool is_ipv4(struct json_object *entry)
{
	struct address address;

	return address_parse(field_text_of(entry, "address"), &address) == 0 &&
	       address.family == ADDRESS_IPV4 && !address_is_link_local(&address);
}

static bool is_at(struct json_object *entry, const struct facts *former)
{
	return former && former->texts[FACT_ADDRESS] && former->texts[FACT_SEGMENT] &&
	       slice_equal(
		   field_text_of(entry, "address"), slice_of(former->texts[FACT_ADDRESS])) &&
	       slice_equal(
		   field_text_of(entry, "interface"), slice_of(former->texts[FACT_SEGMENT]));
}

/* A device has several addresses, and new ones for an hour: it has moved only when it has lost the
 * one that it was known to be at. */
static struct json_object *choose(struct json_object *addresses, const struct facts *former)
{
	struct json_object *chosen = NULL;

	for (size_t i = 0; i < field_length(addresses); i++) {
		struct json_object *entry = field_entry(addresses, i);
		if (is_at(entry, former))
			return entry;
		if (!chosen || (is_ipv4(entry) && !is_ipv4(chosen)))
			chosen = entry;
	}
	return chosen;
}

static int add_identity(struct facts *facts, const char *before, struct slice text)
{
	char whole[TEXT_MAX];
	struct writer w;

	writer_init(&w, whole, sizeof(whole) - 1);
	writer_text(&w, before);
	writer_slice(&w, text);
	if (writer_error(&w) || !text.len || facts->identity_count == FACTS_IDENTITIES_MAX)
		return 0;
	whole[w.len] = '\0';
	for (size_t i = 0; i < facts->identity_count; i++)
		if (!strcmp(facts->identities[i], whole))
			return 0;
	facts->identities[facts->identity_count] = strdup(whole);
	return facts->identities[facts->identity_count++] ? 0 : -ENOMEM;
}

static bool is_uuid(struct slice text)
{
	return slice_starts_with(text, SLICE("uuid:")) && text_is_uuid(slice_skip(text, 5));
}

/* A UUID that two devices have identifies neither. */
static int add_uuids(struct facts *facts, struct json_object *device)
{
	struct json_object *ids = field_get(device, "ids");
	struct slice id = field_text_of(device, "id");
	int error = 0;

	if (field_has_text(field_get(device, "flags"), SLICE("duplicate-uuid")))
		return 0;
	if (is_uuid(id))
		error = add_identity(facts, "", id);
	for (size_t i = 0; i < field_length(ids) && !error; i++) {
		struct slice text = field_text(field_entry(ids, i));
		if (is_uuid(text))
			error = add_identity(facts, "", text);
	}
	return error;
}

static int add_identities(struct facts *facts, struct json_object *device)
{
	struct json_object *addresses = field_get(device, "addresses");
	int error = add_uuids(facts, device);

	if (facts->texts[FACT_MAC] && !error)
		error = add_identity(facts, "mac:", slice_of(facts->texts[FACT_MAC]));
	for (size_t i = 0; i < field_length(addresses) && !error; i++)
		error = add_identity(
		    facts, "mac:", field_text(field_get(field_entry(addresses, i), "mac")));
	/* an address is given to others later */
	if (!error && !slice_starts_with(slice_of(facts->texts[FACT_ID]), SLICE("address:")))
		error = add_identity(facts, "", slice_of(facts->texts[FACT_ID]));
	if (!error && !facts->identity_count)
		error = add_identity(facts, "", slice_of(facts->texts[FACT_ID]));
	return error;
}

int facts_read(struct facts *facts, struct json_object *device, const struct facts *former)
{
	struct json_object *chosen = choose(field_get(device, "addresses"), former);
	int error = 0;

	*facts = (struct facts){0};
	for (size_t i = 0; i < COUNT_OF(OF_DEVICE) && !error; i++)
		error =
		    take(&facts->texts[OF_DEVICE[i].fact], field_text_of(device, OF_DEVICE[i].key));
	for (size_t i = 0; i < COUNT_OF(OF_ADDRESS) && !error; i++)
		error = take(
		    &facts->texts[OF_ADDRESS[i].fact], field_text_of(chosen, OF_ADDRESS[i].key));
	if (!error && !facts->texts[FACT_ID])
		error = -EINVAL;
	facts->random_mac = json_object_get_boolean(field_get(chosen, "random_mac"));
	facts->is_neighbour = slice_equal(field_text_of(device, "kind"), SLICE("neighbour"));
	if (!error)
		error = add_identities(facts, device);
	if (error)
		facts_fini(facts);
	return error;
}

void facts_fini(struct facts *facts)
{
	for (size_t i = 0; i < FACT_COUNT; i++)
		free(facts->texts[i]);
	for (size_t i = 0; i < facts->identity_count; i++)
		free(facts->identities[i]);
	*facts = (struct facts){0};
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool facts_same(const struct facts *a, const struct facts *b)
{
	for (size_t i = 0; i < FACT_SEGMENT; i++)
		if (!same_text(a->texts[i], b->texts[i]))
			return false;
	return a->random_mac == b->random_mac;
}

bool facts_is_certain(const char *identity)
{
	return is_uuid(slice_of(identity)) || slice_starts_with(slice_of(identity), SLICE("mac:"));
}

/* SPDX-License-Identifier: ISC
 * fleet_document: see fleet_document.h. */
#include "mqtt/fleet_document.h"
#include "base/mac.h"
#include "client/field.h"
#include "model/key.h"
#include "wire/json_read.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CLAIMS_MAX = 64 };

/* Claims are packed: the kind, then three texts, each ended by a NUL. Written twice: first to
 * count. */
struct packing {
	char *at; /* NULL: only counted */
	size_t len;
	unsigned count;
};

static void put(struct packing *packing, const void *bytes, size_t len)
{
	if (packing->at && len)
		memcpy(packing->at + packing->len, bytes, len);
	packing->len += len;
}

static void put_text(struct packing *packing, struct slice text)
{
	put(packing, text.bytes, text.len);
	put(packing, "", 1);
}

static bool is_plain(struct slice text)
{
	return text.len && !memchr(text.bytes, '\0', text.len);
}

static void put_uuid(struct packing *packing, struct slice id)
{
	struct key key = key_of_id(id);
	char text[KEY_TEXT_MAX];

	if (!slice_starts_with_nocase(id, SLICE("uuid:")) || !is_plain(id) || !key_joins(&key) ||
	    packing->count == CLAIMS_MAX)
		return;
	key_format(&key, text);
	packing->count++;
	put(packing, (char[]){FLEET_CLAIM_UUID}, 1);
	put_text(packing, slice_of(text));
	put_text(packing, SLICE(""));
	put_text(packing, SLICE(""));
}

static void put_mac(struct packing *packing, struct json_object *address)
{
	struct slice interface = field_text_of(address, "interface");
	struct slice numeric = field_text_of(address, "address");
	char text[MAC_TEXT_MAX];
	struct mac mac;

	if (mac_parse(field_text_of(address, "mac"), &mac) < 0 || !is_plain(interface) ||
	    !is_plain(numeric) || packing->count == CLAIMS_MAX)
		return;
	packing->count++;
	put(packing, (char[]){FLEET_CLAIM_MAC}, 1);
	put_text(packing, mac_text(&mac, text));
	put_text(packing, interface);
	put_text(packing, numeric);
}

static void put_claims(struct packing *packing, struct json_object *device)
{
	struct json_object *ids = field_get(device, "ids");
	struct json_object *addresses = field_get(device, "addresses");

	put_uuid(packing, field_text_of(device, "id"));
	for (size_t i = 0; i < field_length(ids); i++)
		put_uuid(packing, field_text(field_entry(ids, i)));
	for (size_t i = 0; i < field_length(addresses); i++)
		put_mac(packing, field_entry(addresses, i));
}

/* Behind what is written; the copy. */
static struct slice keep(struct packing *packing, struct slice text)
{
	struct slice kept = {packing->at + packing->len, text.len};

	put_text(packing, text);
	return kept;
}

static int fill(struct fleet_document *document, struct slice payload, struct json_object *device)
{
	struct slice id = field_text_of(device, "id");
	struct slice first_seen = field_text_of(device, "first_seen");
	struct packing packing = {0};

	if (!is_plain(id) || !is_plain(field_text_of(device, "name")))
		return -EBADMSG;
	put_claims(&packing, device);
	document->claims_len = packing.len;
	document->bytes = malloc(payload.len + packing.len + id.len + first_seen.len + 2);
	if (!document->bytes)
		return -ENOMEM;
	document->len = payload.len;
	packing = (struct packing){.at = document->bytes};
	put(&packing, payload.bytes, payload.len);
	put_claims(&packing, device);
	document->id = keep(&packing, id);
	document->first_seen = keep(&packing, first_seen);
	document->id_is_uuid = slice_starts_with_nocase(id, SLICE("uuid:"));
	document->duplicate = field_has_text(field_get(device, "flags"), SLICE("duplicate-uuid"));
	return 0;
}

int fleet_document_read(struct fleet_document *document, struct slice payload)
{
	struct json_object *device =
	    payload.len <= FLEET_DOCUMENT_MAX ? json_read_object(payload) : NULL;

	*document = (struct fleet_document){0};
	int error = device ? fill(document, payload, device) : -EBADMSG;
	json_object_put(device);
	if (error)
		*document = (struct fleet_document){0};
	return error;
}

void fleet_document_fini(struct fleet_document *document)
{
	free(document->bytes);
	*document = (struct fleet_document){0};
}

struct slice fleet_document_text(const struct fleet_document *document)
{
	return (struct slice){document->bytes, document->len};
}

bool fleet_document_next_claim(
    const struct fleet_document *document, size_t *at, struct fleet_claim *claim)
{
	const char *claims = document->bytes + document->len;

	if (*at >= document->claims_len)
		return false;
	claim->kind = claims[*at];
	claim->value = slice_of(claims + *at + 1);
	claim->interface = slice_of(claim->value.bytes + claim->value.len + 1);
	claim->address = slice_of(claim->interface.bytes + claim->interface.len + 1);
	*at = (size_t)(claim->address.bytes + claim->address.len + 1 - claims);
	return true;
}

int fleet_compare(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.bytes, b.bytes, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* SPDX-License-Identifier: ISC
 * mdns_records: names that this host claims by mDNS, and the records of each. */
#include "base/array.h"
#include "base/ascii.h"
#include "engine/mdns_publisher_internal.h"
#include "wire/dns_txt.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds (RFC 6762, 10). */
enum { TTL_OF_HOST = 120, TTL_OF_OTHERS = 4500 };
enum { OWN_TXT_MAX = 1024, HOST_DIGITS = 12 };

/* What is to be announced of a service; borrows from the offers. */
struct wanted {
	uint64_t offer;
	struct slice name, type; /* the type with its subtypes */
	struct slice txt;
	uint16_t port;
};

struct mdns_claim *mdns_records_host(const struct mdns_records *records)
{
	return TAILQ_FIRST(&records->claims);
}

/* "LABEL.REST"; false when it is too long. */
static bool make_name(struct dns_name *name, struct slice label, struct slice rest)
{
	struct slice part;

	dns_name_init(name);
	if (label.len > 0 && !dns_name_add(name, label))
		return false;
	while (slice_cut(&rest, '.', &part))
		if (part.len > 0 && !dns_name_add(name, part))
			return false;
	return dns_name_add(name, SLICE("local"));
}

struct slice mdns_claim_type(const struct mdns_claim *claim)
{
	struct slice list = slice_of(claim->type_text), type = SLICE_NONE;

	slice_cut(&list, ',', &type);
	return type;
}

/* The name by its present number. */
static void make_claim_name(struct mdns_claim *claim)
{
	char label[INSTANCE_NAME_SIZE];
	size_t len;

	if (mdns_claim_is_host(claim) && claim->number > 1)
		len = (size_t)snprintf(label, sizeof(label), "%s-%u", claim->wanted, claim->number);
	else
		len = instance_name_make(slice_of(claim->wanted), claim->number, label);
	make_name(&claim->name, (struct slice){label, len}, mdns_claim_type(claim));
}

static bool is_name_taken(const struct mdns_records *records, const struct mdns_claim *claim)
{
	const struct mdns_claim *other;

	TAILQ_FOREACH(other, &records->claims, entry)
	if (other != claim && !other->withdrawn && dns_name_equal(&other->name, &claim->name))
		return true;
	return false;
}

void mdns_records_rename(struct mdns_records *records, struct mdns_claim *claim)
{
	do {
		claim->number++;
		make_claim_name(claim);
	} while (is_name_taken(records, claim));
}

static void free_claim(struct mdns_claim *claim)
{
	free(claim->type_text);
	free(claim->subtypes);
	free(claim->txt);
	free(claim);
}

void mdns_records_drop(struct mdns_records *records, struct mdns_claim *claim)
{
	TAILQ_REMOVE(&records->claims, claim, entry);
	free_claim(claim);
}

/* 0 or -ENOMEM; then it has no subtypes. */
static int make_subtypes(struct mdns_claim *claim)
{
	struct slice list = slice_of(claim->type_text), type, subtype;
	size_t count = 0;

	slice_cut(&list, ',', &type);
	for (struct slice rest = list; slice_cut(&rest, ',', &subtype);)
		count++;
	claim->subtypes = count ? calloc(count, sizeof(*claim->subtypes)) : NULL;
	if (count && !claim->subtypes)
		return -ENOMEM;
	while (slice_cut(&list, ',', &subtype)) {
		struct dns_name *name = &claim->subtypes[claim->subtype_count];
		char rest[64];
		struct writer w;
		writer_init(&w, rest, sizeof(rest));
		writer_text(&w, "_sub.");
		writer_slice(&w, type);
		if (make_name(name, subtype, writer_result(&w)))
			claim->subtype_count++;
	}
	return 0;
}

/* RFC 6763, 6.1: a record without pairs holds one byte that is zero. 0 or -ENOMEM. */
static int keep_txt(struct mdns_claim *claim, struct slice txt)
{
	char *copy = slice_dup(txt.len ? txt : (struct slice){"", 1});

	if (!copy)
		return -ENOMEM;
	free(claim->txt);
	claim->txt = copy;
	claim->txt_len = txt.len ? txt.len : 1;
	return 0;
}

/* NULL when out of memory. */
static struct mdns_claim *add_claim(struct mdns_records *records, const struct wanted *wanted)
{
	struct mdns_claim *claim = calloc(1, sizeof(*claim));

	if (!claim)
		return NULL;
	claim->offer = wanted->offer;
	claim->number = 1;
	claim->port = wanted->port;
	claim->type_text = slice_dup(wanted->type);
	instance_name_make(wanted->name, 1, claim->wanted);
	if (!claim->type_text || make_subtypes(claim) || keep_txt(claim, wanted->txt)) {
		free_claim(claim);
		return NULL;
	}
	make_name(&claim->type, SLICE_NONE, mdns_claim_type(claim));
	if (records->names && !mdns_claim_is_host(claim))
		claim->number = kept_names_find(
		    records->names, mdns_claim_type(claim), slice_of(claim->wanted));
	make_claim_name(claim);
	if (is_name_taken(records, claim))
		mdns_records_rename(records, claim);
	TAILQ_INSERT_TAIL(&records->claims, claim, entry);
	return claim;
}

int mdns_records_init(struct mdns_records *records, struct slice udn, const bool families[FAMILIES])
{
	char name[INSTANCE_NAME_SIZE];
	struct writer w;
	size_t digits = 0, from = udn.len;

	*records = (struct mdns_records){0};
	TAILQ_INIT(&records->claims);
	memcpy(records->families, families, sizeof(records->families));
	make_name(&records->enumeration, SLICE_NONE, SLICE("_services._dns-sd._udp"));
	while (from > 0 && digits < HOST_DIGITS)
		digits += ascii_is_hex(udn.bytes[--from]);
	writer_init(&w, name, sizeof(name));
	writer_text(&w, "discoverd-");
	for (; from < udn.len; from++)
		if (ascii_is_hex(udn.bytes[from]))
			writer_char(&w, udn.bytes[from]);
	struct wanted host = {.name = writer_result(&w), .type = SLICE("")};
	return add_claim(records, &host) ? 0 : -ENOMEM;
}

void mdns_records_fini(struct mdns_records *records)
{
	struct mdns_claim *claim;

	while ((claim = TAILQ_FIRST(&records->claims)))
		mdns_records_drop(records, claim); /* NOLINT(*unix.Malloc): unlinked before free */
}

/* The same service under the same name, whatever its number. */
static struct mdns_claim *find_claim(
    const struct mdns_records *records, const struct wanted *wanted)
{
	char name[INSTANCE_NAME_SIZE];
	struct mdns_claim *claim;

	instance_name_make(wanted->name, 1, name);
	TAILQ_FOREACH(claim, &records->claims, entry)
	if (!mdns_claim_is_host(claim) && !claim->found && !claim->withdrawn &&
	    strcmp(claim->wanted, name) == 0 &&
	    slice_equal(slice_of(claim->type_text), wanted->type))
		return claim;
	return NULL;
}

/* RFC 6762, 8.4: other data of a name that is ours is announced without a probe. */
static void take_over(struct mdns_claim *claim, const struct wanted *wanted)
{
	struct slice txt = wanted->txt.len ? wanted->txt : (struct slice){"", 1};

	claim->offer = wanted->offer;
	if (claim->port == wanted->port &&
	    slice_equal((struct slice){claim->txt, claim->txt_len}, txt))
		return;
	claim->port = wanted->port;
	keep_txt(claim, wanted->txt);
	claim->changed = true;
}

static void want(struct mdns_records *records, const struct wanted *wanted)
{
	struct mdns_claim *claim = find_claim(records, wanted);

	if (claim)
		take_over(claim, wanted);
	else
		claim = add_claim(records, wanted);
	if (claim)
		claim->found = true;
}

/* A pair of a TXT record; one that is too long is cut at its end. */
static void write_pair(struct writer *w, const char *key, const char *value)
{
	size_t len = strlen(key), room = OFFERED_PAIR_MAX - len;
	struct slice text = slice_head(slice_of(value), room);

	if (!value)
		return;
	writer_char(w, (char)(len + text.len));
	writer_text(w, key);
	writer_slice(w, text);
}

/* The path of a service is a pair like the others, unless it has such a pair already. */
static void want_service(struct mdns_records *records, const struct offer *offer,
    const struct offered_device *device, const struct offered_service *service)
{
	const char *type = offered_service_type(service, "mdns");
	struct slice txt = {service->txt, service->txt_len};
	char with_path[OFFERED_TXT_MAX + OFFERED_PAIR_MAX + 1];
	struct writer w;

	if (!type)
		return;
	writer_init(&w, with_path, sizeof(with_path));
	writer_slice(&w, txt);
	if (service->path && !dns_txt_find(txt, SLICE("path")).bytes)
		write_pair(&w, "path=", service->path);
	struct wanted wanted = {
	    .offer = offer->number,
	    .name = slice_of(service->name ? service->name : device->name),
	    .type = slice_of(type),
	    .txt = writer_result(&w),
	    .port = service->port,
	};
	want(records, &wanted);
}

/* This host as a discoverd, so that others find its description. */
static void want_own(struct mdns_records *records, const struct offers *offers)
{
	const struct offered_device *root = &offers_own(offers)->devices[0];
	char txt[OWN_TXT_MAX];
	struct writer w;

	if (!offers->http_port)
		return;
	writer_init(&w, txt, sizeof(txt));
	write_pair(&w, "txtvers=", "1");
	write_pair(
	    &w, "id=", slice_without_prefix_nocase(slice_of(root->udn), SLICE("uuid:")).bytes);
	write_pair(&w, "path=", OFFER_PATH);
	write_pair(&w, "md=", root->model);
	write_pair(&w, "mf=", root->manufacturer);
	struct wanted wanted = {
	    .offer = offers_own(offers)->number,
	    .name = slice_of(root->name),
	    .type = SLICE("_discoverd._tcp"),
	    .txt = writer_result(&w),
	    .port = offers->http_port,
	};
	want(records, &wanted);
}

void mdns_records_follow(struct mdns_records *records, const struct offers *offers)
{
	struct mdns_claim *claim;

	TAILQ_FOREACH(claim, &records->claims, entry)
	claim->found = mdns_claim_is_host(claim);
	if (offers && offers_own(offers))
		want_own(records, offers);
	for (size_t i = 0; offers && i < offers->count; i++) {
		const struct offer *offer = offers->list[i];
		for (size_t d = 0; d < offer->device_count; d++)
			for (size_t s = 0; s < offer->devices[d].service_count; s++)
				want_service(records, offer, &offer->devices[d],
				    &offer->devices[d].services[s]);
	}
	TAILQ_FOREACH(claim, &records->claims, entry)
	claim->withdrawn |= !claim->found;
}

struct slice mdns_claim_label(const struct mdns_claim *claim)
{
	return dns_name_label(&claim->name, 0);
}

const struct dns_name *mdns_set_name(
    const struct mdns_records *records, const struct mdns_claim *claim, size_t set)
{
	if (set < MDNS_SHARED)
		return &claim->name;
	if (set == MDNS_PTR)
		return &claim->type;
	return set == MDNS_TYPE ? &records->enumeration : &claim->subtypes[set - MDNS_SUBTYPE];
}

uint16_t mdns_set_type(const struct mdns_claim *claim, size_t set)
{
	static const uint16_t OF_HOST[] = {DNS_A, DNS_AAAA}, OF_SERVICE[] = {DNS_SRV, DNS_TXT};

	if (set == MDNS_NSEC)
		return DNS_NSEC;
	if (set >= MDNS_SHARED)
		return DNS_PTR;
	return mdns_claim_is_host(claim) ? OF_HOST[set] : OF_SERVICE[set];
}

/* Temporary addresses (RFC 8981) are not announced. */
static const struct address *nth_of_link(
    const struct mdns_records *records, const struct link *link, uint8_t family, size_t *n)
{
	for (size_t i = 0; i < link->address_count; i++) {
		const struct link_address *own = &link->addresses[i];
		const struct address *address = &own->prefix.address;
		if (address->family == family && own->usable && !own->temporary &&
		    records->families[family_of(address)] && (*n)-- == 0)
			return address;
	}
	return NULL;
}

/* The network of a link-local address is on every link. */
bool mdns_share_network(const struct link *link, const struct link *other)
{
	for (size_t i = 0; i < other->address_count; i++) {
		const struct address *address = &other->addresses[i].prefix.address;
		if (!address_is_link_local(address) && link_has_neighbour(link, address))
			return true;
	}
	return false;
}

/* Of this link, then of others in its network. There each set that is announced takes the place of
 * the former one (RFC 6762, 10.2), by whichever link it came. */
static const struct address *nth_address(
    const struct mdns_records *records, const struct link *link, uint8_t family, size_t n)
{
	const struct address *address = nth_of_link(records, link, family, &n);

	for (size_t i = 0; i < records->links->count && !address; i++) {
		const struct link *other = &records->links->links[i];
		if (other->index != link->index && mdns_share_network(link, other))
			address = nth_of_link(records, other, family, &n);
	}
	return address;
}

bool mdns_records_fit(const struct mdns_records *records, const struct link *link)
{
	size_t ipv4 = 0, ipv6 = 0;

	return nth_of_link(records, link, ADDRESS_IPV4, &ipv4) ||
	       nth_of_link(records, link, ADDRESS_IPV6, &ipv6);
}

uint32_t mdns_set_ttl(const struct mdns_claim *claim, size_t set)
{
	return mdns_claim_is_host(claim) || set == MDNS_SRV ? TTL_OF_HOST : TTL_OF_OTHERS;
}

/* The data of a record of a service. */
static void fill_service(const struct mdns_records *records, const struct mdns_claim *claim,
    size_t set, struct dns_record *record)
{
	switch (set) {
	case MDNS_SRV:
		record->port = claim->port;
		record->target = mdns_records_host(records)->name;
		break;
	case MDNS_TXT:
		record->rdata = (struct slice){claim->txt, claim->txt_len};
		break;
	case MDNS_TYPE:
		record->target = claim->type;
		break;
	default:
		record->target = claim->name;
	}
}

/* The types that a name of ours has, as NSEC lists them: in one window block (RFC 6762, 6.1). */
static struct slice types_of(
    const struct mdns_records *records, const struct mdns_claim *claim, const struct link *link)
{
	static const char IPV4[] = {0, 1, 0x40}, IPV6[] = {0, 4, 0, 0, 0, 0x08};
	static const char BOTH[] = {0, 4, 0x40, 0, 0, 0x08};
	static const char SERVICE[] = {0, 5, 0, 0, (char)0x80, 0, 0x40};

	if (!mdns_claim_is_host(claim))
		return (struct slice){SERVICE, sizeof(SERVICE)};
	if (!nth_address(records, link, ADDRESS_IPV6, 0))
		return (struct slice){IPV4, sizeof(IPV4)};
	if (!nth_address(records, link, ADDRESS_IPV4, 0))
		return (struct slice){IPV6, sizeof(IPV6)};
	return (struct slice){BOTH, sizeof(BOTH)};
}

bool mdns_set_record(const struct mdns_records *records, const struct mdns_claim *claim, size_t set,
    const struct link *link, size_t n, struct dns_record *record)
{
	bool host = mdns_claim_is_host(claim);

	*record = (struct dns_record){
	    .name = *mdns_set_name(records, claim, set),
	    .type = mdns_set_type(claim, set),
	    .class = DNS_IN,
	    .ttl = mdns_set_ttl(claim, set),
	};
	if (set == MDNS_NSEC) {
		record->target = claim->name;
		record->types = types_of(records, claim, link);
	} else if (host) {
		const struct address *address =
		    nth_address(records, link, set == MDNS_IPV6 ? ADDRESS_IPV6 : ADDRESS_IPV4, n);
		if (address)
			record->address = *address;
		return address != NULL;
	} else {
		fill_service(records, claim, set, record);
	}
	return n == 0;
}

/* Of two records of one name, type and class. */
static bool is_same_data(const struct dns_record *a, const struct dns_record *b)
{
	switch (a->type) {
	case DNS_A:
	case DNS_AAAA:
		return address_equal(&a->address, &b->address);
	case DNS_PTR:
		return dns_name_equal(&a->target, &b->target);
	case DNS_SRV:
		return a->port == b->port && a->priority == b->priority && a->weight == b->weight &&
		       dns_name_equal(&a->target, &b->target);
	case DNS_NSEC:
		return slice_equal(a->types, b->types);
	default:
		return slice_equal(a->rdata, b->rdata);
	}
}

bool mdns_set_has(const struct mdns_records *records, const struct mdns_claim *claim, size_t set,
    const struct link *link, const struct dns_record *record)
{
	struct dns_record own;

	if (record->class != DNS_IN || record->type != mdns_set_type(claim, set) ||
	    !dns_name_equal(&record->name, mdns_set_name(records, claim, set)))
		return false;
	for (size_t n = 0; mdns_set_record(records, claim, set, link, n, &own); n++)
		if (is_same_data(&own, record))
			return true;
	return false;
}

static bool is_asked(const struct mdns_claim *claim, const struct dns_entry *question)
{
	if (question->type != DNS_PTR && question->type != DNS_ANY)
		return false;
	for (size_t i = 0; i < claim->subtype_count; i++)
		if (dns_name_ref_is(&question->name, &claim->subtypes[i]))
			return true;
	return dns_name_ref_is(&question->name, &claim->type);
}

/* A pointer of ours leads to a name of ours, or to its type. */
static bool is_pointer(const struct mdns_claim *claim, const struct dns_entry *record)
{
	return record->type == DNS_PTR && (dns_name_ref_is(&record->target, &claim->name) ||
					      dns_name_ref_is(&record->target, &claim->type));
}

bool mdns_records_concern(const struct mdns_records *records, const struct dns_entry *entry)
{
	bool question = entry->section == DNS_QUESTION;
	const struct mdns_claim *claim;

	TAILQ_FOREACH(claim, &records->claims, entry)
	if (dns_name_ref_is(&entry->name, &claim->name) ||
	    (question ? is_asked(claim, entry) : is_pointer(claim, entry)))
		return true;
	return question && dns_name_ref_is(&entry->name, &records->enumeration);
}

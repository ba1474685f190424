/* SPDX-License-Identifier: ISC
 * attack: a host that sends what it should not: from addresses that nobody has, from its own, and
 * in the name of others. */
#include "base/array.h"
#include "simulation.h"
#include "wire/dns_writer.h"
#include "wire/ssdp_message.h"
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_PORT = 8080, FROM_PORT = 40404 };

#define TEXT_64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TEXT_128 TEXT_64 TEXT_64

/* An assertion of Check writes to a file each time. */
static void must(bool holds)
{
	if (!holds)
		ck_abort();
}

static struct attacker *attacker_of(const struct host *host)
{
	return host->context;
}

static struct rng *rng_of(struct attacker *attacker)
{
	return &attacker->simulation->rng;
}

static unsigned below(struct attacker *attacker, unsigned limit)
{
	return (unsigned)rng_below(rng_of(attacker), limit);
}

static struct address own_address(const struct attacker *attacker)
{
	return address_ipv4(10, (uint8_t)attacker->network, 0, (uint8_t)(250 + attacker->network));
}

/* That no host has. */
static struct address made_up(struct attacker *attacker)
{
	return address_ipv4(
	    10, (uint8_t)attacker->network, 0, (uint8_t)(200 + below(attacker, 50)));
}

static struct address any_address(struct attacker *attacker)
{
	return below(attacker, 4) ? made_up(attacker) : own_address(attacker);
}

static void forge_bytes(struct attacker *attacker, const struct address *from, uint32_t tag,
    const struct address_port *to, struct slice bytes)
{
	struct world *world = attacker->simulation->world;
	const struct address_port source = {*from, to->port == 5353 ? 5353 : FROM_PORT};
	const struct outbox_send send = {.link = LINK, .to = *to, .bytes = bytes};

	world->tag = TAG_FORGED | tag;
	world_send(world, attacker->host, &send, &source);
	world->tag = 0;
	attacker->sent++;
}

static void forge(struct attacker *attacker, const struct address *from, uint32_t tag,
    const struct address_port *to, const char *format, ...) __attribute__((format(printf, 5, 6)));
static void forge(struct attacker *attacker, const struct address *from, uint32_t tag,
    const struct address_port *to, const char *format, ...)
{
	char text[4096];
	va_list arguments;

	va_start(arguments, format);
	int len = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	must(len < (int)sizeof(text));
	forge_bytes(attacker, from, tag, to, (struct slice){text, (size_t)len});
}

static struct address_port ssdp_group(void)
{
	return (struct address_port){address_ipv4(239, 255, 255, 250), 1900};
}

/* A machine that runs in the same network; NULL: none was found. */
static const struct machine *choose_victim(struct attacker *attacker)
{
	const struct machine *machine = &attacker->simulation->machines[below(attacker, MACHINES)];

	return machine_is_reachable(machine, 0) && machine->network[0] == attacker->network
		   ? machine
		   : NULL;
}

/* SSDP. */

static void forge_alive(struct attacker *attacker, const struct address *from, uint32_t tag,
    const char *udn, const char *max_age, uint32_t boot_id)
{
	static const char *const PATHS[] = {"none", "silent", "slow", "garbage", "huge"};
	static const char *const TARGETS[] = {"upnp:rootdevice",
	    "urn:schemas-upnp-org:device:Basic:1", "urn:schemas-upnp-org:service:" TEXT_128 ":1"};
	char address[ADDRESS_TEXT_MAX];
	const struct address_port to = ssdp_group();
	const char *target = TARGETS[below(attacker, COUNT_OF(TARGETS))];

	forge(attacker, from, tag, &to,
	    "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: %s\r\nNTS: ssdp:alive\r\n"
	    "USN: %s::%s\r\nCACHE-CONTROL: max-age=%s\r\nLOCATION: http://%s:%u/%s\r\n"
	    "SERVER: " TEXT_128 "\r\nBOOTID.UPNP.ORG: %u\r\n\r\n",
	    target, udn, target, max_age, address_text(from, address), PAGE_PORT,
	    PATHS[below(attacker, COUNT_OF(PATHS))], boot_id);
}

static void make_udn(struct attacker *attacker, char udn[UDN_TEXT_MAX])
{
	uint64_t random = rng_u64(rng_of(attacker));

	snprintf(udn, UDN_TEXT_MAX, "uuid:66666666-6666-5000-%04x-%012llx",
	    (unsigned)(random >> 48), (unsigned long long)random & 0xffffffffffffu);
}

static void flood_uuids(struct attacker *attacker)
{
	char udn[UDN_TEXT_MAX];
	struct address from = any_address(attacker);

	make_udn(attacker, udn);
	forge_alive(attacker, &from, 0, udn, below(attacker, 2) ? "4294967295" : "1800", 1);
}

static void claim_uuid(struct attacker *attacker)
{
	const struct machine *victim = choose_victim(attacker);
	struct address from = any_address(attacker);

	if (!victim)
		return;
	if (below(attacker, 4) == 0)
		attacker->claimed = victim->host->number;
	forge_alive(attacker, &from, victim->host->number, victim->host->udn, "86400",
	    1000 + below(attacker, 1000));
}

static void forge_byebye(struct attacker *attacker)
{
	const struct machine *victim = choose_victim(attacker);
	const struct address_port to = ssdp_group();
	struct address from = any_address(attacker);
	uint32_t tag = 0;

	if (!victim)
		return;
	if (below(attacker, 8) == 0) {
		from = machine_is_at(victim, 0);
		tag = TAG_FROM_ITS_ADDRESS;
	}
	forge(attacker, &from, tag | victim->host->number, &to,
	    "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\n"
	    "NTS: ssdp:byebye\r\nUSN: %s::upnp:rootdevice\r\n\r\n",
	    victim->host->udn);
}

static void change_boot_id(struct attacker *attacker)
{
	static const char UDN[] = "uuid:66666666-6666-6666-6666-666666666666";
	struct address from = own_address(attacker);

	forge_alive(attacker, &from, 0, UDN, "1800", below(attacker, 100));
}

static void flood_searches(struct attacker *attacker)
{
	const struct address_port to = ssdp_group();
	struct address from = any_address(attacker);

	forge(attacker, &from, 0, &to,
	    "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n"
	    "MX: %u\r\nST: ssdp:all\r\n\r\n",
	    below(attacker, 6));
}

/* Others. */

static void flood_broadcasts(struct attacker *attacker)
{
	const struct address_port to = {address_ipv4(255, 255, 255, 255), 5005};
	struct address from = any_address(attacker);
	char udn[UDN_TEXT_MAX];

	make_udn(attacker, udn);
	if (below(attacker, 2))
		forge(attacker, &from, 0, &to, "DISCOVER from " TEXT_64);
	else
		forge(attacker, &from, 0, &to,
		    "DISCOVER from %u\r\nUSN: %s\r\nCACHE-CONTROL: max-age=99999\r\n\r\n",
		    below(attacker, 1000), udn);
}

static void flood_hellos(struct attacker *attacker)
{
	const struct address_port to = {address_ipv4(239, 255, 255, 250), 3702};
	struct address from = any_address(attacker);
	const struct machine *victim = below(attacker, 4) ? NULL : choose_victim(attacker);
	bool bye = victim && below(attacker, 2);
	char udn[UDN_TEXT_MAX];

	make_udn(attacker, udn);
	forge(attacker, &from, victim ? victim->host->number : 0, &to,
	    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
	    "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
	    "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Body><d:%s>"
	    "<a:EndpointReference><a:Address>urn:%s</a:Address></a:EndpointReference>"
	    "</d:%s></s:Body></s:Envelope>",
	    bye ? "Bye" : "Hello", victim ? victim->host->udn : udn, bye ? "Bye" : "Hello");
}

static void parse_name(struct dns_name *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void parse_name(struct dns_name *name, const char *format, ...)
{
	char text[DNS_NAME_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	must(dns_name_parse(slice_of(text), name) == 0);
}

static struct address_port mdns_group(void)
{
	return (struct address_port){address_ipv4(224, 0, 0, 251), 5353};
}

/* Instances of a type that is made up, or not, with long texts. */
static void fill_mdns(struct attacker *attacker)
{
	const struct address_port to = mdns_group();
	struct address from = any_address(attacker);
	struct dns_record record = {.section = DNS_ANSWER, .class = DNS_IN, .ttl = UINT32_MAX};
	struct dns_writer w;
	struct dns_name host;
	uint8_t bytes[1400];

	dns_writer_init(&w, bytes, sizeof(bytes), 0, DNS_RESPONSE | DNS_AUTHORITATIVE);
	parse_name(&host, "bad%u.local", below(attacker, 10000));
	parse_name(&record.name, below(attacker, 2) ? "_http._tcp.local" : "_x%u._tcp.local",
	    below(attacker, 10000));
	struct dns_name type = record.name;
	for (unsigned i = 0; i < 8; i++) {
		char label[64];
		snprintf(label, sizeof(label), "%.40s%u", TEXT_64, below(attacker, 1000000));
		struct dns_name instance;
		dns_name_init(&instance);
		must(dns_name_add(&instance, slice_of(label)));
		must(dns_name_append(&instance, &type));
		record.name = type;
		record.type = DNS_PTR;
		record.target = instance;
		dns_writer_record(&w, &record);
		record.name = instance;
		record.type = DNS_SRV;
		record.target = host;
		record.port = 80;
		dns_writer_record(&w, &record);
	}
	record.name = host;
	record.type = DNS_A;
	record.address = from;
	dns_writer_record(&w, &record);
	forge_bytes(attacker, &from, 0, &to, dns_writer_result(&w));
}

static void list_types(struct attacker *attacker)
{
	const struct address_port to = mdns_group();
	struct address from = any_address(attacker);
	struct dns_record record = {
	    .section = DNS_ANSWER, .class = DNS_IN, .type = DNS_PTR, .ttl = 86400};
	struct dns_writer w;
	uint8_t bytes[1400];

	dns_writer_init(&w, bytes, sizeof(bytes), 0, DNS_RESPONSE | DNS_AUTHORITATIVE);
	parse_name(&record.name, "_services._dns-sd._udp.local");
	for (unsigned i = 0; i < 20; i++) {
		parse_name(&record.target, "_t%u._udp.local", below(attacker, 100000));
		dns_writer_record(&w, &record);
	}
	forge_bytes(attacker, &from, 0, &to, dns_writer_result(&w));
}

/* That the host of a machine goes, or is here. */
static void speak_for_host(struct attacker *attacker)
{
	const struct machine *victim = choose_victim(attacker);
	const struct address_port to = mdns_group();
	struct address from = any_address(attacker);
	struct dns_record record = {
	    .section = DNS_ANSWER, .class = DNS_IN, .type = DNS_A, .flag = true};
	struct dns_writer w;
	uint8_t bytes[512];

	if (!victim)
		return;
	dns_writer_init(&w, bytes, sizeof(bytes), 0, DNS_RESPONSE | DNS_AUTHORITATIVE);
	parse_name(&record.name, "peer%u.local", victim->host->number);
	record.ttl = below(attacker, 2) ? 120 : 0;
	record.address = record.ttl ? from : machine_is_at(victim, 0);
	dns_writer_record(&w, &record);
	forge_bytes(attacker, &from, victim->host->number, &to, dns_writer_result(&w));
}

/* Questions of which more known answers are to come (RFC 6762, 7.2), and questions without end. */
static void flood_questions(struct attacker *attacker)
{
	const struct address_port to = mdns_group();
	struct address from = any_address(attacker);
	struct dns_writer w;
	struct dns_name name;
	uint8_t bytes[1400];
	bool truncated = below(attacker, 4) > 0;

	dns_writer_init(&w, bytes, sizeof(bytes), 0, truncated ? DNS_TRUNCATED : 0);
	for (unsigned i = 0; i < 20; i++) {
		parse_name(&name, below(attacker, 2) ? "_http._tcp.local" : "_q%u._tcp.local",
		    below(attacker, 1000));
		dns_writer_question(&w, &name, DNS_PTR, DNS_IN, below(attacker, 2));
	}
	forge_bytes(attacker, &from, 0, &to, dns_writer_result(&w));
}

static const struct {
	const char *name;
	void (*send)(struct attacker *attacker);
	int64_t pause;  /* at most, from one datagram to the next */
	unsigned count; /* of datagrams, at most */
} KINDS[] = {
    {"uuids", flood_uuids, MILLISECONDS(2), 500},
    {"uuids", flood_uuids, SECONDS(2), 60},
    {"claims", claim_uuid, MILLISECONDS(500), 60},
    {"byebyes", forge_byebye, MILLISECONDS(500), 60},
    {"byebyes", forge_byebye, MILLISECONDS(5), 300},
    {"BOOTIDs", change_boot_id, MILLISECONDS(100), 100},
    {"searches", flood_searches, MILLISECONDS(5), 300},
    {"broadcasts", flood_broadcasts, MILLISECONDS(5), 300},
    {"Hellos", flood_hellos, MILLISECONDS(20), 200},
    {"instances", fill_mdns, MILLISECONDS(5), 200},
    {"types", list_types, MILLISECONDS(20), 50},
    {"hosts of others", speak_for_host, MILLISECONDS(500), 60},
    {"questions", flood_questions, MILLISECONDS(5), 300},
};

static void advance(struct host *host)
{
	struct attacker *attacker = attacker_of(host);
	struct attack *attack = &attacker->attack;
	struct instant now = host->world->now;

	if (attack->left > 0) {
		KINDS[attack->kind].send(attacker);
		attack->left--;
	}
	host->due = INSTANT_NEVER;
	if (attack->left > 0)
		host->due =
		    instant_add(now, rng_between(rng_of(attacker), 0, KINDS[attack->kind].pause));
}

/* Answers questions for the uuid that it claims. */
static void receive(struct host *host, const struct datagram *datagram, uint16_t port)
{
	struct attacker *attacker = attacker_of(host);
	struct ssdp_message message;
	char address[ADDRESS_TEXT_MAX];
	struct address own = own_address(attacker);

	if (!attacker->claimed || port != 1900 || ssdp_parse(datagram->bytes, &message) < 0 ||
	    message.kind != SSDP_SEARCH || address_equal(&datagram->from.address, &own))
		return;
	const char *udn = attacker->simulation->machines[attacker->claimed - 1].host->udn;
	if (!slice_equal(message.target, slice_of(udn)) && below(attacker, 4))
		return;
	forge(attacker, &own, attacker->claimed, &datagram->from,
	    "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\n"
	    "LOCATION: http://%s:%u/page\r\nST: %s\r\nUSN: %s\r\nBOOTID.UPNP.ORG: 7\r\n\r\n",
	    address_text(&own, address), PAGE_PORT, udn, udn);
}

static const char *page(
    struct host *host, const struct address_port *at, const char *path, int64_t *time)
{
	struct attacker *attacker = attacker_of(host);
	unsigned claimed = attacker->claimed ? attacker->claimed : 1;
	int len;

	if (at->port != PAGE_PORT || strcmp(path, "/silent") == 0)
		return NULL;
	if (strcmp(path, "/slow") == 0) {
		*time = SECONDS(20);
		return NULL;
	}
	if (strcmp(path, "/garbage") == 0)
		return "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bb\">]><root><device>&b;";
	len = snprintf(attacker->page, sizeof(attacker->page),
	    "<root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device><friendlyName>Not "
	    "me</friendlyName><deviceType>" TEXT_128 "</deviceType><UDN>%s</UDN><serviceList>",
	    attacker->simulation->machines[claimed - 1].host->udn);
	if (strcmp(path, "/huge") == 0)
		while (len + 400 < (int)sizeof(attacker->page))
			len += snprintf(attacker->page + len, sizeof(attacker->page) - (size_t)len,
			    "<service><serviceType>%d" TEXT_128 "</serviceType></service>", len);
	snprintf(attacker->page + len, sizeof(attacker->page) - (size_t)len,
	    "</serviceList></device></root>");
	return attacker->page;
}

static const struct host_program PROGRAM = {receive, advance, page};

void attacker_begin(struct attacker *attacker)
{
	attacker->attack.kind = below(attacker, COUNT_OF(KINDS));
	attacker->attack.left = 1 + below(attacker, KINDS[attacker->attack.kind].count);
	attacker->claimed = 0;
	simulation_trace(attacker->simulation, NULL, "attack on network %u: %u %s",
	    attacker->network, attacker->attack.left, KINDS[attacker->attack.kind].name);
	attacker->host->due = attacker->simulation->world->now;
}

void attacker_init(struct simulation *s, struct attacker *attacker, unsigned network)
{
	char text[ADDRESS_TEXT_MAX];
	struct address own;

	attacker->simulation = s;
	attacker->network = network;
	attacker->host = world_add_host(s->world);
	attacker->host->context = attacker;
	attacker->host->program = &PROGRAM;
	attacker->host->due = INSTANT_NEVER;
	own = own_address(attacker);
	host_plug(attacker->host, LINK, network, address_text(&own, text));
}

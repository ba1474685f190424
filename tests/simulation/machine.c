/* SPDX-License-Identifier: ISC
 * machine: hosts that speak one or more protocols, without a discoverd. */
#include "simulation.h"
#include "wire/broadcast_message.h"
#include "wire/dns_writer.h"
#include "wire/ssdp_message.h"
#include "wire/wsd_message.h"
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SSDP_PORT = 1900, BROADCAST_PORT = 5005, MDNS_PORT = 5353, WSD_PORT = 3702 };
enum { PAGE_PORT = 8080, OWN_PORT = 50000 };
/* Of SSDP targets. */
enum { THE_ROOT = 1, THE_UUID = 2, THE_TYPES = 4, ALL_TARGETS = 7 };
/* In seconds. */
enum { ANNOUNCE_SSDP = 600, ANNOUNCE_BROADCAST = 60, SEARCH = 120 };
enum { TTL_OF_HOST = 120, TTL_OTHER = 4500 };

#define DEVICE_TYPE "urn:schemas-upnp-org:device:Basic:1"

const char *const PROTOCOL_NAMES[PROTOCOLS] = {
    [BY_SSDP] = "ssdp",
    [BY_BROADCAST] = "broadcast",
    [BY_MDNS] = "mdns",
    [BY_WSD] = "wsd",
    [BY_NEIGHBOUR] = "neighbour",
};

/* An assertion of Check writes to a file each time. */
static void must(bool holds)
{
	if (!holds)
		ck_abort();
}

static struct machine *machine_of(const struct host *host)
{
	return host->context;
}

const char *machine_address(const struct machine *machine, size_t link, char text[ADDRESS_TEXT_MAX])
{
	snprintf(
	    text, ADDRESS_TEXT_MAX, "10.%u.0.%u", machine->network[link], machine->address[link]);
	return text;
}

struct address machine_is_at(const struct machine *machine, size_t link)
{
	return address_ipv4(
	    10, (uint8_t)machine->network[link], 0, (uint8_t)machine->address[link]);
}

bool machine_is_reachable(const struct machine *machine, size_t link)
{
	return machine->on && !machine->host->asleep && machine->network[link] &&
	       host_port_of(machine->host, (uint32_t)(LINK + link));
}

static struct address group_of(enum protocol protocol)
{
	switch (protocol) {
	case BY_BROADCAST:
		return address_ipv4(255, 255, 255, 255);
	case BY_MDNS:
		return address_ipv4(224, 0, 0, 251);
	default:
		return address_ipv4(239, 255, 255, 250);
	}
}

static void send_bytes(
    struct machine *machine, uint16_t from_port, const struct address_port *to, struct slice bytes)
{
	const struct link *link = link_set_find(&machine->host->links, LINK);
	struct address_port from = {.port = from_port};
	struct outbox_send send = {.link = LINK, .to = *to, .bytes = bytes};

	if (!link || !host_port_of(machine->host, LINK))
		return;
	from.address = link->addresses[0].prefix.address;
	world_send(machine->simulation->world, machine->host, &send, &from);
}

static void send_text(struct machine *machine, uint16_t from_port, const struct address_port *to,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
static void send_text(struct machine *machine, uint16_t from_port, const struct address_port *to,
    const char *format, ...)
{
	char text[2048];
	va_list arguments;

	va_start(arguments, format);
	int len = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	must(len < (int)sizeof(text));
	send_bytes(machine, from_port, to, (struct slice){text, (size_t)len});
}

/* SSDP. */

static void say_target(
    struct machine *machine, const struct address_port *to, const char *kind, const char *target)
{
	const char *udn = machine->host->udn;
	bool bare = strcmp(target, udn) == 0, answer = !kind, goodbye = kind && *kind == 'b';
	char numbers[96] = "", more[256] = "", address[ADDRESS_TEXT_MAX];

	if (!machine->old_ssdp)
		snprintf(numbers, sizeof(numbers),
		    "BOOTID.UPNP.ORG: %u\r\nCONFIGID.UPNP.ORG: %u\r\n", machine->boot_id,
		    machine->config_id);
	if (!goodbye)
		snprintf(more, sizeof(more),
		    "CACHE-CONTROL: max-age=1800\r\nLOCATION: http://%s:%u/d.xml\r\n"
		    "SERVER: Linux UPnP/1.1 peer\r\n",
		    machine_address(machine, 0, address), PAGE_PORT);
	send_text(machine, answer ? OWN_PORT : SSDP_PORT, to,
	    "%s\r\n%s: %s\r\n%s%s%sUSN: %s%s%s\r\n%s%s\r\n",
	    answer ? "HTTP/1.1 200 OK" : "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900",
	    answer ? "ST" : "NT", target, answer ? "EXT:" : "NTS: ssdp:", answer ? "" : kind,
	    "\r\n", udn, bare ? "" : "::", bare ? "" : target, more, numbers);
}

/* `kind` NULL: answers. */
static void say_targets(
    struct machine *machine, const struct address_port *to, const char *kind, unsigned what)
{
	char service[64];

	if (what & THE_ROOT)
		say_target(machine, to, kind, "upnp:rootdevice");
	if (what & THE_UUID)
		say_target(machine, to, kind, machine->host->udn);
	if (!(what & THE_TYPES))
		return;
	say_target(machine, to, kind, DEVICE_TYPE);
	for (unsigned i = 0; i < machine->services; i++) {
		snprintf(service, sizeof(service), "urn:schemas-upnp-org:service:S%u:1", i);
		say_target(machine, to, kind, service);
	}
}

static void write_page(struct machine *machine)
{
	struct writer w;

	writer_init(&w, machine->page, sizeof(machine->page) - 1);
	writer_format(&w,
	    "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\" "
	    "configId=\"%u\"><device><deviceType>" DEVICE_TYPE "</deviceType>"
	    "<friendlyName>%s</friendlyName><manufacturer>Maker</manufacturer>"
	    "<modelName>Peer</modelName><serialNumber>%u</serialNumber><UDN>%s</UDN><serviceList>",
	    machine->config_id, machine->name, machine->host->number, machine->host->udn);
	for (unsigned i = 0; i < machine->services; i++)
		writer_format(&w,
		    "<service><serviceType>urn:schemas-upnp-org:service:S%u:1</serviceType>"
		    "<serviceId>urn:upnp-org:serviceId:S%u</serviceId><SCPDURL>/s</SCPDURL>"
		    "<controlURL>/c</controlURL><eventSubURL>/e</eventSubURL></service>",
		    i, i);
	writer_text(&w, "</serviceList></device></root>");
	must(!writer_error(&w));
	machine->page[w.len] = '\0';
}

static const char *page(
    struct host *host, const struct address_port *at, const char *path, int64_t *time)
{
	(void)time;
	if (at->port != PAGE_PORT || strcmp(path, "/d.xml") != 0)
		return "";
	return machine_of(host)->page;
}

/* Multicast DNS. */

struct names {
	struct dns_name type, instance, host, types;
};

static void names_of(const struct machine *machine, struct names *names)
{
	char host[32];

	snprintf(host, sizeof(host), "peer%u.local", machine->host->number);
	must(dns_name_parse(SLICE("_http._tcp.local"), &names->type) == 0);
	must(dns_name_parse(SLICE("_services._dns-sd._udp.local"), &names->types) == 0);
	must(dns_name_parse(slice_of(host), &names->host) == 0);
	dns_name_init(&names->instance);
	must(dns_name_add(&names->instance, slice_of(machine->name)));
	must(dns_name_append(&names->instance, &names->type));
}

/* All records of the machine; `alive` false: that they go. */
static void say_records(struct machine *machine, const struct address_port *to, uint16_t id,
    uint16_t from_port, bool alive)
{
	uint8_t bytes[1400];
	struct dns_writer w;
	struct names names;
	const struct link *link = link_set_find(&machine->host->links, LINK);
	struct dns_record record = {.section = DNS_ANSWER, .class = DNS_IN};

	if (!link)
		return;
	names_of(machine, &names);
	dns_writer_init(&w, bytes, sizeof(bytes), id, DNS_RESPONSE | DNS_AUTHORITATIVE);
	record.name = names.type;
	record.type = DNS_PTR;
	record.ttl = alive ? TTL_OTHER : 0;
	record.target = names.instance;
	must(dns_writer_record(&w, &record));
	record.flag = true;
	record.name = names.instance;
	record.type = DNS_TXT;
	record.rdata = SLICE("\5a=one");
	must(dns_writer_record(&w, &record));
	record.type = DNS_SRV;
	record.ttl = alive ? TTL_OF_HOST : 0;
	record.target = names.host;
	record.port = 80;
	must(dns_writer_record(&w, &record));
	record.name = names.host;
	record.type = DNS_A;
	record.address = link->addresses[0].prefix.address;
	must(dns_writer_record(&w, &record));
	send_bytes(machine, from_port, to, dns_writer_result(&w));
}

static void say_type(struct machine *machine, const struct address_port *to, uint16_t id)
{
	uint8_t bytes[512];
	struct dns_writer w;
	struct names names;

	names_of(machine, &names);
	dns_writer_init(&w, bytes, sizeof(bytes), id, DNS_RESPONSE | DNS_AUTHORITATIVE);
	must(dns_writer_record(&w, &(struct dns_record){.section = DNS_ANSWER,
				       .class = DNS_IN,
				       .type = DNS_PTR,
				       .ttl = TTL_OTHER,
				       .name = names.types,
				       .target = names.type}));
	send_bytes(machine, MDNS_PORT, to, dns_writer_result(&w));
}

/* WS-Discovery. */

static void say_wsd(struct machine *machine, const struct address_port *to, const char *kind)
{
	bool matches = kind[0] == 'P';
	char address[ADDRESS_TEXT_MAX];

	send_text(machine, to->port == WSD_PORT ? WSD_PORT : OWN_PORT, to,
	    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
	    "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
	    "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header>"
	    "<d:AppSequence InstanceId=\"%u\" MessageNumber=\"1\"/></s:Header><s:Body>"
	    "<d:%s>%s<a:EndpointReference><a:Address>urn:%s</a:Address></a:EndpointReference>"
	    "<d:Types>dn:NetworkVideoTransmitter</d:Types>"
	    "<d:Scopes>onvif://www.onvif.org/name/%s</d:Scopes>"
	    "<d:XAddrs>http://%s/onvif</d:XAddrs><d:MetadataVersion>%u</d:MetadataVersion>"
	    "%s</d:%s></s:Body></s:Envelope>",
	    machine->boot_id, kind, matches ? "<d:ProbeMatch>" : "", machine->host->udn,
	    machine->name, machine_address(machine, 0, address), machine->config_id,
	    matches ? "</d:ProbeMatch>" : "", kind);
}

/* All of them. */

static void announce(struct machine *machine, enum protocol protocol)
{
	static const uint16_t PORTS[] = {SSDP_PORT, BROADCAST_PORT, MDNS_PORT, WSD_PORT};
	const struct address_port to = {group_of(protocol), PORTS[protocol]};

	switch (protocol) {
	case BY_SSDP:
		say_targets(machine, &to, "alive", ALL_TARGETS);
		break;
	case BY_BROADCAST:
		send_text(machine, OWN_PORT, &to, "DISCOVER from %s", machine->name);
		break;
	case BY_MDNS:
		say_records(machine, &to, 0, MDNS_PORT, true);
		break;
	default:
		say_wsd(machine, &to, "Hello");
		break;
	}
}

/* Twice, for datagrams get lost. */
void machine_say_goodbye(struct machine *machine, unsigned protocols)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct address group = group_of(BY_SSDP);
		if (protocols & 1u << BY_SSDP)
			say_targets(machine, &(struct address_port){group, SSDP_PORT}, "byebye",
			    ALL_TARGETS);
		if (protocols & 1u << BY_BROADCAST)
			send_text(machine, OWN_PORT,
			    &(struct address_port){group_of(BY_BROADCAST), BROADCAST_PORT},
			    "BYE from %s", machine->name);
		if (protocols & 1u << BY_MDNS)
			say_records(machine, &(struct address_port){group_of(BY_MDNS), MDNS_PORT},
			    0, MDNS_PORT, false);
		if (protocols & 1u << BY_WSD)
			say_wsd(machine, &(struct address_port){group, WSD_PORT}, "Bye");
	}
}

static struct instant round_after(struct machine *machine, enum protocol protocol)
{
	struct simulation *s = machine->simulation;
	bool again = machine->rounds[protocol] < 2;

	if (again)
		return instant_add(s->world->now, SECONDS(1));
	switch (protocol) {
	case BY_SSDP:
		return instant_add(s->world->now, rng_around(&s->rng, SECONDS(ANNOUNCE_SSDP)));
	case BY_BROADCAST:
		return instant_add(s->world->now, SECONDS(ANNOUNCE_BROADCAST));
	default:
		return INSTANT_NEVER;
	}
}

static void settle(struct machine *machine)
{
	struct instant due = machine->searches ? machine->search : INSTANT_NEVER;

	for (size_t i = 0; i < PROTOCOLS; i++)
		if (machine->protocols & 1u << i)
			due = instant_earlier(due, machine->round[i]);
	for (size_t i = 0; i < ANSWERS_MAX; i++)
		due = instant_earlier(due, machine->answers[i].due);
	machine->host->due = due;
}

static void answer(struct machine *machine, const struct pending_answer *answer)
{
	bool plain = answer->to.port != MDNS_PORT;

	switch (answer->protocol) {
	case BY_SSDP:
		say_targets(machine, &answer->to, NULL, answer->what);
		break;
	case BY_BROADCAST:
		send_text(machine, BROADCAST_PORT, &answer->to, "Hello from %s!", machine->name);
		break;
	case BY_MDNS: {
		const struct address_port group = {group_of(BY_MDNS), MDNS_PORT};
		if (answer->what)
			say_type(machine, plain ? &answer->to : &group, answer->id);
		else
			say_records(machine, plain ? &answer->to : &group, plain ? answer->id : 0,
			    MDNS_PORT, true);
		break;
	}
	default:
		say_wsd(machine, &answer->to, "ProbeMatches");
		break;
	}
}

static void advance(struct host *host)
{
	struct machine *machine = machine_of(host);
	struct instant now = host->world->now;

	for (size_t i = 0; i < ANSWERS_MAX; i++) {
		if (!instant_due(machine->answers[i].due, now))
			continue;
		answer(machine, &machine->answers[i]);
		machine->answers[i].due = INSTANT_NEVER;
	}
	for (enum protocol p = 0; p < BY_NEIGHBOUR; p++) {
		if (!(machine->protocols & 1u << p) || !instant_due(machine->round[p], now))
			continue;
		announce(machine, p);
		machine->rounds[p]++;
		machine->round[p] = round_after(machine, p);
	}
	if (machine->searches && instant_due(machine->search, now)) {
		machine->search = instant_add(now, SECONDS(SEARCH));
		send_text(machine, OWN_PORT, &(struct address_port){group_of(BY_SSDP), SSDP_PORT},
		    "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
		    "MAN: \"ssdp:discover\"\r\nMX: 3\r\nST: ssdp:all\r\n\r\n");
	}
	settle(machine);
}

static void answer_later(struct machine *machine, const struct pending_answer *like, int64_t most)
{
	struct simulation *s = machine->simulation;
	size_t i = 0;

	while (i < ANSWERS_MAX && !instant_is_never(machine->answers[i].due))
		i++;
	if (i == ANSWERS_MAX)
		return;
	machine->answers[i] = *like;
	machine->answers[i].due = instant_add(s->world->now, rng_between(&s->rng, 0, most));
	settle(machine);
}

static void hear_search(struct machine *machine, const struct datagram *datagram)
{
	struct ssdp_message message;
	struct pending_answer answer = {.protocol = BY_SSDP, .to = datagram->from};

	if (ssdp_parse(datagram->bytes, &message) < 0 || message.kind != SSDP_SEARCH)
		return;
	if (slice_equal(message.target, SLICE("ssdp:all")))
		answer.what = ALL_TARGETS;
	else if (slice_equal(message.target, SLICE("upnp:rootdevice")))
		answer.what = THE_ROOT;
	else if (slice_equal(message.target, slice_of(machine->host->udn)))
		answer.what = THE_UUID;
	if (answer.what)
		answer_later(machine, &answer,
		    message.mx.present ? SECONDS(message.mx.value % 6) : MILLISECONDS(50));
}

/* 1: for the records, 2: for the type. */
static unsigned asks_for(const struct names *names, const struct dns_record *record)
{
	if (dns_name_equal(&record->name, &names->types))
		return record->type == DNS_PTR ? 2 : 0;
	return dns_name_equal(&record->name, &names->type) ||
	       dns_name_equal(&record->name, &names->instance) ||
	       (dns_name_equal(&record->name, &names->host) && record->type != DNS_AAAA);
}

static void hear_question(struct machine *machine, const struct datagram *datagram)
{
	struct dns_message message;
	struct dns_cursor cursor = {0};
	struct dns_record record;
	struct names names;
	unsigned asked = 0, other = 0;
	bool known = false;

	if (dns_message_parse(datagram->bytes, &message) < 0 || message.flags & DNS_RESPONSE)
		return;
	names_of(machine, &names);
	while (dns_message_next(&message, &cursor, &record)) {
		unsigned what = record.section == DNS_QUESTION ? asks_for(&names, &record) : 0;
		asked |= what;
		other |= what && !dns_name_equal(&record.name, &names.type);
		known |= record.section == DNS_ANSWER && record.type == DNS_PTR &&
			 dns_name_equal(&record.target, &names.instance) &&
			 record.ttl >= TTL_OTHER / 2;
	}
	struct pending_answer answer = {
	    .protocol = BY_MDNS, .to = datagram->from, .id = message.id};
	if (asked & 1 && (!known || other))
		answer_later(machine, &answer, MILLISECONDS(120));
	answer.what = 1;
	if (asked & 2)
		answer_later(machine, &answer, MILLISECONDS(120));
}

static void hear_probe(struct machine *machine, const struct datagram *datagram)
{
	static const char PROBE[] = "Probe>";

	if (memmem(datagram->bytes.bytes, datagram->bytes.len, PROBE, sizeof(PROBE) - 1))
		answer_later(machine,
		    &(struct pending_answer){.protocol = BY_WSD, .to = datagram->from},
		    MILLISECONDS(500));
}

static void receive(struct host *host, const struct datagram *datagram, uint16_t port)
{
	struct machine *machine = machine_of(host);
	const struct link *link = link_set_find(&host->links, LINK);
	unsigned protocols = machine->protocols;

	if (link && address_equal(&datagram->from.address, &link->addresses[0].prefix.address))
		return;
	if (port == SSDP_PORT && protocols & 1u << BY_SSDP)
		hear_search(machine, datagram);
	else if (port == MDNS_PORT && protocols & 1u << BY_MDNS)
		hear_question(machine, datagram);
	else if (port == WSD_PORT && protocols & 1u << BY_WSD)
		hear_probe(machine, datagram);
	else if (port == BROADCAST_PORT && protocols & 1u << BY_BROADCAST &&
		 slice_starts_with(datagram->bytes, SLICE("DISCOVER")))
		answer_later(machine,
		    &(struct pending_answer){.protocol = BY_BROADCAST, .to = datagram->from},
		    MILLISECONDS(5));
}

static const struct host_program PROGRAM = {receive, advance, page};

void machine_announce(struct machine *machine, unsigned protocols)
{
	struct simulation *s = machine->simulation;

	for (size_t i = 0; i < PROTOCOLS; i++) {
		if (!(protocols & 1u << i))
			continue;
		machine->rounds[i] = 0;
		machine->round[i] =
		    instant_add(s->world->now, rng_between(&s->rng, 0, MILLISECONDS(100)));
	}
	write_page(machine);
	settle(machine);
}

void machine_start(struct machine *machine)
{
	struct simulation *s = machine->simulation;

	machine->on = true;
	if (machine->is_discoverd) {
		host_start(machine->host);
		return;
	}
	machine->boot_id++;
	machine->host->program = &PROGRAM;
	machine->search = instant_add(s->world->now, SECONDS(1));
	for (size_t i = 0; i < ANSWERS_MAX; i++)
		machine->answers[i].due = INSTANT_NEVER;
	machine_announce(machine, machine->protocols);
}

void machine_die(struct machine *machine)
{
	machine->on = false;
	if (machine->is_discoverd)
		host_die(machine->host);
	machine->host->program = NULL;
	machine->host->due = INSTANT_NEVER;
}

void machine_rename(struct machine *machine)
{
	machine->revision++;
	machine->config_id++;
	machine->services = (unsigned)rng_below(&machine->simulation->rng, 4);
	snprintf(machine->name, sizeof(machine->name), "Peer-%u-%u", machine->host->number,
	    machine->revision);
}

void machine_init(struct simulation *s, size_t index, struct machine *machine)
{
	machine->simulation = s;
	machine->is_discoverd = index < DISCOVERDS;
	machine->host = world_add_host(s->world);
	machine->host->context = machine;
	machine->host->due = INSTANT_NEVER;
	machine->boot_id = 1000;
	if (machine->is_discoverd) {
		machine->protocols = 1u << BY_SSDP | 1u << BY_BROADCAST | 1u << BY_MDNS;
		snprintf(machine->name, sizeof(machine->name), "Host %u", machine->host->number);
		return;
	}
	/* Each protocol is spoken by some machines alone, and by others beside one. */
	machine->protocols = 1u << index % BY_NEIGHBOUR;
	if (index % 2)
		machine->protocols |= 1u << rng_below(&s->rng, BY_NEIGHBOUR);
	machine->old_ssdp = rng_below(&s->rng, 4) == 0;
	machine->searches = rng_below(&s->rng, 4) == 0;
	machine_rename(machine);
}

/* SPDX-License-Identifier: ISC
 * Tests that every packet in tests/golden/packets is read as the text beside it says. */
#include "base/array.h"
#include "base/text.h"
#include "error_name.h"
#include "suites.h"
#include "wire/beacon.h"
#include "wire/broadcast_message.h"
#include "wire/dns_txt.h"
#include "wire/dns_writer.h"
#include "wire/ssdp_message.h"
#include "wire/url.h"
#include "wire/usn.h"
#include "wire/wsd_message.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NAME.packet is what was sent; ssdp-, broadcast-, dns- or beacon-VENDOR at its head says where.
 * NAME.expect has one line "# " where such a packet is seen, then what this file prints of it. A
 * new quirk needs no more than two new files. */
#define PACKETS GOLDEN "/packets"

enum { FILE_MAX = 16384 };

/* What was read of a packet, and the same written by us. */
struct reading {
	struct writer printed, rewritten;
	char text[FILE_MAX], bytes[FILE_MAX];
};

static void print_text(struct writer *w, const char *name, struct slice value)
{
	if (!value.bytes)
		return;
	writer_format(w, "%s:%s", name, value.len > 0 ? " " : "");
	text_escape(value, w);
	writer_char(w, '\n');
}

static void print_number(struct writer *w, const char *name, struct ssdp_number number)
{
	if (number.present)
		writer_format(w, "%s: %lu\n", name, (unsigned long)number.value);
}

/* What the engine will make of the USN. */
static void print_usn(struct writer *w, struct slice text)
{
	struct usn usn = usn_split(text);

	print_text(w, "usn", text);
	print_text(w, "usn udn", usn.udn);
	print_text(w, "usn uuid", usn.uuid);
	print_text(w, "usn target", usn.target);
}

/* What a fetch would make of the LOCATION. */
static void print_location(struct writer *w, struct slice text)
{
	char repaired[URL_MAX];
	struct writer room;
	struct url url;

	if (!text.bytes)
		return;
	print_text(w, "location", text);
	writer_init(&room, repaired, sizeof(repaired));
	int error = url_parse(url_repair(text, &room), &url);
	if (error) {
		writer_format(w, "location error: %s\n", error_name(error));
		return;
	}
	print_text(w, "location host", url.host);
	print_text(w, "location zone", url.zone);
	writer_format(w, "location port: %u\n", (unsigned)url.port);
	print_text(w, "location path", url.path);
}

static void print_ssdp(struct writer *w, const struct ssdp_message *m)
{
	static const char *const KINDS[] = {"alive", "update", "byebye", "search", "response"};

	writer_format(w, "kind: %s\n", KINDS[m->kind]);
	print_text(w, "host", m->host);
	print_text(w, "target", m->target);
	print_usn(w, m->usn);
	print_location(w, m->location);
	print_text(w, "server", m->server);
	print_text(w, "date", m->date);
	print_text(w, "instance", m->instance);
	print_text(w, "friendly name", m->friendly_name);
	print_text(w, "control point", m->control_point);
	print_text(w, "opt", m->opt);
	print_text(w, "nls", m->nls);
	if (m->kind == SSDP_ALIVE || m->kind == SSDP_RESPONSE)
		print_number(w, "max-age", (struct ssdp_number){true, m->max_age});
	print_number(w, "mx", m->mx);
	print_number(w, "boot id", m->boot_id);
	print_number(w, "next boot id", m->next_boot_id);
	print_number(w, "config id", m->config_id);
	print_number(w, "search port", m->search_port);
	print_number(w, "surplus", (struct ssdp_number){m->surplus > 0, m->surplus});
	if (m->kind == SSDP_SEARCH)
		writer_format(w, "man: %s\n", m->man_discover ? "discover" : "no");
}

static void print_broadcast(struct writer *w, const struct broadcast_message *m)
{
	static const char *const KINDS[] = {"ask", "answer", "bye"};

	writer_format(w, "kind: %s%s\n", m->extended ? "extended " : "", KINDS[m->kind]);
	print_text(w, "name", m->name);
	print_usn(w, m->usn);
	print_text(w, "type", m->type);
	print_location(w, m->location);
	print_text(w, "server", m->server);
	print_text(w, "instance", m->instance);
	print_number(w, "max-age", (struct ssdp_number){m->max_age > 0, m->max_age});
	print_number(w, "boot id", (struct ssdp_number){m->has_boot_id, m->boot_id});
	print_number(w, "pad", (struct ssdp_number){m->pad > 0, (uint32_t)m->pad});
	print_number(w, "surplus", (struct ssdp_number){m->surplus > 0, m->surplus});
}

static int read_ssdp(struct slice packet, struct reading *reading)
{
	struct ssdp_message message;
	int error = ssdp_parse(packet, &message);

	if (error)
		return error;
	print_ssdp(&reading->printed, &message);
	ssdp_format(&message, &reading->rewritten);
	return 0;
}

static int read_broadcast(struct slice packet, struct reading *reading)
{
	struct broadcast_message message;
	int error = broadcast_parse(packet, &message);

	if (error)
		return error;
	print_broadcast(&reading->printed, &message);
	broadcast_format(&message, &reading->rewritten);
	return 0;
}

static void print_match(struct writer *w, const struct wsd_match *match)
{
	print_text(w, "address", match->address);
	print_text(w, "types", match->types);
	print_text(w, "scopes", match->scopes);
	print_text(w, "xaddrs", match->xaddrs);
	print_number(w, "version", (struct ssdp_number){match->has_version, match->version});
}

static int read_wsd(struct slice packet, struct reading *reading)
{
	static const char *const KINDS[] = {
	    "hello", "bye", "probe", "probe matches", "resolve", "resolve matches"};
	static struct wsd_message m;
	struct writer *w = &reading->printed;
	int error = wsd_parse(packet, &m);

	if (error)
		return error;
	writer_format(
	    w, "kind: %s\ndialect: %s\n", KINDS[m.kind], m.dialect == WSD_2005 ? "2005/04" : "1.1");
	print_text(w, "message id", m.message_id);
	print_text(w, "relates to", m.relates_to);
	print_number(w, "instance", (struct ssdp_number){m.has_instance, m.instance});
	print_number(w, "surplus", (struct ssdp_number){m.surplus > 0, (uint32_t)m.surplus});
	for (size_t i = 0; i < m.match_count; i++)
		print_match(w, &m.matches[i]);
	return 0;
}

static int print_beacon(struct writer *w, beacon_read_fn *read, struct slice packet)
{
	static const char *const KINDS[] = {"here", "gone", "question"};
	struct beacon b;
	int error = read(packet, &b);

	if (error)
		return error;
	writer_format(w, "kind: %s\n", KINDS[b.kind]);
	print_text(w, "id", b.id);
	print_text(w, "name", b.name);
	print_text(w, "type", b.type);
	print_text(w, "model", b.model);
	print_text(w, "version", b.version);
	print_text(w, "service", b.service_type);
	print_number(w, "port", (struct ssdp_number){b.service_port > 0, b.service_port});
	print_number(w, "surplus", (struct ssdp_number){b.surplus > 0, b.surplus});
	return 0;
}

#define BEACON(vendor)                                                                             \
	static int read_##vendor(struct slice packet, struct reading *reading)                     \
	{                                                                                          \
		return print_beacon(&reading->printed, beacon_read_##vendor, packet);              \
	}
BEACON(yeelight)
BEACON(tuya)
BEACON(kasa)
BEACON(tplink)
BEACON(wiz)
BEACON(plex)
BEACON(lifx)

static void print_name(struct writer *w, const struct dns_name *name)
{
	char text[DNS_NAME_TEXT_MAX];
	struct writer room;

	writer_init(&room, text, sizeof(text));
	dns_name_format(name, &room);
	text_escape(writer_result(&room), w);
}

static void print_address(struct writer *w, const struct dns_record *record)
{
	address_format(&record->address, w);
}

static void print_target(struct writer *w, const struct dns_record *record)
{
	print_name(w, &record->target);
}

static void print_srv(struct writer *w, const struct dns_record *record)
{
	print_name(w, &record->target);
	writer_format(
	    w, " port %u priority %u weight %u", record->port, record->priority, record->weight);
}

static void print_pairs(struct writer *w, const struct dns_record *record)
{
	struct dns_txt_cursor cursor;
	struct dns_txt_pair pair;
	const char *before = "";

	dns_txt_cursor_init(&cursor, record->rdata);
	for (; dns_txt_next(&cursor, &pair); before = ", ") {
		writer_text(w, before);
		text_escape(pair.key, w);
		writer_text(w, pair.value.bytes ? "=" : "");
		text_escape(pair.value, w);
	}
	writer_text(w, cursor.cut ? " …" : "");
}

static void print_types(struct writer *w, const struct dns_record *record)
{
	print_name(w, &record->target);
	for (unsigned type = 0; type <= UINT16_MAX; type++)
		if (dns_types_have(record->types, (uint16_t)type))
			writer_format(w, " %u", type);
}

static const struct {
	enum dns_type type;
	const char *name;
	void (*print)(struct writer *w, const struct dns_record *record);
} TYPES[] = {
    {DNS_A, "A", print_address},
    {DNS_AAAA, "AAAA", print_address},
    {DNS_ANY, "ANY", NULL},
    {DNS_NSEC, "NSEC", print_types},
    {DNS_PTR, "PTR", print_target},
    {DNS_SRV, "SRV", print_srv},
    {DNS_TXT, "TXT", print_pairs},
};

static void print_record(struct writer *w, const struct dns_record *record)
{
	static const char *const SECTIONS[] = {"question", "answer", "authority", "additional"};
	bool question = record->section == DNS_QUESTION;
	size_t type = 0;

	while (type < COUNT_OF(TYPES) && TYPES[type].type != record->type)
		type++;
	writer_format(w, "%s: ", SECTIONS[record->section]);
	print_name(w, &record->name);
	if (type < COUNT_OF(TYPES))
		writer_format(w, " %s", TYPES[type].name);
	else
		writer_format(w, " TYPE%u", record->type);
	if (record->class != DNS_IN)
		writer_format(w, " CLASS%u", record->class);
	writer_text(w, !record->flag ? "" : question ? " unicast" : " flush");
	if (!question) {
		writer_format(w, " ttl %lu: ", (unsigned long)record->ttl);
		if (type < COUNT_OF(TYPES) && TYPES[type].print)
			TYPES[type].print(w, record);
		else
			writer_format(w, "%zu bytes", record->rdata.len);
	}
	writer_char(w, '\n');
}

static int read_dns(struct slice packet, struct reading *reading)
{
	struct dns_message message;
	struct dns_cursor cursor = {0};
	struct dns_record record;
	struct dns_writer w;
	int error = dns_message_parse(packet, &message);

	if (error)
		return error;
	writer_format(&reading->printed, "id: %u\nflags: %04x\n", message.id, message.flags);
	dns_writer_init(&w, reading->bytes, sizeof(reading->bytes), message.id, message.flags);
	while (dns_message_next(&message, &cursor, &record)) {
		print_record(&reading->printed, &record);
		ck_assert(record.section == DNS_QUESTION
			      ? dns_writer_question(
				    &w, &record.name, record.type, record.class, record.flag)
			      : dns_writer_record(&w, &record));
	}
	if (cursor.malformed > 0)
		writer_format(&reading->printed, "malformed: %u\n", cursor.malformed);
	writer_text(&reading->printed, cursor.cut ? "cut\n" : "");
	reading->rewritten.len = dns_writer_result(&w).len;
	return 0;
}

static const struct {
	const char *prefix;
	int (*read)(struct slice packet, struct reading *reading);
} PROTOCOLS[] = {
    {"ssdp-", read_ssdp},
    {"broadcast-", read_broadcast},
    {"wsd-", read_wsd},
    {"beacon-yeelight", read_yeelight},
    {"beacon-tuya", read_tuya},
    {"beacon-kasa", read_kasa},
    {"beacon-tplink", read_tplink},
    {"beacon-wiz", read_wiz},
    {"beacon-plex", read_plex},
    {"beacon-lifx", read_lifx},
    {"dns-", read_dns},
};

static void read_packet(const char *name, struct slice packet, struct reading *reading)
{
	int error = 0;

	writer_init(&reading->printed, reading->text, sizeof(reading->text));
	writer_init(&reading->rewritten, reading->bytes, sizeof(reading->bytes));
	for (size_t i = 0; i < COUNT_OF(PROTOCOLS); i++)
		if (slice_starts_with(slice_of(name), slice_of(PROTOCOLS[i].prefix)))
			error = PROTOCOLS[i].read(packet, reading);
	if (error)
		writer_format(&reading->printed, "error: %s\n", error_name(error));
	ck_assert_int_eq(writer_error(&reading->printed), 0);
	ck_assert_int_eq(writer_error(&reading->rewritten), 0);
}

static struct slice load(const char *name, const char *ending, char buffer[FILE_MAX])
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.%s", PACKETS, name, ending);
	FILE *file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s cannot be read", path);
	size_t len = fread(buffer, 1, FILE_MAX, file);
	fclose(file);
	return (struct slice){buffer, len};
}

static bool same(const char *name, const char *what, struct slice found, struct slice expected)
{
	if (slice_equal(found, expected))
		return true;
	fprintf(stderr, "%s: %s\n%.*s-- expected --\n%.*s", name, what, SLICE_ARGS(found),
	    SLICE_ARGS(expected));
	return false;
}

static bool check_packet(const char *name)
{
	char packet[FILE_MAX], text[FILE_MAX];
	struct slice expected = load(name, "expect", text), comment;
	struct reading first, second;

	ck_assert_msg(
	    slice_cut(&expected, '\n', &comment) && slice_starts_with(comment, SLICE("# ")),
	    "%s.expect does not begin with where such a packet is seen", name);
	read_packet(name, load(name, "packet", packet), &first);
	if (!same(name, "read as", writer_result(&first.printed), expected))
		return false;
	if (first.rewritten.len == 0)
		return true;
	read_packet(name, writer_result(&first.rewritten), &second);
	return same(name, "written the second time as", writer_result(&second.rewritten),
	    writer_result(&first.rewritten));
}

START_TEST(every_packet_is_read_as_the_text_beside_it_says)
{
	DIR *dir = opendir(PACKETS);
	unsigned checked = 0, wrong = 0;

	ck_assert_msg(dir != NULL, "%s cannot be opened", PACKETS);
	for (struct dirent *entry; (entry = readdir(dir));) {
		struct slice name = slice_of(entry->d_name);
		if (!slice_ends_with(name, SLICE(".packet")))
			continue;
		char *stem = slice_dup(slice_head(name, name.len - strlen(".packet")));
		checked++;
		wrong += !check_packet(stem);
		free(stem);
	}
	closedir(dir);
	ck_assert_uint_ge(checked, 40);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

Suite *golden_packets_suite(void)
{
	Suite *suite = suite_create("wire/golden_packets");
	TCase *tcase = tcase_create("golden_packets");
	tcase_add_test(tcase, every_packet_is_read_as_the_text_beside_it_says);
	suite_add_tcase(suite, tcase);
	return suite;
}

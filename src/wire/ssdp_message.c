/* SPDX-License-Identifier: ISC
 * ssdp_message: the start lines and headers of SSDP (UDA 2.0, 1.2 and 1.3), in one table. */
#include "wire/ssdp_message.h"
#include "base/array.h"
#include "wire/header_field.h"
#include <errno.h>

static void read_number(struct slice value, void *member)
{
	struct ssdp_number *number = member;
	uint64_t n;

	number->present = slice_to_u64(value, UINT32_MAX, &n) == 0;
	number->value = number->present ? (uint32_t)n : 0;
}

/* An MX of any size means "five seconds" to who obeys it (UDA 2.0 1.3.2), so a huge one counts. */
static void read_mx(struct slice value, void *member)
{
	struct ssdp_number *number = member;
	uint64_t n = UINT32_MAX;
	int error = slice_to_u64(value, UINT32_MAX, &n);

	number->present = error == 0 || error == -ERANGE;
	number->value = number->present ? (uint32_t)n : 0;
}

static void read_port(struct slice value, void *member)
{
	struct ssdp_number *number = member;

	read_number(value, number);
	if (number->value < 1 || number->value > UINT16_MAX)
		*number = (struct ssdp_number){0};
}

static void write_number(struct slice name, const void *member, struct writer *w)
{
	const struct ssdp_number *number = member;

	if (number->present) {
		writer_slice(w, name);
		writer_text(w, ": ");
		writer_u64(w, number->value);
		writer_text(w, "\r\n");
	}
}

static void read_max_age(struct slice value, void *member)
{
	cache_control_max_age(value, member); /* a broken one leaves the default */
}

static void write_max_age(struct slice name, const void *member, struct writer *w)
{
	const uint32_t *seconds = member;

	writer_slice(w, name);
	writer_text(w, ": max-age=");
	writer_u64(w, *seconds);
	writer_text(w, "\r\n");
}

static void read_man(struct slice value, void *member)
{
	*(bool *)member = slice_equal_nocase(value, SLICE("\"ssdp:discover\"")) ||
			  slice_equal_nocase(value, SLICE("ssdp:discover"));
}

static void write_man(struct slice name, const void *member, struct writer *w)
{
	(void)member;
	header_write(w, name, SLICE("\"ssdp:discover\""));
}

/* EXT says that MAN was understood; it stays empty (UDA 2.0 1.3.3). */
static void write_ext(struct slice name, const void *member, struct writer *w)
{
	(void)member;
	header_write(w, name, SLICE(""));
}

static const struct slice NTS_WORDS[] = {
    [SSDP_ALIVE] = SLICE("ssdp:alive"),
    [SSDP_UPDATE] = SLICE("ssdp:update"),
    [SSDP_BYEBYE] = SLICE("ssdp:byebye"),
};
enum { NTS_COUNT = COUNT_OF(NTS_WORDS) };

static void write_nts(struct slice name, const void *member, struct writer *w)
{
	header_write(w, name, NTS_WORDS[*(const enum ssdp_kind *)member]);
}

#define ALIVE    HEADER_KIND(SSDP_ALIVE)
#define UPDATE   HEADER_KIND(SSDP_UPDATE)
#define BYEBYE   HEADER_KIND(SSDP_BYEBYE)
#define NOTIFY   (ALIVE | UPDATE | BYEBYE)
#define SEARCH   HEADER_KIND(SSDP_SEARCH)
#define RESPONSE HEADER_KIND(SSDP_RESPONSE)

#define MEMBER(name) offsetof(struct ssdp_message, name)
#define TEXT(name)   MEMBER(name), header_field_read_text, header_field_write_text
#define NUMBER(name) MEMBER(name), read_number, write_number

/* One order serves UDA's five examples (2.0: 1.2.2, 1.2.3, 1.2.4, 1.3.2, 1.3.3). OPT and 01-NLS are
 * what stacks before UDA 1.1 announce a new start with. */
static const struct header_field FIELDS[] = {
    {SLICE("HOST"), NOTIFY | SEARCH, TEXT(host)},
    {SLICE("CACHE-CONTROL"), ALIVE | RESPONSE, MEMBER(max_age), read_max_age, write_max_age},
    {SLICE("DATE"), RESPONSE, TEXT(date)},
    {SLICE("EXT"), RESPONSE, 0, NULL, write_ext},
    {SLICE("LOCATION"), ALIVE | UPDATE | RESPONSE, TEXT(location)},
    {SLICE("OPT"), ALIVE | RESPONSE, TEXT(opt)},
    {SLICE("01-NLS"), ALIVE | RESPONSE, TEXT(nls)},
    {SLICE("MAN"), SEARCH, MEMBER(man_discover), read_man, write_man},
    {SLICE("MX"), SEARCH, MEMBER(mx), read_mx, write_number},
    {SLICE("NT"), NOTIFY, TEXT(target)},
    {SLICE("NTS"), NOTIFY, MEMBER(kind), NULL, write_nts},
    {SLICE("SERVER"), ALIVE | RESPONSE, TEXT(server)},
    {SLICE("ST"), SEARCH | RESPONSE, TEXT(target)},
    {SLICE("USER-AGENT"), SEARCH, TEXT(server)},
    {SLICE("CPFN.UPNP.ORG"), SEARCH, TEXT(friendly_name)},
    {SLICE("CPUUID.UPNP.ORG"), SEARCH, TEXT(control_point)},
    {SLICE("USN"), NOTIFY | RESPONSE, TEXT(usn)},
    {SLICE("BOOTID.UPNP.ORG"), NOTIFY | RESPONSE, NUMBER(boot_id)},
    {SLICE("CONFIGID.UPNP.ORG"), NOTIFY | RESPONSE, NUMBER(config_id)},
    {SLICE("NEXTBOOTID.UPNP.ORG"), UPDATE, NUMBER(next_boot_id)},
    {SLICE("SEARCHPORT.UPNP.ORG"), ALIVE | UPDATE | RESPONSE, MEMBER(search_port), read_port,
	write_number},
    {SLICE("INSTANCE.DISCOVERD.IO"), NOTIFY | SEARCH | RESPONSE, TEXT(instance)},
};
enum { FIELD_COUNT = COUNT_OF(FIELDS) };
_Static_assert(FIELD_COUNT <= 32, "header_fields_read keeps a bit per row");

/* The next word of a start line; empty at its end. */
static struct slice next_word(struct slice *line)
{
	struct slice word;

	*line = slice_trim(*line);
	return slice_cut(line, ' ', &word) ? word : SLICE_NONE;
}

static bool is_http_1(struct slice version)
{
	return slice_starts_with_nocase(version, SLICE("HTTP/1."));
}

/* NTS says which NOTIFY it is, and may stand anywhere. */
static int notify_kind(struct slice block, enum ssdp_kind *kind)
{
	struct slice nts;
	int error = header_find(block, SLICE("NTS"), &nts);

	if (error)
		return error;
	for (unsigned i = 0; i < NTS_COUNT; i++) {
		if (slice_equal_nocase(nts, NTS_WORDS[i])) {
			*kind = (enum ssdp_kind)i;
			return 0;
		}
	}
	return -EBADMSG;
}

/* "NOTIFY * HTTP/1.1", "M-SEARCH * HTTP/1.1", "HTTP/1.1 200 OK" (UDA 2.0 1.1.1). */
static int parse_kind(struct slice line, struct slice block, enum ssdp_kind *kind)
{
	struct slice first = next_word(&line), second = next_word(&line), third = next_word(&line);
	bool notify = slice_equal_nocase(first, SLICE("NOTIFY"));

	if (slice_starts_with_nocase(first, SLICE("HTTP/"))) {
		*kind = SSDP_RESPONSE;
		return is_http_1(first) && slice_equal(second, SLICE("200")) ? 0 : -EBADMSG;
	}
	if (!notify && !slice_equal_nocase(first, SLICE("M-SEARCH")))
		return -ENOMSG;
	if (!slice_equal(second, SLICE("*")) || !is_http_1(third))
		return -EBADMSG;
	*kind = SSDP_SEARCH;
	return notify ? notify_kind(block, kind) : 0;
}

static int check(const struct ssdp_message *message)
{
	bool notify = HEADER_KIND(message->kind) & NOTIFY;

	if (message->target.len == 0 || (notify && message->usn.len == 0))
		return -EBADMSG;
	if (message->target.len > SSDP_TARGET_MAX || message->usn.len > SSDP_TARGET_MAX)
		return -EMSGSIZE;
	return 0;
}

int ssdp_parse(struct slice datagram, struct ssdp_message *message)
{
	struct slice line, rest = header_without_final_nuls(datagram);

	*message = (struct ssdp_message){.max_age = SSDP_MAX_AGE_DEFAULT};
	if (datagram.len > SSDP_DATAGRAM_MAX)
		return -EMSGSIZE;
	if (!header_line(&rest, &line))
		return -ENOMSG;
	if (line.len > HEADER_LINE_MAX)
		return -EMSGSIZE;
	int error = parse_kind(line, rest, &message->kind);
	if (!error)
		error = header_fields_read(FIELDS, FIELD_COUNT, message->kind, rest, message);
	return error ? error : check(message);
}

void ssdp_format(const struct ssdp_message *message, struct writer *w)
{
	static const char *const START_LINES[] = {
	    [SSDP_ALIVE] = "NOTIFY * HTTP/1.1\r\n",
	    [SSDP_UPDATE] = "NOTIFY * HTTP/1.1\r\n",
	    [SSDP_BYEBYE] = "NOTIFY * HTTP/1.1\r\n",
	    [SSDP_SEARCH] = "M-SEARCH * HTTP/1.1\r\n",
	    [SSDP_RESPONSE] = "HTTP/1.1 200 OK\r\n",
	};

	writer_text(w, START_LINES[message->kind]);
	header_fields_write(FIELDS, FIELD_COUNT, message->kind, message, w);
}

/* SPDX-License-Identifier: ISC
 * ssdp_message: the start lines and headers of SSDP (UDA 2.0, 1.2 and 1.3), in one table. */
#include "wire/ssdp_message.h"
#include "base/array.h"
#include "base/ascii.h"
#include "wire/header_field.h"
#include "wire/usn.h"
#include <errno.h>

static void read_number(struct slice value, void *member)
{
	struct ssdp_number *number = member;
	uint64_t n;

	number->present = slice_to_u64(value, UINT32_MAX, &n) == 0;
	number->value = number->present ? (uint32_t)n : 0;
}

/* An MX over 5 means 5 seconds (UDA 2.0 1.3.2), so a huge one is no error. */
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
    {SLICE("NTS"), NOTIFY | HEADER_OTHER, TEXT(nts)},
    {SLICE("SERVER"), ALIVE | RESPONSE | HEADER_CUT, TEXT(server)},
    {SLICE("ST"), SEARCH | RESPONSE, TEXT(target)},
    {SLICE("USER-AGENT"), SEARCH | HEADER_CUT, TEXT(server)},
    {SLICE("CPFN.UPNP.ORG"), SEARCH | HEADER_CUT, TEXT(friendly_name)},
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
	struct slice rest = slice_trim(*line);
	size_t len = 0;

	while (len < rest.len && !ascii_is_blank(rest.bytes[len]))
		len++;
	*line = slice_skip(rest, len);
	return slice_head(rest, len);
}

static bool is_http_1(struct slice version)
{
	return slice_starts_with_nocase(version, SLICE("HTTP/1."));
}

/* "200", also with its reason stuck to it. */
static bool is_status_200(struct slice word)
{
	return slice_starts_with(word, SLICE("200")) &&
	       (word.len == 3 || !ascii_is_digit(word.bytes[3]));
}

static bool contains_nocase(struct slice text, struct slice word)
{
	for (; text.len >= word.len; text = slice_skip(text, 1))
		if (slice_starts_with_nocase(text, word))
			return true;
	return false;
}

/* NTS says which NOTIFY it is, and may stand anywhere. Some senders quote it, let something follow,
 * or send the name of their constant: one of the three words in it counts, a goodbye before the
 * others. *odd: none is in it, or it is missing. */
static int notify_kind(struct slice nts, enum ssdp_kind *kind, bool *odd)
{
	static const struct {
		struct slice word;
		enum ssdp_kind kind;
	} WORDS[] = {
	    {SLICE("byebye"), SSDP_BYEBYE},
	    {SLICE("update"), SSDP_UPDATE},
	    {SLICE("alive"), SSDP_ALIVE},
	};

	for (unsigned i = 0; i < NTS_COUNT; i++) {
		if (slice_equal_nocase(nts, NTS_WORDS[i])) {
			*kind = (enum ssdp_kind)i;
			return 0;
		}
	}
	for (unsigned i = 0; i < COUNT_OF(WORDS); i++) {
		if (contains_nocase(nts, WORDS[i].word)) {
			*kind = WORDS[i].kind;
			return 0;
		}
	}
	*kind = SSDP_ALIVE;
	*odd = true;
	/* Events are sent as NOTIFY too (UDA 2.0, 4.3.3). */
	return contains_nocase(nts, SLICE("propchange")) ? -EBADMSG : 0;
}

/* UDA 2.0 1.1.1. */
static const struct slice START_LINES[] = {
    [SSDP_ALIVE] = SLICE("NOTIFY * HTTP/1.1"),
    [SSDP_UPDATE] = SLICE("NOTIFY * HTTP/1.1"),
    [SSDP_BYEBYE] = SLICE("NOTIFY * HTTP/1.1"),
    [SSDP_SEARCH] = SLICE("M-SEARCH * HTTP/1.1"),
    [SSDP_RESPONSE] = SLICE("HTTP/1.1 200 OK"),
};

/* Of a NOTIFY the kind is SSDP_ALIVE until its NTS is read. A start line that is as UDA has it
 * needs not be taken apart. */
static int parse_kind(struct slice line, enum ssdp_kind *kind)
{
	*kind = slice_equal(line, START_LINES[SSDP_ALIVE]) ? SSDP_ALIVE : SSDP_SEARCH;
	if (*kind == SSDP_ALIVE || slice_equal(line, START_LINES[SSDP_SEARCH]))
		return 0;
	struct slice first = next_word(&line), second = next_word(&line), third = next_word(&line);
	bool notify = slice_equal_nocase(first, SLICE("NOTIFY"));

	if (slice_starts_with_nocase(first, SLICE("HTTP/"))) {
		*kind = SSDP_RESPONSE;
		return is_http_1(first) && is_status_200(second) ? 0 : -EBADMSG;
	}
	if (!notify && !slice_equal_nocase(first, SLICE("M-SEARCH")))
		return -ENOMSG;
	if (!slice_equal(second, SLICE("*")) || !is_http_1(third))
		return -EBADMSG;
	*kind = notify ? SSDP_ALIVE : SSDP_SEARCH;
	return 0;
}

static int read_fields(struct slice block, enum ssdp_kind kind, struct ssdp_message *message)
{
	*message = (struct ssdp_message){.kind = kind, .max_age = SSDP_MAX_AGE_DEFAULT};
	return header_fields_read(FIELDS, FIELD_COUNT, kind, block, message, &message->surplus);
}

/* Nearly every NOTIFY is an ssdp:alive, so it is read as one; of another it is read again what
 * belongs to its kind. */
static int read_notify(struct slice block, struct ssdp_message *message, bool *odd_nts)
{
	enum ssdp_kind kind;
	int error = read_fields(block, SSDP_ALIVE, message);

	if (!error)
		error = notify_kind(message->nts, &kind, odd_nts);
	return error || kind == SSDP_ALIVE ? error : read_fields(block, kind, message);
}

static void leave_out_over(struct slice *value, size_t max, unsigned *surplus)
{
	if (value->len > max) {
		*value = SLICE_NONE;
		++*surplus;
	}
}

/* What a USN says besides the uuid; of a bare uuid that itself. */
static struct slice target_of_usn(struct slice text)
{
	struct usn usn = usn_split(text);

	return header_trim(usn.target.len > 0 ? usn.target : usn.udn);
}

/* Whether what the kind needs is there, after what is too long to be used was left out. */
static int check(struct ssdp_message *message, bool odd_nts)
{
	bool notify = HEADER_KIND(message->kind) & NOTIFY;
	unsigned before = message->surplus;

	leave_out_over(&message->target, SSDP_TARGET_MAX, &message->surplus);
	leave_out_over(&message->usn, SSDP_TARGET_MAX, &message->surplus);
	/* A missing NT or ST is taken from the USN where there is a LOCATION. */
	if (message->target.len == 0 && message->location.len > 0)
		message->target = target_of_usn(message->usn);
	if (message->target.len > 0 && !(notify && message->usn.len == 0) &&
	    !(odd_nts && message->location.len == 0))
		return 0;
	return message->surplus > before ? -EMSGSIZE : -EBADMSG;
}

/* The first line that is not blank. */
static bool start_line(struct slice *rest, struct slice *line)
{
	while (header_line(rest, line)) {
		*line = header_trim(*line);
		if (line->len > 0)
			return true;
	}
	return false;
}

int ssdp_parse(struct slice datagram, struct ssdp_message *message)
{
	struct slice line, rest = header_without_final_nuls(datagram);
	enum ssdp_kind kind;
	bool odd_nts = false;

	*message = (struct ssdp_message){0};
	if (datagram.len > SSDP_RECEIVED_MAX)
		return -EMSGSIZE;
	if (!start_line(&rest, &line))
		return -ENOMSG;
	int error = parse_kind(line, &kind);
	if (!error)
		error = kind == SSDP_ALIVE ? read_notify(rest, message, &odd_nts)
					   : read_fields(rest, kind, message);
	return error ? error : check(message, odd_nts);
}

void ssdp_format(const struct ssdp_message *message, struct writer *w)
{
	struct ssdp_message written = *message;

	if (HEADER_KIND(message->kind) & NOTIFY)
		written.nts = NTS_WORDS[message->kind];
	writer_slice(w, START_LINES[message->kind]);
	writer_text(w, "\r\n");
	header_fields_write(FIELDS, FIELD_COUNT, message->kind, &written, w);
}

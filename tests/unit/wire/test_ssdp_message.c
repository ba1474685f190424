/* SPDX-License-Identifier: ISC
 * Tests of wire/ssdp_message: what is written, and the limits; what real senders write is in
 * tests/golden. */
#include "base/array.h"
#include "expect.h"
#include "suites.h"
#include "wire/header_block.h"
#include "wire/ssdp_message.h"
#include <errno.h>
#include <string.h>

#define USN "uuid:2fac1234-31f8-11b4-a222-08002b34c003::upnp:rootdevice"

/* Everything set, so that a kind shows what it leaves out. */
static struct ssdp_message full(enum ssdp_kind kind)
{
	return (struct ssdp_message){
	    .kind = kind,
	    .host = SLICE("239.255.255.250:1900"),
	    .target = SLICE("upnp:rootdevice"),
	    .usn = SLICE(USN),
	    .location = SLICE("http://192.0.2.1:5006/description.xml"),
	    .server = SLICE("Linux/6.1 UPnP/2.0 discoverd/0.1"),
	    .date = SLICE("Sun, 06 Nov 1994 08:49:37 GMT"),
	    .instance = SLICE("0123456789abcdef"),
	    .friendly_name = SLICE("a searcher"),
	    .control_point = SLICE("2fac1234-31f8-11b4-a222-08002b34c004"),
	    .opt = SLICE("\"http://schemas.upnp.org/upnp/1/0/\"; ns=01"),
	    .nls = SLICE("7"),
	    .max_age = 1800,
	    .mx = {true, 3},
	    .boot_id = {true, 7},
	    .next_boot_id = {true, 8},
	    .config_id = {true, 16777215},
	    .search_port = {true, 49152},
	    .man_discover = true,
	};
}

static const char *const WRITTEN[] = {
    [SSDP_ALIVE] = "NOTIFY * HTTP/1.1\r\n"
		   "HOST: 239.255.255.250:1900\r\n"
		   "CACHE-CONTROL: max-age=1800\r\n"
		   "LOCATION: http://192.0.2.1:5006/description.xml\r\n"
		   "OPT: \"http://schemas.upnp.org/upnp/1/0/\"; ns=01\r\n"
		   "01-NLS: 7\r\n"
		   "NT: upnp:rootdevice\r\n"
		   "NTS: ssdp:alive\r\n"
		   "SERVER: Linux/6.1 UPnP/2.0 discoverd/0.1\r\n"
		   "USN: " USN "\r\n"
		   "BOOTID.UPNP.ORG: 7\r\n"
		   "CONFIGID.UPNP.ORG: 16777215\r\n"
		   "SEARCHPORT.UPNP.ORG: 49152\r\n"
		   "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
		   "\r\n",
    [SSDP_UPDATE] = "NOTIFY * HTTP/1.1\r\n"
		    "HOST: 239.255.255.250:1900\r\n"
		    "LOCATION: http://192.0.2.1:5006/description.xml\r\n"
		    "NT: upnp:rootdevice\r\n"
		    "NTS: ssdp:update\r\n"
		    "USN: " USN "\r\n"
		    "BOOTID.UPNP.ORG: 7\r\n"
		    "CONFIGID.UPNP.ORG: 16777215\r\n"
		    "NEXTBOOTID.UPNP.ORG: 8\r\n"
		    "SEARCHPORT.UPNP.ORG: 49152\r\n"
		    "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
		    "\r\n",
    [SSDP_BYEBYE] = "NOTIFY * HTTP/1.1\r\n"
		    "HOST: 239.255.255.250:1900\r\n"
		    "NT: upnp:rootdevice\r\n"
		    "NTS: ssdp:byebye\r\n"
		    "USN: " USN "\r\n"
		    "BOOTID.UPNP.ORG: 7\r\n"
		    "CONFIGID.UPNP.ORG: 16777215\r\n"
		    "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
		    "\r\n",
    [SSDP_SEARCH] = "M-SEARCH * HTTP/1.1\r\n"
		    "HOST: 239.255.255.250:1900\r\n"
		    "MAN: \"ssdp:discover\"\r\n"
		    "MX: 3\r\n"
		    "ST: upnp:rootdevice\r\n"
		    "USER-AGENT: Linux/6.1 UPnP/2.0 discoverd/0.1\r\n"
		    "CPFN.UPNP.ORG: a searcher\r\n"
		    "CPUUID.UPNP.ORG: 2fac1234-31f8-11b4-a222-08002b34c004\r\n"
		    "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
		    "\r\n",
    [SSDP_RESPONSE] = "HTTP/1.1 200 OK\r\n"
		      "CACHE-CONTROL: max-age=1800\r\n"
		      "DATE: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		      "EXT:\r\n"
		      "LOCATION: http://192.0.2.1:5006/description.xml\r\n"
		      "OPT: \"http://schemas.upnp.org/upnp/1/0/\"; ns=01\r\n"
		      "01-NLS: 7\r\n"
		      "SERVER: Linux/6.1 UPnP/2.0 discoverd/0.1\r\n"
		      "ST: upnp:rootdevice\r\n"
		      "USN: " USN "\r\n"
		      "BOOTID.UPNP.ORG: 7\r\n"
		      "CONFIGID.UPNP.ORG: 16777215\r\n"
		      "SEARCHPORT.UPNP.ORG: 49152\r\n"
		      "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
		      "\r\n",
};
enum { KINDS = COUNT_OF(WRITTEN) };

START_TEST(every_kind_has_its_headers_in_order)
{
	struct ssdp_message message = full((enum ssdp_kind)_i);
	char out[SSDP_DATAGRAM_MAX];
	struct writer w;

	writer_init(&w, out, sizeof(out));
	ssdp_format(&message, &w);
	ck_assert_int_eq(writer_error(&w), 0);
	ck_assert_slice(writer_result(&w), WRITTEN[_i]);
}
END_TEST

START_TEST(what_was_written_is_read_back)
{
	char out[SSDP_DATAGRAM_MAX];
	struct ssdp_message message;
	struct writer w;

	ck_assert_int_eq(ssdp_parse(slice_of(WRITTEN[_i]), &message), 0);
	ck_assert_int_eq(message.kind, _i);
	writer_init(&w, out, sizeof(out));
	ssdp_format(&message, &w);
	ck_assert_slice(writer_result(&w), WRITTEN[_i]);
}
END_TEST

static const char *const LEAST[] = {
    [SSDP_ALIVE] = ("NOTIFY * HTTP/1.1\r\nCACHE-CONTROL: max-age=5\r\nNT: a\r\nNTS: "
		    "ssdp:alive\r\nUSN: b\r\n\r\n"),
    [SSDP_UPDATE] = ("NOTIFY * HTTP/1.1\r\nNT: a\r\nNTS: ssdp:update\r\nUSN: b\r\n\r\n"),
    [SSDP_BYEBYE] = ("NOTIFY * HTTP/1.1\r\nNT: a\r\nNTS: ssdp:byebye\r\nUSN: b\r\n\r\n"),
    [SSDP_SEARCH] = ("M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: a\r\n\r\n"),
    [SSDP_RESPONSE] =
	("HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=5\r\nEXT:\r\nST: a\r\nUSN: b\r\n\r\n"),
};

START_TEST(what_is_unset_is_not_written)
{
	struct ssdp_message message = {
	    .kind = (enum ssdp_kind)_i, .target = SLICE("a"), .usn = SLICE("b"), .max_age = 5};
	char out[SSDP_DATAGRAM_MAX];
	struct writer w;

	writer_init(&w, out, sizeof(out));
	ssdp_format(&message, &w);
	ck_assert_slice(writer_result(&w), LEAST[_i]);
}
END_TEST

START_TEST(an_ipv6_group_stands_in_brackets)
{
	struct ssdp_message message = full(SSDP_SEARCH);
	char out[SSDP_DATAGRAM_MAX];
	struct writer w;

	message.host = SLICE("[FF02::C]:1900");
	writer_init(&w, out, sizeof(out));
	ssdp_format(&message, &w);
	ck_assert_int_eq(ssdp_parse(writer_result(&w), &message), 0);
	ck_assert_slice(message.host, "[FF02::C]:1900");
}
END_TEST

/* A search whose filler line makes it `len` bytes long. */
static struct slice sized(char *out, size_t len, const char *head)
{
	size_t at = strlen(head);

	memcpy(out, head, at);
	while (at + 100 < len) {
		memcpy(out + at, "X: ", 3);
		memset(out + at + 3, 'x', 76);
		out[at + 79] = '\n';
		at += 80;
	}
	memset(out + at, 'x', len - at);
	return (struct slice){out, len};
}

START_TEST(a_datagram_has_8192_bytes_at_most)
{
	static const char HEAD[] = "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: a\r\n";
	char out[SSDP_RECEIVED_MAX + 1];
	struct ssdp_message message;

	ck_assert_int_eq(ssdp_parse(sized(out, SSDP_RECEIVED_MAX, HEAD), &message), 0);
	ck_assert_int_eq(ssdp_parse(sized(out, SSDP_RECEIVED_MAX + 1, HEAD), &message), -EMSGSIZE);
}
END_TEST

/* Which header gets how many bytes, and what comes of it. */
static const struct {
	const char *before, *after;
	size_t len;
	int result;
	unsigned surplus;
} LENGTHS[] = {
#define ALIVE_HEAD "NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\n"
    {ALIVE_HEAD "USN: b\r\nNT: ", "\r\n\r\n", 256, 0, 0},
    {ALIVE_HEAD "USN: b\r\nNT: ", "\r\n\r\n", 257, -EMSGSIZE, 1},
    {ALIVE_HEAD "NT: b\r\nUSN: ", "\r\n\r\n", 256, 0, 0},
    {ALIVE_HEAD "NT: b\r\nUSN: ", "\r\n\r\n", 257, -EMSGSIZE, 1},
    {ALIVE_HEAD "LOCATION: http://a/\r\nUSN: uuid:b\r\nNT: ", "\r\n", 257, 0, 1},
    {"M-SEARCH * HTTP/1.1\r\nST: ", "", 256, 0, 0},
    {"M-SEARCH * HTTP/1.1\r\nST: ", "", 257, -EMSGSIZE, 1},
    {"HTTP/1.1 200 OK\r\nST: a\r\nUSN: ", "\r\n", 257, 0, 1},
    {"HTTP/1.1 200 OK\r\nST: a\r\nLOCATION:", "\r\n", 512, 0, 0},
    {"HTTP/1.1 200 OK\r\nST: a\r\nLOCATION:", "\r\n", 513, 0, 1},
    {"HTTP/1.1 200 OK\r\nST: a\r\nLOCATION:\r\n ", "\r\n", 512, 0, 0},
    {"HTTP/1.1 200 OK\r\nST: a\r\nLOCATION:\r\n ", "\r\n", 513, 0, 1},
    {"HTTP/1.1 200 OK\r\nST: a\r\nSERVER: ", "\r\n", 512, 0, 0},
    {"HTTP/1.1 200 OK\r\nST: a\r\nSERVER: ", "\r\n", 1300, 0, 1},
    {"HTTP/1.1 200 OK\r\nST: a\r\nX", ": b\r\n", 1300, 0, 0},
    {"HTTP/1.1 200 OK\r\nST: a\r\nX: ", "\r\n", 1300, 0, 0},
    {"HTTP/1.1 200 OK", "\r\nST: a\r\n", 1300, 0, 0},
    /* In front of what is looked for. */
    {"NOTIFY * HTTP/1.1\r\nX", ": b\r\nNTS: ssdp:alive\r\nNT: b\r\nUSN: b\r\n", 1300, 0, 0},
};

START_TEST(each_length_has_its_limit)
{
	char out[SSDP_DATAGRAM_MAX];
	struct ssdp_message message;
	struct writer w;

	writer_init(&w, out, sizeof(out));
	writer_text(&w, LENGTHS[_i].before);
	for (size_t i = 0; i < LENGTHS[_i].len; i++)
		writer_char(&w, 'x');
	writer_text(&w, LENGTHS[_i].after);
	ck_assert_int_eq(writer_error(&w), 0);
	ck_assert_int_eq(ssdp_parse(writer_result(&w), &message), LENGTHS[_i].result);
	ck_assert_uint_eq(message.surplus, LENGTHS[_i].surplus);
}
END_TEST

START_TEST(what_is_over_a_limit_is_left_out_and_a_text_is_cut)
{
	char out[SSDP_RECEIVED_MAX] = "HTTP/1.1 200 OK\r\nST: a\r\nLOCATION: http://a/";
	struct ssdp_message message;

	memset(out + strlen(out), 'x', 600);
	strcat(out, "\r\nUSN: uuid:b::");
	memset(out + strlen(out), 'x', 300);
	strcat(out, "\r\nSERVER: ");
	memset(out + strlen(out), 'x', 600);
	strcat(out, "\r\nBOOTID.UPNP.ORG: 7\r\n");
	ck_assert_int_eq(ssdp_parse(slice_of(out), &message), 0);
	ck_assert_ptr_null(message.location.bytes);
	ck_assert_ptr_null(message.usn.bytes);
	ck_assert_uint_eq(message.server.len, HEADER_LINE_MAX);
	ck_assert_uint_eq(message.boot_id.value, 7);
	ck_assert_uint_eq(message.surplus, 3);
}
END_TEST

START_TEST(known_headers_are_read_behind_any_number_of_others)
{
	char out[SSDP_DATAGRAM_MAX] = "NOTIFY * HTTP/1.1\r\n";
	struct ssdp_message message;

	for (int i = 0; i < 100; i++)
		strcat(out, "A: 1\r\n");
	strcat(out, "NT: a\r\nNTS: ssdp:byebye\r\nUSN: b\r\n");
	ck_assert_int_eq(ssdp_parse(slice_of(out), &message), 0);
	ck_assert_int_eq(message.kind, SSDP_BYEBYE);
	ck_assert_slice(message.usn, "b");
	ck_assert_uint_eq(message.surplus, 100 + 1 - 32); /* NTS counts, too */
}
END_TEST

#define DEVICE "NT: a\r\nUSN: uuid:b::a\r\n"
#define PLACE  "LOCATION: http://192.0.2.1/\r\n"

/* The kind that an odd NTS or start line gives, or the error. */
static const struct {
	const char *datagram;
	int result;
} KINDS_READ[] = {
    {"NOTIFY * HTTP/1.1\r\n" DEVICE PLACE, SSDP_ALIVE},
    {"NOTIFY * HTTP/1.1\r\nNTS:\r\n" DEVICE PLACE, SSDP_ALIVE},
    {"NOTIFY * HTTP/1.1\r\nNTS: hello\r\n" DEVICE PLACE, SSDP_ALIVE},
    {"NOTIFY * HTTP/1.1\r\nNTS: hello\r\n" DEVICE, -EBADMSG},
    {"NOTIFY * HTTP/1.1\r\nNTS: hello\r\nNT: a\r\n" PLACE, -EBADMSG},
    {"NOTIFY * HTTP/1.1\r\nNTS: NotificationSubType.SSDP_ALIVE\r\n" DEVICE, SSDP_ALIVE},
    {"NOTIFY * HTTP/1.1\r\nNTS: NotificationSubType.SSDP_BYEBYE\r\n" DEVICE PLACE, SSDP_BYEBYE},
    {"NOTIFY * HTTP/1.1\r\nNTS: NotificationSubType.SSDP_UPDATE\r\n" DEVICE PLACE, SSDP_UPDATE},
    {"NOTIFY * HTTP/1.1\r\nNTS: \"ssdp:alive\"\r\n" DEVICE, SSDP_ALIVE},
    {"NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive; x\r\n" DEVICE, SSDP_ALIVE},
    {"NOTIFY * HTTP/1.1\r\nNTS: \"SSDP:ByeBye\"\r\n" DEVICE PLACE, SSDP_BYEBYE},
    {"NOTIFY * HTTP/1.1\r\nNTS: 'ssdp:update'\r\n" DEVICE PLACE, SSDP_UPDATE},
    {"NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive or ssdp:byebye\r\n" DEVICE PLACE, SSDP_BYEBYE},
    {"NOTIFY * HTTP/1.1\r\nNTS: upnp:propchange\r\n" DEVICE PLACE, -EBADMSG},
    {"\r\nNOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\n" DEVICE, SSDP_ALIVE},
    {"\r\n \r\n\n\t\nHTTP/1.1 200 OK\r\nST: a\r\n", SSDP_RESPONSE},
    {"\n  M-SEARCH * HTTP/1.1\r\nST: a\r\n", SSDP_SEARCH},
    {"notify * http/1.0\r\nNTS: ssdp:alive\r\n" DEVICE, SSDP_ALIVE},
    {"NOTIFY\t *   HTTP/1.1  \r\nNTS: ssdp:alive\r\n" DEVICE, SSDP_ALIVE},
    {"m-search * HTTP/1.1\r\nST: a\r\n", SSDP_SEARCH},
    {"http/1.1 200 ok\r\nST: a\r\n", SSDP_RESPONSE},
    {"HTTP/1.1 200\r\nST: a\r\n", SSDP_RESPONSE},
    {"HTTP/1.1 200OK\r\nST: a\r\n", SSDP_RESPONSE},
    {"HTTP/1.1 2000 OK\r\nST: a\r\n", -EBADMSG},
    {"HTTP/1.1 200 OK\r\nNT: a\r\nUSN: uuid:b::a\r\n" PLACE, SSDP_RESPONSE},
    {"NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\nUSN: uuid:b\r\n" PLACE, SSDP_ALIVE},
};

START_TEST(odd_kinds_are_read_as_what_they_mean)
{
	struct ssdp_message message;
	int error = ssdp_parse(slice_of(KINDS_READ[_i].datagram), &message);

	ck_assert_int_eq(error ? error : (int)message.kind, KINDS_READ[_i].result);
	ck_assert(error || message.target.len > 0);
}
END_TEST

START_TEST(a_missing_target_is_taken_from_the_usn)
{
	struct ssdp_message message;

	ck_assert_int_eq(
	    ssdp_parse(SLICE("HTTP/1.1 200 OK\r\nUSN: uuid:b::urn:c\r\n" PLACE), &message), 0);
	ck_assert_slice(message.target, "urn:c");
	ck_assert_int_eq(
	    ssdp_parse(SLICE("HTTP/1.1 200 OK\r\nUSN: uuid:b ::\r\n" PLACE), &message), 0);
	ck_assert_slice(message.target, "uuid:b");
}
END_TEST

#define NOTIFY_HEAD "NOTIFY * HTTP/1.1\r\nNTS: ssdp:update\r\nNT: a\r\nUSN: b\r\n"
#define SEARCH_HEAD "M-SEARCH * HTTP/1.1\r\nST: a\r\n"

/* The number that a header gives, or -1 where it gives none. */
static const struct {
	const char *datagram;
	size_t member;
	int64_t value;
} NUMBERS[] = {
#define BOOT offsetof(struct ssdp_message, boot_id)
#define NEXT offsetof(struct ssdp_message, next_boot_id)
#define PORT offsetof(struct ssdp_message, search_port)
#define MX   offsetof(struct ssdp_message, mx)
    {NOTIFY_HEAD, BOOT, -1},
    {NOTIFY_HEAD "BOOTID.UPNP.ORG: 0\r\n", BOOT, 0},
    {NOTIFY_HEAD "bootid.upnp.org:0012\r\n", BOOT, 12},
    {NOTIFY_HEAD "BOOTID.UPNP.ORG: 4294967295\r\n", BOOT, UINT32_MAX},
    {NOTIFY_HEAD "BOOTID.UPNP.ORG: 4294967296\r\n", BOOT, -1},
    {NOTIFY_HEAD "BOOTID.UPNP.ORG: -1\r\n", BOOT, -1},
    {NOTIFY_HEAD "BOOTID.UPNP.ORG: \r\n", BOOT, -1},
    {NOTIFY_HEAD "BOOTID.UPNP.ORG: 1 2\r\n", BOOT, -1},
    {NOTIFY_HEAD "BOOTID.UPNP.ORG: x\r\nBOOTID.UPNP.ORG: 1\r\n", BOOT, -1},
    {NOTIFY_HEAD "BOOTID.UPNP.ORG: 1\r\nBOOTID.UPNP.ORG: 2\r\n", BOOT, 1},
    {NOTIFY_HEAD "NEXTBOOTID.UPNP.ORG: 9\r\n", NEXT, 9},
    {NOTIFY_HEAD "SEARCHPORT.UPNP.ORG: 65535\r\n", PORT, 65535},
    {NOTIFY_HEAD "SEARCHPORT.UPNP.ORG: 65536\r\n", PORT, -1},
    {NOTIFY_HEAD "SEARCHPORT.UPNP.ORG: 0\r\n", PORT, -1},
    {SEARCH_HEAD, MX, -1},
    {SEARCH_HEAD "MX:  \t 2 \r\n", MX, 2},
    {SEARCH_HEAD "MX: 0\r\n", MX, 0},
    {SEARCH_HEAD "MX: 120\r\n", MX, 120},
    {SEARCH_HEAD "MX: 99999999999999999999999\r\n", MX, UINT32_MAX},
    {SEARCH_HEAD "MX: -3\r\n", MX, -1},
    {SEARCH_HEAD "MX: 3.5\r\n", MX, -1},
    {SEARCH_HEAD "MX: three\r\n", MX, -1},
    {SEARCH_HEAD "MX:\r\n", MX, -1},
};

START_TEST(a_number_is_read_or_left_out)
{
	struct ssdp_message message;
	struct ssdp_number number;

	ck_assert_int_eq(ssdp_parse(slice_of(NUMBERS[_i].datagram), &message), 0);
	memcpy(&number, (const char *)&message + NUMBERS[_i].member, sizeof(number));
	ck_assert_int_eq(number.present ? (int64_t)number.value : -1, NUMBERS[_i].value);
}
END_TEST

static const struct {
	const char *datagram;
	int result;
} REFUSED[] = {
    {"", -ENOMSG},
    {"\r\n", -ENOMSG},
    {"GET / HTTP/1.1\r\nNT: a\r\nUSN: b\r\nNTS: ssdp:alive\r\n\r\n", -ENOMSG},
    {"NOTIFYING * HTTP/1.1\r\nNT: a\r\nUSN: b\r\nNTS: ssdp:alive\r\n\r\n", -ENOMSG},
    {"DISCOVER from x", -ENOMSG},
    {"NOTIFY", -EBADMSG},
    {"NOTIFY *\r\nNT: a\r\nUSN: b\r\nNTS: ssdp:alive\r\n\r\n", -EBADMSG},
    {"NOTIFY /x HTTP/1.1\r\nNT: a\r\nUSN: b\r\nNTS: ssdp:alive\r\n\r\n", -EBADMSG},
    {"NOTIFY * HTTP/2.0\r\nNT: a\r\nUSN: b\r\nNTS: ssdp:alive\r\n\r\n", -EBADMSG},
    {"NOTIFY * HTTP/1.1\r\nNT: a\r\nUSN: b\r\n\r\n", -EBADMSG},
    {"NOTIFY * HTTP/1.1\r\nNT: a\r\nUSN: b\r\nNTS: upnp:propchange\r\n\r\n", -EBADMSG},
    {"NOTIFY * HTTP/1.1\r\nNT: a\r\nNTS: ssdp:alive\r\n\r\n", -EBADMSG},
    {"NOTIFY * HTTP/1.1\r\nUSN: b\r\nNTS: ssdp:alive\r\n\r\n", -EBADMSG},
    {"NOTIFY * HTTP/1.1\r\nST: a\r\nUSN: b\r\nNTS: ssdp:alive\r\n\r\n", -EBADMSG},
    {"NOTIFY * HTTP/1.1\r\nNT:\r\nUSN: b\r\nNTS: ssdp:byebye\r\n\r\n", -EBADMSG},
    {"NOTIFY * HTTP/1.1\r\nNT: a\r\nUSN: \r\nNTS: ssdp:byebye\r\n\r\n", -EBADMSG},
    {"NOTIFY * HTTP/1.1\r\n\r\nNT: a\r\nUSN: b\r\nNTS: ssdp:byebye\r\n\r\n", -EBADMSG},
    {"M-SEARCH * HTTP/1.1\r\nMX: 1\r\n\r\n", -EBADMSG},
    {"M-SEARCH * HTTP/1.1\r\nNT: a\r\n\r\n", -EBADMSG},
    {"HTTP/1.1 404 Not Found\r\nST: a\r\nUSN: b\r\n\r\n", -EBADMSG},
    {"HTTP/1.1\r\nST: a\r\nUSN: b\r\n\r\n", -EBADMSG},
    {"HTTP/2 200 OK\r\nST: a\r\nUSN: b\r\n\r\n", -EBADMSG},
    {"HTTP/1.1 200 OK\r\nUSN: b\r\n\r\n", -EBADMSG},
};

START_TEST(what_is_not_understood_is_refused)
{
	struct ssdp_message message;

	ck_assert_int_eq(ssdp_parse(slice_of(REFUSED[_i].datagram), &message), REFUSED[_i].result);
}
END_TEST

START_TEST(a_nul_inside_is_refused_and_at_the_end_it_is_not)
{
	struct ssdp_message message;

	ck_assert_int_eq(
	    ssdp_parse(SLICE("M-SEARCH * HTTP/1.1\r\nST: a\0b\r\n\r\n"), &message), -EBADMSG);
	ck_assert_int_eq(ssdp_parse(SLICE("M-SEARCH * HTTP/1.1\r\nST: ab\0"), &message), 0);
	ck_assert_slice(message.target, "ab");
}
END_TEST

Suite *ssdp_message_suite(void)
{
	Suite *suite = suite_create("wire/ssdp_message");
	TCase *tcase = tcase_create("ssdp_message");
	tcase_add_loop_test(tcase, every_kind_has_its_headers_in_order, 0, KINDS);
	tcase_add_loop_test(tcase, what_was_written_is_read_back, 0, KINDS);
	tcase_add_loop_test(tcase, what_is_unset_is_not_written, 0, KINDS);
	tcase_add_test(tcase, an_ipv6_group_stands_in_brackets);
	tcase_add_test(tcase, a_datagram_has_8192_bytes_at_most);
	add_test_of_rows(tcase, each_length_has_its_limit, LENGTHS);
	tcase_add_test(tcase, what_is_over_a_limit_is_left_out_and_a_text_is_cut);
	tcase_add_test(tcase, known_headers_are_read_behind_any_number_of_others);
	add_test_of_rows(tcase, odd_kinds_are_read_as_what_they_mean, KINDS_READ);
	tcase_add_test(tcase, a_missing_target_is_taken_from_the_usn);
	add_test_of_rows(tcase, a_number_is_read_or_left_out, NUMBERS);
	add_test_of_rows(tcase, what_is_not_understood_is_refused, REFUSED);
	tcase_add_test(tcase, a_nul_inside_is_refused_and_at_the_end_it_is_not);
	suite_add_tcase(suite, tcase);
	return suite;
}

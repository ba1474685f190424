/* SPDX-License-Identifier: ISC
 * beacon_headers: the beacons of Yeelight and Plex: a line and headers, as those of HTTP. */
#include "base/array.h"
#include "base/ascii.h"
#include "base/text.h"
#include "wire/beacon_internal.h"
#include "wire/header_block.h"

#include <errno.h>
#include <string.h>

/* How a message begins. */
struct opening {
	struct slice line; /* its head; case does not matter */
	enum beacon_kind kind;
};

static const struct opening YEELIGHT[] = {
    {SLICE("NOTIFY "), BEACON_HERE},
    {SLICE("HTTP/1.1 200"), BEACON_HERE},
    {SLICE("M-SEARCH "), BEACON_QUESTION},
};
static const struct opening PLEX[] = {
    {SLICE("HTTP/1.0 200"), BEACON_HERE},
    {SLICE("HTTP/1.1 200"), BEACON_HERE},
    {SLICE("HELLO "), BEACON_HERE},
    {SLICE("UPDATE "), BEACON_HERE},
    {SLICE("NOTIFY "), BEACON_HERE},
    {SLICE("BYE "), BEACON_GONE},
    {SLICE("M-SEARCH "), BEACON_QUESTION},
};

/* Reads the first line, and leaves the headers in *block. */
static int open_message(struct slice datagram, const struct opening *openings, size_t count,
    struct beacon *beacon, struct slice *block)
{
	struct slice line = SLICE_NONE;
	size_t i = 0;

	beacon_init(beacon);
	if (datagram.len > BEACON_DATAGRAM_MAX)
		return -EMSGSIZE;
	*block = header_without_final_nuls(datagram);
	if (!header_line(block, &line))
		return -EBADMSG;
	while (i < count && !slice_starts_with_nocase(line, openings[i].line))
		i++;
	if (i == count)
		return -EBADMSG;
	beacon->kind = openings[i].kind;
	return 0;
}

/* The value of a header; absent where it has none. */
static struct slice value_of(struct beacon *beacon, struct slice block, struct slice name)
{
	struct slice value = SLICE_NONE;

	if (header_find(block, name, &value) < 0 || value.len == 0)
		return SLICE_NONE;
	return beacon_value(beacon, value);
}

/* Decimal digits of 1 to 65535; 0 for what is none. */
static uint16_t port_of(struct slice digits)
{
	uint64_t port = 0;

	return slice_to_u64(digits, UINT16_MAX, &port) < 0 ? 0 : (uint16_t)port;
}

/* RFC 4648, 4; -1 for what is no digit of that. */
static int base64_digit(char c)
{
	static const char DIGITS[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *digit = c ? strchr(DIGITS, c) : NULL;

	return digit ? (int)(digit - DIGITS) : -1;
}

/* The number of bytes written, 0 for what is no base64. */
static size_t base64_decode(struct slice text, char out[BEACON_VALUE_MAX])
{
	size_t padding = slice_ends_with(text, SLICE("==")) ? 2 : slice_ends_with(text, SLICE("="));
	struct slice digits = slice_head(text, text.len - padding);
	uint32_t bits = 0;
	size_t len = 0;

	if (text.len % 4)
		return 0;
	for (size_t i = 0; i < digits.len; i++) {
		int digit = base64_digit(digits.bytes[i]);
		if (digit < 0)
			return 0;
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 > 0)
			out[len++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	return len;
}

/* A program that names a bulb writes the name in base64, others as it is: only what becomes clean
 * text was the former. */
static struct slice yeelight_name(struct beacon *beacon, struct slice name)
{
	char decoded[BEACON_VALUE_MAX];
	struct slice text = {decoded, base64_decode(name, decoded)};

	return text.len > 0 && text_is_clean(text) ? beacon_copy(beacon, text) : name;
}

/* The port at the end of "yeelight://ADDRESS:PORT". */
static uint16_t yeelight_port(struct slice location)
{
	struct slice part;

	if (!slice_starts_with_nocase(location, SLICE("yeelight://")))
		return 0;
	location = slice_skip(location, sizeof("yeelight://") - 1);
	return slice_cut(&location, ':', &part) ? port_of(location) : 0;
}

int beacon_read_yeelight(struct slice datagram, struct beacon *beacon)
{
	struct slice block, nts;
	int error = open_message(datagram, YEELIGHT, COUNT_OF(YEELIGHT), beacon, &block);

	if (error || beacon->kind == BEACON_QUESTION)
		return error;
	nts = value_of(beacon, block, SLICE("NTS"));
	if (slice_equal_nocase(nts, SLICE("ssdp:byebye")))
		beacon->kind = BEACON_GONE;
	beacon->name = yeelight_name(beacon, value_of(beacon, block, SLICE("name")));
	beacon->model = value_of(beacon, block, SLICE("model"));
	beacon->version = value_of(beacon, block, SLICE("fw_ver"));
	beacon->service_port = yeelight_port(value_of(beacon, block, SLICE("Location")));
	if (beacon->service_port)
		beacon->service_type = SLICE("yeelight");
	return beacon_set_id(beacon, value_of(beacon, block, SLICE("id")));
}

void beacon_ask_yeelight(struct writer *w)
{
	writer_text(w, "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1982\r\n"
		       "MAN: \"ssdp:discover\"\r\nST: wifi_bulb\r\n\r\n");
}

int beacon_read_plex(struct slice datagram, struct beacon *beacon)
{
	struct slice block;
	int error = open_message(datagram, PLEX, COUNT_OF(PLEX), beacon, &block);

	if (error || beacon->kind == BEACON_QUESTION)
		return error;
	beacon->name = value_of(beacon, block, SLICE("Name"));
	beacon->type = value_of(beacon, block, SLICE("Content-Type"));
	beacon->model = value_of(beacon, block, SLICE("Product"));
	beacon->version = value_of(beacon, block, SLICE("Version"));
	beacon->service_port = port_of(value_of(beacon, block, SLICE("Port")));
	if (beacon->service_port)
		beacon->service_type = beacon->type;
	return beacon_set_id(beacon, value_of(beacon, block, SLICE("Resource-Identifier")));
}

void beacon_ask_plex(struct writer *w)
{
	writer_text(w, "M-SEARCH * HTTP/1.0\r\n\r\n");
}

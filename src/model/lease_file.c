/* SPDX-License-Identifier: ISC
 * lease_file: one line after the other, in the format that the first known line has. */
#include "model/lease_file.h"
#include "base/array.h"
#include "base/ascii.h"
#include <errno.h>
#include <string.h>

enum { FIELDS_MAX = 20, MAC_DIGITS = 12 };

/* A moment before this (2001) is none: without a clock that outlives a reboot, dnsmasq writes how
 * long the lease is. */
#define MOMENT_MIN 1000000000

/* What a line is. */
enum verdict { LINE_LEASE, LINE_OTHER, LINE_MALFORMED };

/* Fields divided by one separator or, where it is a blank, by any number of them. Returns how many
 * there are, at most FIELDS_MAX; what follows is left out. */
static size_t split(struct slice line, char separator, struct slice fields[FIELDS_MAX])
{
	struct slice field;
	size_t count = 0;

	while (count < FIELDS_MAX && slice_cut(&line, separator, &field))
		if (separator != ' ' || field.len > 0)
			fields[count++] = field;
	return count;
}

static bool is_number(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_digit(text.bytes[i]))
			return false;
	return text.len > 0;
}

/* A host name ends with a dot where it is given in full. 0 or -EINVAL. */
static int take_name(struct slice text, struct lease *lease)
{
	if (slice_ends_with(text, SLICE(".")))
		text.len--;
	if (text.len > LEASE_NAME_MAX)
		return -EINVAL;
	lease->name = text;
	return 0;
}

/* "EXPIRES MAC ADDRESS NAME CLIENT-ID"; NAME is "*" where there is none, MAC begins with the type
 * of the hardware where it is no Ethernet. Behind "duid …" come the leases of DHCPv6, without MACs.
 */
static enum verdict read_dnsmasq(struct slice line, struct lease *lease)
{
	struct slice fields[FIELDS_MAX];
	size_t count = split(line, ' ', fields);
	uint64_t expires;

	if (count > 0 && slice_equal(fields[0], SLICE("duid")))
		return LINE_OTHER;
	if (count < 4 || slice_to_u64(fields[0], INT64_MAX, &expires) < 0 ||
	    address_parse(fields[2], &lease->address) < 0)
		return LINE_MALFORMED;
	if (mac_parse(fields[1], &lease->mac) < 0)
		return LINE_OTHER;
	lease->expires = expires < MOMENT_MIN ? INT64_MAX : (int64_t)expires;
	if (slice_equal(fields[3], SLICE("*")))
		return LINE_LEASE;
	return take_name(fields[3], lease) ? LINE_MALFORMED : LINE_LEASE;
}

/* Twelve hexadecimal digits. 0 or -EINVAL. */
static int parse_digits(struct slice text, struct mac *mac)
{
	char apart[3 * sizeof(mac->bytes)];
	size_t len = 0;

	if (text.len != MAC_DIGITS)
		return mac_parse(text, mac);
	for (size_t i = 0; i < text.len; i++) {
		if (i > 0 && i % 2 == 0)
			apart[len++] = ':';
		apart[len++] = text.bytes[i];
	}
	return mac_parse((struct slice){apart, len}, mac);
}

/* "# INTERFACE MAC ipv4 NAME EXPIRES …"; NAME is "-" where there is none. Other lines are those of
 * a hosts file, and leases of DHCPv6, which have a DUID instead of a MAC. */
static enum verdict read_odhcpd(struct slice line, struct lease *lease)
{
	struct slice fields[FIELDS_MAX], broken = SLICE("broken\\x20");
	size_t count = split(line, ' ', fields);
	uint64_t expires;

	if (count == 0 || !slice_equal(fields[0], SLICE("#")))
		return LINE_OTHER;
	if (count < 6)
		return LINE_MALFORMED;
	if (!slice_equal(fields[3], SLICE("ipv4")))
		return LINE_OTHER;
	if (slice_equal(fields[5], SLICE("-1")))
		lease->expires = INT64_MAX;
	else if (slice_to_u64(fields[5], INT64_MAX - 1, &expires) < 0)
		return LINE_MALFORMED;
	else
		lease->expires = (int64_t)expires;
	if (parse_digits(fields[2], &lease->mac) < 0)
		return LINE_MALFORMED;
	if (count > 8)
		address_parse(slice_head(fields[8], slice_find(fields[8], '/')), &lease->address);
	if (slice_equal(fields[4], SLICE("-")))
		return LINE_LEASE;
	return take_name(slice_without_prefix_nocase(fields[4], broken), lease) ? LINE_MALFORMED
										: LINE_LEASE;
}

/* The names of the columns; a column that is there twice is the first one. */
static void read_header(struct lease_file *file, struct slice line)
{
	static const char *const NAMES[LEASE_COLUMNS] = {
	    [LEASE_COLUMN_ADDRESS] = "address",
	    [LEASE_COLUMN_HWADDR] = "hwaddr",
	    [LEASE_COLUMN_LIFETIME] = "valid_lifetime",
	    [LEASE_COLUMN_EXPIRE] = "expire",
	    [LEASE_COLUMN_HOSTNAME] = "hostname",
	    [LEASE_COLUMN_STATE] = "state",
	};
	struct slice fields[FIELDS_MAX];
	size_t count = split(line, ',', fields);

	for (size_t i = count; i > 0; i--)
		for (size_t column = 0; column < LEASE_COLUMNS; column++)
			if (slice_equal(fields[i - 1], slice_of(NAMES[column])))
				file->place[column] = (uint8_t)i;
}

static struct slice column_of(const struct lease_file *file, const struct slice *fields,
    size_t count, enum lease_column column)
{
	size_t place = file->place[column];

	return place > 0 && place <= count ? fields[place - 1] : SLICE_NONE;
}

/* Each change of a lease is a line behind the others. One that was given back, or has expired, has
 * a lifetime of 0 or another state than 0; a lifetime of 2^32 - 1 never ends. */
static enum verdict read_kea(const struct lease_file *file, struct slice line, struct lease *lease)
{
	struct slice fields[FIELDS_MAX];
	size_t count = split(line, ',', fields);
	struct slice mac = column_of(file, fields, count, LEASE_COLUMN_HWADDR);
	struct slice state = column_of(file, fields, count, LEASE_COLUMN_STATE);
	uint64_t lifetime, expire;

	if (slice_to_u64(
		column_of(file, fields, count, LEASE_COLUMN_LIFETIME), UINT32_MAX, &lifetime) < 0 ||
	    slice_to_u64(column_of(file, fields, count, LEASE_COLUMN_EXPIRE), INT64_MAX, &expire) <
		0 ||
	    address_parse(column_of(file, fields, count, LEASE_COLUMN_ADDRESS), &lease->address) <
		0)
		return LINE_MALFORMED;
	if (mac_parse(mac, &lease->mac) < 0)
		return LINE_OTHER;
	lease->expires = lifetime == UINT32_MAX ? INT64_MAX : (int64_t)expire;
	if (lifetime == 0 || (state.len > 0 && !slice_equal(state, SLICE("0"))))
		lease->expires = 0;
	return take_name(column_of(file, fields, count, LEASE_COLUMN_HOSTNAME), lease)
		   ? LINE_MALFORMED
		   : LINE_LEASE;
}

/* The format that a line begins; a line of a hosts file is odhcpd's. */
static enum lease_format format_of(struct slice line)
{
	struct slice fields[FIELDS_MAX];
	struct address address;
	size_t count;

	if (slice_starts_with(line, SLICE("address,")))
		return LEASE_KEA;
	if (slice_starts_with(line, SLICE("# ")))
		return LEASE_ODHCPD;
	count = split(line, ' ', fields);
	if (count > 0 && (is_number(fields[0]) || slice_equal(fields[0], SLICE("duid"))))
		return LEASE_DNSMASQ;
	fields[0] = slice_head(line, slice_find(line, '\t'));
	return fields[0].len < line.len && address_parse(fields[0], &address) == 0
		   ? LEASE_ODHCPD
		   : LEASE_FORMAT_UNKNOWN;
}

static enum verdict read_line(struct lease_file *file, struct slice line, struct lease *lease)
{
	bool is_first = file->format == LEASE_FORMAT_UNKNOWN;

	if (is_first)
		file->format = format_of(line);
	switch (file->format) {
	case LEASE_DNSMASQ:
		return read_dnsmasq(line, lease);
	case LEASE_ODHCPD:
		return read_odhcpd(line, lease);
	case LEASE_KEA:
		if (!is_first)
			return read_kea(file, line, lease);
		read_header(file, line);
		return LINE_OTHER;
	case LEASE_FORMAT_UNKNOWN:
		break;
	}
	return LINE_MALFORMED;
}

void lease_file_init(struct lease_file *file, struct slice text)
{
	*file = (struct lease_file){.rest = text};
}

bool lease_file_next(struct lease_file *file, struct lease *lease)
{
	struct slice line;

	while (file->rest.len > 0 && slice_cut(&file->rest, '\n', &line)) {
		if (slice_ends_with(line, SLICE("\r")))
			line.len--;
		if (slice_trim(line).len == 0)
			continue;
		*lease = (struct lease){0};
		enum verdict verdict = read_line(file, line, lease);
		if (verdict == LINE_LEASE)
			return true;
		file->malformed += verdict == LINE_MALFORMED;
	}
	return false;
}

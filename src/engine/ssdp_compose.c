/* SPDX-License-Identifier: ISC
 * ssdp_compose: renders what we say about ourselves. */
#include "base/array.h"
#include "engine/location.h"
#include "engine/ssdp_internal.h"
#include "wire/url.h"
#include <time.h>

enum { SHORT_TEXT_MAX = 64 };

/* UDA 1.1, 1.2.2: old control points look here for the number that BOOTID carries since. */
#define OPT_VALUE SLICE("\"http://schemas.upnp.org/upnp/1/0/\"; ns=01")

/* IMF-fixdate (RFC 7231, 7.1.1.1): English whatever the locale. */
static void write_date(const struct ssdp *ssdp, struct instant now, struct writer *w)
{
	static const char DAYS[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char MONTHS[][4] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t wall = (time_t)((now.us + ssdp->context->wall_offset) / SECONDS(1));
	struct tm tm;

	if (!gmtime_r(&wall, &tm))
		return;
	writer_format(w, "%s, %02d %s %04d %02d:%02d:%02d GMT", DAYS[tm.tm_wday], tm.tm_mday,
	    MONTHS[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* The HOST of what is sent there: a group as UDA writes it, which some compare as text. */
static void write_host(const struct address_port *to, struct writer *w)
{
	for (size_t i = 0; i < SSDP_GROUP_COUNT; i++) {
		if (to->port == SSDP_PORT && address_equal(&to->address, &SSDP_GROUPS[i])) {
			writer_text(w, SSDP_GROUP_HOSTS[i]);
			return;
		}
	}
	address_port_format(to, w);
}

void ssdp_compose(const struct ssdp *ssdp, struct ssdp_message *message, struct outbox_send *send,
    struct outbox *outbox)
{
	char bytes[SSDP_DATAGRAM_MAX], host[SHORT_TEXT_MAX];
	struct writer w, host_writer;

	writer_init(&host_writer, host, sizeof(host));
	if (message->kind != SSDP_RESPONSE) {
		write_host(&send->to, &host_writer);
		message->host = writer_result(&host_writer);
	}
	message->instance = slice_of(ssdp->context->announcement->instance);
	/* OPT declares what 01-NLS means, so they go together. */
	struct slice *const spare[][2] = {
	    {&message->opt, &message->nls}, {&message->instance, &message->instance}};
	for (size_t i = 0; i <= COUNT_OF(spare); i++) {
		if (i > 0)
			*spare[i - 1][0] = *spare[i - 1][1] = SLICE_NONE;
		writer_init(&w, bytes, sizeof(bytes));
		ssdp_format(message, &w);
		if (w.len <= SSDP_DATAGRAM_GOOD && !writer_error(&w))
			break;
	}
	if (writer_error(&w))
		return;
	send->bytes = writer_result(&w);
	outbox_send(outbox, send);
}

/* UDA 2.0, 1.2.2: where a unicast search reaches us when port 1900 was not to be had. */
static struct ssdp_number search_port(const struct ssdp *ssdp, const struct address *source)
{
	uint16_t port = ssdp->engine.ports[family_of(source)];
	return (struct ssdp_number){.present = port && port != SSDP_PORT, .value = port};
}

void ssdp_compose_target(const struct ssdp *ssdp, struct instant now,
    const struct ssdp_saying *saying, struct outbox_send *send, struct outbox *outbox)
{
	const struct announced_tree *tree = saying->tree;
	char nt[SSDP_TARGET_MAX], usn[SSDP_TARGET_MAX], location[URL_MAX], boot[SHORT_TEXT_MAX],
	    date[SHORT_TEXT_MAX];
	struct writer nt_writer, usn_writer, location_writer, boot_writer, date_writer;

	writer_init(&nt_writer, nt, sizeof(nt));
	ssdp_target_write_nt(saying->target, &nt_writer);
	writer_init(&usn_writer, usn, sizeof(usn));
	ssdp_target_write_usn(saying->target, &usn_writer);
	writer_init(&location_writer, location, sizeof(location));
	location_write(tree, &send->source, &location_writer);
	writer_init(&boot_writer, boot, sizeof(boot));
	writer_u64(&boot_writer, saying->boot_id);
	writer_init(&date_writer, date, sizeof(date));
	write_date(ssdp, now, &date_writer);
	/* A USN or a URL cut short would be another one. */
	if (writer_error(&nt_writer) || writer_error(&usn_writer) || writer_error(&location_writer))
		return;
	struct ssdp_message message = {
	    .kind = saying->kind,
	    .target = writer_result(&nt_writer),
	    .usn = writer_result(&usn_writer),
	    .location = writer_result(&location_writer),
	    .server = slice_of(tree->server ? tree->server : ssdp->context->announcement->server),
	    .date = writer_result(&date_writer),
	    .opt = OPT_VALUE,
	    .nls = writer_result(&boot_writer),
	    .max_age = ssdp->context->config->ssdp.max_age,
	    .boot_id = {true, saying->boot_id},
	    .next_boot_id = {saying->kind == SSDP_UPDATE, tree->boot_id},
	    .config_id = {true, tree->config_id},
	    .search_port = search_port(ssdp, &send->source),
	};
	ssdp_compose(ssdp, &message, send, outbox);
}

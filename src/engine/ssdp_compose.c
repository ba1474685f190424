/* SPDX-License-Identifier: ISC
 * ssdp_compose: renders what we say about ourselves. */
#include "engine/ssdp_internal.h"
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

void ssdp_compose(const struct ssdp *ssdp, struct ssdp_message *message, struct outbox_send *send,
    struct outbox *outbox)
{
	char bytes[SSDP_DATAGRAM_MAX], host[SHORT_TEXT_MAX];
	struct writer w, host_writer;

	writer_init(&host_writer, host, sizeof(host));
	if (message->kind != SSDP_RESPONSE) {
		endpoint_format(&send->to, &host_writer);
		message->host = writer_result(&host_writer);
	}
	message->instance = slice_of(ssdp->context->announcement->instance);
	writer_init(&w, bytes, sizeof(bytes));
	ssdp_format(message, &w);
	if (writer_error(&w))
		return;
	send->bytes = writer_result(&w);
	outbox_send(outbox, send);
}

void ssdp_compose_target(const struct ssdp *ssdp, struct instant now, enum ssdp_kind kind,
    const struct ssdp_target *target, struct outbox_send *send, struct outbox *outbox)
{
	const struct announcement *announcement = ssdp->context->announcement;
	char nt[SSDP_TARGET_MAX], usn[SSDP_TARGET_MAX];
	char location[SHORT_TEXT_MAX + sizeof(ANNOUNCEMENT_PATH)], boot[SHORT_TEXT_MAX],
	    date[SHORT_TEXT_MAX];
	struct writer nt_writer, usn_writer, location_writer, boot_writer, date_writer;

	writer_init(&nt_writer, nt, sizeof(nt));
	ssdp_target_write_nt(target, &nt_writer);
	writer_init(&usn_writer, usn, sizeof(usn));
	ssdp_target_write_usn(target, &usn_writer);
	writer_init(&location_writer, location, sizeof(location));
	writer_text(&location_writer, "http://");
	endpoint_format(
	    &(struct endpoint){send->source, announcement->http_port}, &location_writer);
	writer_text(&location_writer, ANNOUNCEMENT_PATH);
	writer_init(&boot_writer, boot, sizeof(boot));
	writer_u64(&boot_writer, announcement->boot_id);
	writer_init(&date_writer, date, sizeof(date));
	write_date(ssdp, now, &date_writer);
	/* A USN cut short would be another one. */
	if (writer_error(&nt_writer) || writer_error(&usn_writer))
		return;
	struct ssdp_message message = {
	    .kind = kind,
	    .target = writer_result(&nt_writer),
	    .usn = writer_result(&usn_writer),
	    .location = writer_result(&location_writer),
	    .server = slice_of(announcement->server),
	    .date = writer_result(&date_writer),
	    .opt = OPT_VALUE,
	    .nls = writer_result(&boot_writer),
	    .max_age = ssdp->context->config->ssdp.max_age,
	    .boot_id = {true, announcement->boot_id},
	    .config_id = {true, announcement->config_id},
	};
	ssdp_compose(ssdp, &message, send, outbox);
}

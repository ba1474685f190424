/* SPDX-License-Identifier: ISC
 * ssdp_compose: renders our messages. */
#include "base/array.h"
#include "engine/ssdp_internal.h"
#include "wire/url.h"
#include <time.h>

enum { SHORT_TEXT_MAX = 64 };

/* UDA 1.1, 1.2.2: old control points read the boot number here. */
#define OPT_VALUE SLICE("\"http://schemas.upnp.org/upnp/1/0/\"; ns=01")

/* One per family and scope: UDA 2.0, 1.1 and A.2. */
enum { GROUP_IPV4, GROUP_LINK_LOCAL, GROUP_SITE_LOCAL, GROUP_GLOBAL };
const struct address SSDP_GROUPS[] = {
    [GROUP_IPV4] = {.family = ADDRESS_IPV4, .bytes = {239, 255, 255, 250}},
    [GROUP_LINK_LOCAL] = {.family = ADDRESS_IPV6, .bytes = {0xff, 0x02, [15] = 0x0c}},
    [GROUP_SITE_LOCAL] = {.family = ADDRESS_IPV6, .bytes = {0xff, 0x05, [15] = 0x0c}},
    /* we send nothing there, but GSSDP does from other than link-local addresses */
    [GROUP_GLOBAL] = {.family = ADDRESS_IPV6, .bytes = {0xff, 0x0e, [15] = 0x0c}},
};
const size_t SSDP_GROUP_COUNT = COUNT_OF(SSDP_GROUPS);
static const char *const GROUP_HOSTS[] = {
    [GROUP_IPV4] = "239.255.255.250:1900",
    [GROUP_LINK_LOCAL] = "[FF02::C]:1900",
    [GROUP_SITE_LOCAL] = "[FF05::C]:1900",
    [GROUP_GLOBAL] = "[FF0E::C]:1900",
};

/* The group of the family and scope of an address of ours. */
static const struct address *group_of(const struct address *source)
{
	if (source->family == ADDRESS_IPV4)
		return &SSDP_GROUPS[GROUP_IPV4];
	return &SSDP_GROUPS[address_is_link_local(source) ? GROUP_LINK_LOCAL : GROUP_SITE_LOCAL];
}

struct outbox_send ssdp_compose_multicast(
    const struct ssdp *ssdp, const struct ssdp_sender *sender, enum channel channel)
{
	return (struct outbox_send){
	    .channel = channel,
	    .link = sender->link,
	    .source = sender->source,
	    .to = {*group_of(&sender->source), SSDP_PORT},
	    .ttl = (uint8_t)ssdp_values(ssdp)->ttl,
	};
}

void ssdp_compose_date(const struct ssdp *ssdp, struct instant now, struct writer *w)
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

/* HOST: a group as UDA writes it, because some receivers compare it as text. */
static void write_host(const struct address_port *to, struct writer *w)
{
	for (size_t i = 0; i < SSDP_GROUP_COUNT; i++) {
		if (to->port == SSDP_PORT && address_equal(&to->address, &SSDP_GROUPS[i])) {
			writer_text(w, GROUP_HOSTS[i]);
			return;
		}
	}
	address_port_format(to, w);
}

/* False where it does not fit. */
static bool render(const struct ssdp *ssdp, struct ssdp_message *message,
    const struct address_port *to, struct writer *w)
{
	char host[SHORT_TEXT_MAX];
	struct writer host_writer, start = *w;

	writer_init(&host_writer, host, sizeof(host));
	if (message->kind != SSDP_RESPONSE) {
		write_host(to, &host_writer);
		message->host = writer_result(&host_writer);
	}
	message->instance = slice_of(ssdp->context->offers->instance);
	/* OPT declares what 01-NLS means, so they go together. */
	struct slice *const spare[][2] = {
	    {&message->opt, &message->nls}, {&message->instance, &message->instance}};
	for (size_t i = 0; i <= COUNT_OF(spare); i++) {
		if (i > 0)
			*spare[i - 1][0] = *spare[i - 1][1] = SLICE_NONE;
		*w = start;
		ssdp_format(message, w);
		if (w->len <= SSDP_DATAGRAM_GOOD && !writer_error(w))
			break;
	}
	return !writer_error(w);
}

void ssdp_compose(const struct ssdp *ssdp, struct ssdp_message *message, struct outbox_send *send,
    struct outbox *outbox)
{
	char bytes[SSDP_DATAGRAM_MAX];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	if (!render(ssdp, message, &send->to, &w))
		return;
	send->bytes = writer_result(&w);
	outbox_send(outbox, send);
}

/* UDA 2.0, 1.2.2: where a unicast search reaches us when port 1900 was taken. */
static struct ssdp_number search_port(const struct ssdp *ssdp, const struct address *source)
{
	uint16_t port = ssdp->engine.ports[family_of(source)];
	return (struct ssdp_number){.present = port && port != SSDP_PORT, .value = port};
}

bool ssdp_compose_text(const struct ssdp *ssdp, struct instant now,
    const struct ssdp_advertisement *advertisement, const struct outbox_send *send,
    struct writer *w)
{
	const struct offer *offer = advertisement->offer;
	char nt[SSDP_TARGET_MAX], usn[SSDP_TARGET_MAX], location[URL_MAX], boot[SHORT_TEXT_MAX],
	    date[SHORT_TEXT_MAX];
	struct writer nt_writer, usn_writer, location_writer, boot_writer, date_writer;

	writer_init(&nt_writer, nt, sizeof(nt));
	ssdp_target_write_nt(advertisement->target, &nt_writer);
	writer_init(&usn_writer, usn, sizeof(usn));
	ssdp_target_write_usn(advertisement->target, &usn_writer);
	writer_init(&location_writer, location, sizeof(location));
	engine_url_write(offer, &send->source, &location_writer);
	writer_init(&boot_writer, boot, sizeof(boot));
	writer_u64(&boot_writer, advertisement->boot_id);
	writer_init(&date_writer, date, sizeof(date));
	if (advertisement->kind == SSDP_RESPONSE)
		ssdp_compose_date(ssdp, now, &date_writer);
	/* A USN or URL that is cut would be another one. */
	if (writer_error(&nt_writer) || writer_error(&usn_writer) || writer_error(&location_writer))
		return false;
	struct ssdp_message message = {
	    .kind = advertisement->kind,
	    .target = writer_result(&nt_writer),
	    .usn = writer_result(&usn_writer),
	    .location = writer_result(&location_writer),
	    .server = slice_of(offer->server ? offer->server : ssdp->context->offers->server),
	    .date = writer_result(&date_writer),
	    .opt = OPT_VALUE,
	    .nls = writer_result(&boot_writer),
	    .max_age = ssdp_values(ssdp)->max_age,
	    .boot_id = {true, advertisement->boot_id},
	    .next_boot_id = {advertisement->kind == SSDP_UPDATE, offer->epoch},
	    .config_id = {true, offer->revision},
	    .search_port = search_port(ssdp, &send->source),
	};
	return render(ssdp, &message, &send->to, w);
}

void ssdp_compose_target(const struct ssdp *ssdp, struct instant now,
    const struct ssdp_advertisement *advertisement, struct outbox_send *send, struct outbox *outbox)
{
	char bytes[SSDP_DATAGRAM_MAX];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	if (!ssdp_compose_text(ssdp, now, advertisement, send, &w))
		return;
	send->bytes = writer_result(&w);
	outbox_send(outbox, send);
}

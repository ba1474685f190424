/* SPDX-License-Identifier: ISC
 * core: hands a core COUNT datagrams of one kind, and ends: what a counter of instructions is put
 * on, also where no network can be had (qemu of another processor). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "world.h"

enum { SENDERS = 32, PORTION = 8, MESSAGES = 1024 };

/* What stands in a datagram of each kind; the number makes it another one. */
static const struct kind {
	const char *name, *to, *before, *behind; /* the number stands between */
	bool known;                              /* the devices are known before */
} KINDS[] = {
    {"search", "10.1.0.1",
	"M-SEARCH * HTTP/1.1\r\nHOST: 10.1.0.1:1900\r\nMAN: \"ssdp:discover\"\r\n"
	"ST: upnp:rootdevice\r\nUSER-AGENT: bench/",
	"\r\n\r\n", true},
    {"foreign", "239.255.255.250",
	"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
	"ST: urn:schemas-upnp-org:device:Bench",
	":1\r\n\r\n", true},
    {"refresh", "239.255.255.250",
	"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
	"LOCATION: http://10.1.0.9:80/d.xml\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
	"SERVER: Linux/6.1 UPnP/1.1 bench/1\r\n"
	"USN: uuid:00000000-0000-4000-8000-",
	"::upnp:rootdevice\r\n\r\n", true},
    {"new", "239.255.255.250",
	"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
	"LOCATION: http://10.1.0.9:80/d.xml\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
	"SERVER: Linux/6.1 UPnP/1.1 bench/1\r\n"
	"USN: uuid:00000000-0000-4000-8000-",
	"::upnp:rootdevice\r\n\r\n", false},
};

struct message {
	char bytes[512];
	struct datagram datagram;
};

/* The one socket that SSDP shares receives it. */
static void render(struct message *message, const struct kind *of, unsigned i)
{
	struct datagram *datagram = &message->datagram;
	unsigned number = of->known ? i % SENDERS : i;
	char from[32];

	*datagram =
	    (struct datagram){.link = 2, .channel = CHANNEL_SHARED, .bytes.bytes = message->bytes};
	datagram->bytes.len = (size_t)snprintf(
	    message->bytes, sizeof(message->bytes), "%s%012u%s", of->before, number, of->behind);
	snprintf(from, sizeof(from), "10.1.0.%u", 9 + number % SENDERS);
	if (address_parse(slice_of(from), &datagram->from.address) ||
	    address_parse(slice_of(of->to), &datagram->to))
		abort();
	datagram->from.port = (uint16_t)(40000 + i);
}

static const struct kind *kind;
static unsigned count;
static struct message messages[MESSAGES];

/* A test, because the world checks what is done to it. */
START_TEST(hand_in_datagrams)
{
	struct world *world = world_new(1, WITH_SSDP);
	struct host *host = world_add_host(world);
	size_t engine = 0;

	while (strcmp(CORE_ENGINES[engine]->id.name, "ssdp") != 0)
		engine++;
	host_configure(host, "[SSDP]\nanswer-limit = no\n[Table]\nmax-devices-per-source = 4096\n");
	host_plug(host, 2, 1, "10.1.0.1");
	host_start(host);
	for (unsigned i = 0; i < SENDERS; i++) {
		char from[32];
		snprintf(from, sizeof(from), "10.1.0.%u", 9 + i);
		world_set_mac(world, 1, from, (uint16_t)(0x900 + i), false);
	}
	world_run(world, SECONDS(10));
	for (unsigned i = 0; i < MESSAGES; i++)
		render(&messages[i], kind, i);
	for (unsigned i = 0; kind->known && i < SENDERS; i++)
		core_input(host->core, world->now, engine, &messages[i].datagram);
	world_run(world, SECONDS(1));
	for (unsigned i = 0; i < count && i < MESSAGES; i++) {
		core_input(host->core, world->now, engine, &messages[i].datagram);
		if (i % PORTION == PORTION - 1)
			core_advance(host->core, world->now, 0);
	}
	host_advance(host);
	fprintf(stderr, "%s: %u datagrams, %zu devices, %llu sent\n", kind->name, count,
	    host_count(host), (unsigned long long)world->sent);
	_Exit(EXIT_SUCCESS); /* what is left is not of interest */
}
END_TEST

int main(int argc, char **argv)
{
	const struct kind *end = KINDS + sizeof(KINDS) / sizeof(*KINDS);
	Suite *suite = suite_create("core");
	TCase *tcase = tcase_create("core");

	count = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	for (kind = KINDS; argc > 1 && kind < end && strcmp(kind->name, argv[1]) != 0;)
		kind++;
	if (argc != 3 || kind == end) {
		fputs("usage: core search|foreign|refresh|new COUNT\n", stderr);
		return 2;
	}
	tcase_add_test(tcase, hand_in_datagrams);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	return EXIT_FAILURE;
}

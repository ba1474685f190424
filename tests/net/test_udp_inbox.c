/* SPDX-License-Identifier: ISC
 * Tests of net/udp_inbox, and of bursts that net/udp takes into it. */
#include "harness.h"
#include "net/udp.h"
#include "net/udp_inbox.h"
#include "suites.h"
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 47006
enum { DATAGRAM_MAX = 1500, CHUNK_SIZE = 128 * 1024 };

static struct udp_memory memory;

static void set_up(void)
{
	ck_assert_int_eq(udp_memory_init(&memory), 0);
}

static void tear_down(void)
{
	ck_assert_uint_eq(memory.used, 0);
	udp_memory_fini(&memory);
}

/* A socket of the namespace's loopback at this port, as the daemon opens them. */
static int open_receiver(uint16_t port)
{
	struct udp_options options = {.family = ADDRESS_IPV4, .port = port};
	struct address any = {.family = ADDRESS_IPV4};
	int fd = udp_socket_open(&options, &any, 0);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void send_bytes(int fd, uint16_t port, const void *bytes, size_t len)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(
	    sendto(fd, bytes, len, 0, (struct sockaddr *)&to, sizeof(to)), (ssize_t)len);
}

/* Each is as long as its number says, and filled with it. */
static void send_numbered(int fd, unsigned count)
{
	char bytes[DATAGRAM_MAX + 1];
	for (unsigned i = 0; i < count; i++) {
		memset(bytes, (int)(i & 0xff), sizeof(bytes));
		send_bytes(fd, PORT, bytes, i * 7 % (DATAGRAM_MAX + 2));
	}
}

START_TEST(what_is_read_together_stays_apart)
{
	if (!enter_namespace("what_is_read_together_stays_apart"))
		return;
	int fd = open_receiver(PORT), sender = open_receiver(0);
	struct udp_inbox inbox;
	uint32_t drops = 0;
	char bytes[DATAGRAM_MAX + 1];
	const unsigned count = 500;
	udp_inbox_init(&inbox, &memory);
	send_numbered(sender, count);
	ck_assert_int_eq(udp_inbox_fill(&inbox, fd, DATAGRAM_MAX, &drops), 0);
	for (unsigned i = 0; i < count; i++) {
		const struct udp_datagram *datagram = udp_inbox_next(&inbox);
		size_t sent = i * 7 % (DATAGRAM_MAX + 2);
		ck_assert_ptr_nonnull(datagram);
		memset(bytes, (int)(i & 0xff), sizeof(bytes));
		ck_assert_uint_eq(datagram->truncated, sent > DATAGRAM_MAX);
		ck_assert_uint_eq(datagram->bytes.len, datagram->truncated ? DATAGRAM_MAX : sent);
		ck_assert_mem_eq(datagram->bytes.bytes, bytes, datagram->bytes.len);
		ck_assert_uint_eq(datagram->from.port, udp_socket_port(sender));
		ck_assert_uint_eq(datagram->link, link_index("lo"));
		ck_assert(address_is_loopback(&datagram->to));
	}
	ck_assert_ptr_null(udp_inbox_next(&inbox));
	ck_assert_uint_eq(drops, 0);
	close(fd);
	close(sender);
}
END_TEST

/* Fills the inbox, again and again, until its memory is full and the queue of the kernel too. How
 * many were sent. */
static unsigned overfill(struct udp_inbox *inbox, int fd, int sender)
{
	char bytes[DATAGRAM_MAX] = {0};
	unsigned sent = 0;
	uint32_t drops = 0;
	while (udp_socket_drops(fd) == 0) {
		for (unsigned i = 0; i < 100; i++, sent++)
			send_bytes(sender, PORT, bytes, sizeof(bytes));
		ck_assert_int_eq(udp_inbox_fill(inbox, fd, DATAGRAM_MAX, &drops), 0);
		ck_assert_uint_le(memory.used, UDP_MEMORY_MAX);
	}
	return sent;
}

static unsigned take_all(struct udp_inbox *inbox, int fd, uint32_t *drops)
{
	unsigned count = 0;
	do {
		ck_assert_int_eq(udp_inbox_fill(inbox, fd, DATAGRAM_MAX, drops), 0);
		while (udp_inbox_next(inbox))
			count++;
		ck_assert_int_eq(udp_inbox_fill(inbox, fd, DATAGRAM_MAX, drops), 0);
	} while (udp_inbox_waits(inbox));
	return count;
}

START_TEST(what_finds_no_room_is_counted)
{
	if (!enter_namespace("what_finds_no_room_is_counted"))
		return;
	int fd = open_receiver(PORT), sender = open_receiver(0);
	struct udp_inbox inbox;
	uint32_t drops = 0;
	udp_inbox_init(&inbox, &memory);
	unsigned sent = overfill(&inbox, fd, sender), lost = udp_socket_drops(fd);
	ck_assert_uint_ge(memory.used, UDP_MEMORY_MAX - CHUNK_SIZE);
	ck_assert_uint_ge(sent * DATAGRAM_MAX, UDP_MEMORY_MAX - CHUNK_SIZE);
	unsigned taken = take_all(&inbox, fd, &drops);
	send_bytes(sender, PORT, "x", 1);
	taken += take_all(&inbox, fd, &drops);
	ck_assert_uint_eq(drops, lost);
	ck_assert_uint_eq(taken + lost, sent + 1);
	ck_assert_uint_eq(memory.used, 0);
	close(fd);
	close(sender);
}
END_TEST

START_TEST(a_flood_leaves_room_to_other_sockets)
{
	if (!enter_namespace("a_flood_leaves_room_to_other_sockets"))
		return;
	int fd = open_receiver(PORT), other = open_receiver(PORT + 1), sender = open_receiver(0);
	struct udp_inbox inbox, quiet;
	uint32_t drops = 0;
	udp_inbox_init(&inbox, &memory);
	udp_inbox_init(&quiet, &memory);
	overfill(&inbox, fd, sender);
	send_bytes(sender, PORT + 1, "x", 1);
	ck_assert_int_eq(udp_inbox_fill(&quiet, other, DATAGRAM_MAX, &drops), 0);
	ck_assert_ptr_nonnull(udp_inbox_next(&quiet));
	ck_assert_uint_le(memory.used, UDP_MEMORY_MAX + CHUNK_SIZE);
	udp_inbox_fini(&quiet);
	udp_inbox_fini(&inbox);
	close(fd);
	close(other);
	close(sender);
}
END_TEST

static size_t present_device(const void *chunk)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), count = 0;
	unsigned char pages[CHUNK_SIZE / 4096];
	ck_assert_int_eq(mincore((void *)chunk, CHUNK_SIZE, pages), 0);
	for (size_t i = 0; i < CHUNK_SIZE / page; i++)
		count += pages[i] & 1;
	return count * page;
}

START_TEST(the_memory_of_a_burst_is_given_back)
{
	if (!enter_namespace("the_memory_of_a_burst_is_given_back"))
		return;
	int fd = open_receiver(PORT), sender = open_receiver(0);
	struct udp_inbox inbox;
	uint32_t drops = 0;
	udp_inbox_init(&inbox, &memory);
	send_numbered(sender, 600);
	ck_assert_int_eq(udp_inbox_fill(&inbox, fd, DATAGRAM_MAX, &drops), 0);
	ck_assert_uint_gt(memory.used, CHUNK_SIZE);
	while (udp_inbox_next(&inbox))
		;
	ck_assert_uint_eq(memory.used, 0);
	ck_assert(memory.large);
	udp_memory_give_back(&memory);
	ck_assert(!memory.large);
	ck_assert_uint_le(present_device(memory.spare), 16 * 1024);
	close(fd);
	close(sender);
}
END_TEST

/* Two sockets in one loop. */
struct scene {
	struct loop *loop;
	struct udp *udp, *other;
	int sender;
	unsigned heard, heard_by_other;
	unsigned burst; /* of which the first one causes another; 0: it does not */
};

static void send_burst(struct scene *scene, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		send_bytes(scene->sender, PORT, "x", 1);
}

static void hear(void *context, struct udp *udp, const struct udp_datagram *datagram)
{
	struct scene *scene = context;
	unsigned burst = scene->burst;
	(void)datagram;
	*(udp == scene->udp ? &scene->heard : &scene->heard_by_other) += 1;
	scene->burst = 0;
	send_burst(scene, burst);
}

static void open_scene(struct scene *scene)
{
	struct udp_options options = {.name = "test",
	    .family = ADDRESS_IPV4,
	    .port = PORT,
	    .datagram_max = DATAGRAM_MAX,
	    .memory = &memory};
	*scene = (struct scene){.loop = loop_new(), .sender = open_receiver(0)};
	ck_assert_int_eq(udp_open(scene->loop, &options, hear, scene, &scene->udp), 0);
	options.port = PORT + 1;
	ck_assert_int_eq(udp_open(scene->loop, &options, hear, scene, &scene->other), 0);
}

static void close_scene(struct scene *scene)
{
	udp_close(scene->udp);
	udp_close(scene->other);
	close(scene->sender);
	loop_free(scene->loop);
}

/* What the queue of the kernel holds. */
static unsigned fill_kernel(struct scene *scene)
{
	unsigned sent = 0;
	for (; udp_drops(scene->udp) == 0; sent++)
		send_burst(scene, 1);
	return sent - 1;
}

START_TEST(a_burst_is_read_before_it_is_handled)
{
	if (!enter_namespace("a_burst_is_read_before_it_is_handled"))
		return;
	struct scene scene;
	open_scene(&scene);
	unsigned room = fill_kernel(&scene);
	scene.burst = room;
	run_ready(scene.loop);
	ck_assert_uint_eq(udp_drops(scene.udp), 1);
	ck_assert_uint_eq(scene.heard, 2 * room);
	close_scene(&scene);
}
END_TEST

static bool other_heard(void *context)
{
	struct scene *scene = context;
	return scene->heard_by_other > 0;
}

START_TEST(another_socket_has_its_turn_in_a_burst)
{
	if (!enter_namespace("another_socket_has_its_turn_in_a_burst"))
		return;
	struct scene scene;
	unsigned rounds;
	open_scene(&scene);
	unsigned room = fill_kernel(&scene);
	send_bytes(scene.sender, PORT + 1, "x", 1);
	ck_assert(run_until(scene.loop, other_heard, &scene, &rounds));
	/* the first round is the one before sleeping */
	ck_assert_uint_eq(rounds, 2);
	ck_assert_uint_le(scene.heard, 64);
	run_ready(scene.loop);
	ck_assert_uint_eq(scene.heard, room);
	close_scene(&scene);
}
END_TEST

START_TEST(a_socket_may_be_closed_while_datagrams_wait)
{
	if (!enter_namespace("a_socket_may_be_closed_while_datagrams_wait"))
		return;
	struct scene scene;
	open_scene(&scene);
	fill_kernel(&scene);
	send_bytes(scene.sender, PORT + 1, "x", 1);
	ck_assert(run_until(scene.loop, other_heard, &scene, NULL));
	ck_assert_uint_gt(memory.used, 0);
	udp_close(scene.udp);
	ck_assert_uint_eq(memory.used, 0);
	scene.udp = NULL;
	run_ready(scene.loop);
	close_scene(&scene);
}
END_TEST

Suite *udp_inbox_suite(void)
{
	Suite *suite = suite_create("net/udp_inbox");
	TCase *tcase = tcase_create("udp_inbox");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, what_is_read_together_stays_apart);
	tcase_add_test(tcase, what_finds_no_room_is_counted);
	tcase_add_test(tcase, a_flood_leaves_room_to_other_sockets);
	tcase_add_test(tcase, the_memory_of_a_burst_is_given_back);
	tcase_add_test(tcase, a_burst_is_read_before_it_is_handled);
	tcase_add_test(tcase, another_socket_has_its_turn_in_a_burst);
	tcase_add_test(tcase, a_socket_may_be_closed_while_datagrams_wait);
	suite_add_tcase(suite, tcase);
	return suite;
}

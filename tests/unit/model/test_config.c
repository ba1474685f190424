/* SPDX-License-Identifier: ISC
 * Tests of model/config and of the files that must stay in step with its rows. */
#include "base/array.h"
#include "core/core.h"
#include "engine/broadcast.h"
#include "engine/ssdp.h"
#include "model/config.h"
#include "option_texts.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All mistakes of one file, one "file:line: what" per line. */
struct mistakes {
	char text[4096];
	size_t len;
	unsigned count;
};

static void note(void *context, const char *file, unsigned line, const char *what)
{
	struct mistakes *m = context;
	int len =
	    snprintf(m->text + m->len, sizeof(m->text) - m->len, "%s:%u: %s\n", file, line, what);

	m->count++;
	m->len += (size_t)len;
	ck_assert_uint_lt(m->len, sizeof(m->text));
}

static struct config config;
static struct mistakes mistakes;

static void setup(void)
{
	ck_assert_int_eq(engine_config_init(&config, CORE_ENGINES), 0);
	mistakes = (struct mistakes){0};
}

static void teardown(void)
{
	config_fini(&config);
}

/* Within one test, for the next row of its table. */
static void setup_again(void)
{
	teardown();
	setup();
}

static int parse(const char *text)
{
	mistakes = (struct mistakes){0};
	return config_parse(&config, "f", slice_of(text), note, &mistakes);
}

#define ck_good(input)                                                                             \
	do {                                                                                       \
		int result = parse(input);                                                         \
		ck_assert_msg(result == 0, "%s", mistakes.text);                                   \
		ck_assert_uint_eq(mistakes.count, 0);                                              \
	} while (0)
#define ck_bad(input, message)                                                                     \
	do {                                                                                       \
		ck_assert_int_eq(parse(input), -EINVAL);                                           \
		ck_assert_str_eq(mistakes.text, message);                                          \
	} while (0)

static const char *formatted(const struct config *c, char *buffer, size_t size)
{
	struct writer w;

	writer_init(&w, buffer, size - 1);
	config_format(c, &w);
	ck_assert_int_eq(writer_error(&w), 0);
	buffer[w.len] = '\0';
	return buffer;
}

START_TEST(defaults_are_those_of_the_rows)
{
	ck_assert_ptr_null(config.device.name);
	ck_assert_str_eq(config.device.type, "urn:schemas-upnp-org:device:Basic:1");
	ck_assert(config.network.ipv6 && broadcast_config(&config)->enabled &&
		  ssdp_config(&config)->enabled);
	ck_assert_uint_eq(config.network.interfaces.count, 0);
	ck_assert_uint_eq(broadcast_config(&config)->port, 5005);
	ck_assert_uint_eq(broadcast_config(&config)->interval, 30);
	ck_assert_uint_eq(ssdp_config(&config)->max_age, 1800);
	ck_assert_uint_eq(ssdp_config(&config)->ttl, 2);
	ck_assert_uint_eq(ssdp_config(&config)->search_interval, 900);
	ck_assert(ssdp_config(&config)->answer_limit);
	ck_assert_uint_eq(config.http.port, 5006);
	ck_assert_uint_eq(config.http.max_description, 65536);
	ck_assert_uint_eq(config.table.max_devices, 4096);
	ck_assert_uint_eq(config.table.max_devices_per_source, 32);
	ck_assert_uint_eq(config.control.max_clients, 64);
	ck_assert_uint_eq(config.control.max_clients_per_user, 16);
	ck_assert_uint_eq(config.control.max_announcements, 64);
}
END_TEST

START_TEST(printed_defaults_are_the_golden_file)
{
	char buffer[4096];
	char *golden = option_texts_read(GOLDEN "/config/defaults.conf");
	const char *body = strstr(golden, "[Device]"); /* behind its comment */

	ck_assert_ptr_nonnull(body);
	ck_assert_str_eq(formatted(&config, buffer, sizeof(buffer)), body);
	ck_good(golden);
	free(golden);
}
END_TEST

/* Each value as long as it may be. */
static const char FULL[] =
    "[Device]\nname = K\xc3\xbc"
    "che = 1; #2: \"x\"\n"
    "type = urn:example-org:device:Lamp_2.x:12\n"
    "uuid = 2FAC1234-31f8-11b4-a222-08002b34c003\n"
    "manufacturer = 1234567890123456789012345678901234567890123456789012345678901234\n"
    "manufacturer-url = HTTPS://example.org/?a=b;c#d\n"
    "model = [M]\nmodel-number = 1\nmodel-description = "
    "1234567890123456789012345678901234567890123456789012345678901234"
    "1234567890123456789012345678901234567890123456789012345678901234\n"
    "model-url = http://1234567890123456789012345678901234567890123456789012345678901234567890123"
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890\n"
    "serial = 0\npresentation-url = http://192.0.2.1:80/\n"
    "[Network]\ninterfaces = eth0,wlan*\ndeny-interfaces = "
    "12345678901234 12345678901234 12345678901234 12345678901234 12345678901234 12345678901234 "
    "12345678901234 12345678901234 12345678901234 12345678901234 1234567890\n"
    "ipv6 = no\nmulticast-timeout = 86400\n[Broadcast]\nenabled = off\nport = 65535\ninterval = "
    "86400\n"
    "[SSDP]\nenabled = 0\nmax-age = 86400\nttl = 255\nsearch-interval = 86400\nsearch-targets = "
    "roku:ecp, urn:Belkin:device:**,urn:schemas-upnp-org:device:ZonePlayer:1 "
    "urn:schemas-upnp-org:device:MediaServer:1 urn:schemas-upnp-org:service:Dimming:1x "
    "\nanswer-limit = FALSE\n"
    "[HTTP]\nenabled = no\nport = 1\nfetch = no\nmax-description = 1048576\n"
    "[Table]\nmax-devices = 1000000\nmax-devices-per-source = 1000000\n"
    "memory = 4294967295\nmemory-per-source = 4k\nneighbours = LISTED\n"
    "lease-files = /1 /2,/3 /4 /5 /6 /7 /8\n"
    "[Control]\nmax-clients = 1024\nmax-clients-per-user = 1024\n"
    "minissdpd-socket = /12345678901234567890123456789012345678901234567890123456789012345678901234"
    "56789012345678901234567890123456\n"
    "max-announcements = 1024\n";

START_TEST(what_is_printed_reads_back_the_same)
{
	char first[8192], second[8192];

	ck_good(FULL);
	ck_assert_str_eq(config.device.name, "K\xc3\xbc"
					     "che = 1; #2: \"x\"");
	formatted(&config, first, sizeof(first));
	ck_assert_ptr_null(strstr(first, "\n#"));
	config_fini(&config);
	ck_assert_int_eq(engine_config_init(&config, CORE_ENGINES), 0);
	ck_good(first);
	ck_assert_str_eq(formatted(&config, second, sizeof(second)), first);
}
END_TEST

START_TEST(a_later_value_wins_key_by_key)
{
	ck_good("[SSDP]\nttl = 4\nmax-age = 60\nttl = 5\n");
	ck_good("[Broadcast]\nport = 7\n[SSDP]\nttl = 6\n");
	ck_assert_uint_eq(ssdp_config(&config)->ttl, 6);
	ck_assert_uint_eq(ssdp_config(&config)->max_age, 60);
	ck_good("[Network]\ninterfaces = a b\n");
	ck_good("[Network]\ninterfaces = c\n");
	ck_assert_uint_eq(config.network.interfaces.count, 1);
	ck_assert_str_eq(config.network.interfaces.items[0], "c");
}
END_TEST

START_TEST(search_targets_are_visible_ascii_and_sixteen_at_most)
{
	ck_good("[SSDP]\nsearch-targets = roku:ecp, urn:Belkin:device:**  wemo\n");
	ck_assert_uint_eq(ssdp_config(&config)->search_targets.count, 3);
	ck_assert_str_eq(ssdp_config(&config)->search_targets.items[0], "roku:ecp");
	ck_assert_str_eq(ssdp_config(&config)->search_targets.items[1], "urn:Belkin:device:**");
	ck_assert_str_eq(ssdp_config(&config)->search_targets.items[2], "wemo");
	ck_good("[SSDP]\nsearch-targets = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
	ck_assert_uint_eq(ssdp_config(&config)->search_targets.count, 16);
	static const char *const BAD[] = {
	    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "a:b\rX:c", "a\x7f", "\xc3\xa4"};
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		char text[256];
		snprintf(text, sizeof(text), "[SSDP]\nsearch-targets = %s\n", BAD[i]);
		ck_assert_int_eq(parse(text), -EINVAL);
		ck_assert_uint_eq(ssdp_config(&config)->search_targets.count, 16);
	}
	ck_bad("[SSDP]\nsearch-targets = \xc3\xa4\n",
	    "f:2: search-targets must be 16 search targets at most, visible ASCII divided by "
	    "blanks or commas, 0 to 1024 bytes; it is \"\xc3\xa4\"\n");
	ck_good("[SSDP]\nsearch-targets =\n");
	ck_assert_uint_eq(ssdp_config(&config)->search_targets.count, 0);
}
END_TEST

START_TEST(a_size_has_a_unit_or_none)
{
	ck_good("[Table]\nmemory = 1g\nmemory-per-source = 300000\n");
	ck_assert_uint_eq(config.table.memory, 1 << 30);
	ck_assert_uint_eq(config.table.memory_per_source, 300000);
	for (size_t i = 0; i < 5; i++) {
		static const char *const BAD[] = {"8 M", "M", "4G", "1MB", "-1K"};
		char text[64];
		snprintf(text, sizeof(text), "[Table]\nmemory = %s\n", BAD[i]);
		ck_assert_msg(parse(text) == -EINVAL, "%s", BAD[i]);
	}
	ck_bad("[Table]\nmemory = 63K\n",
	    "f:2: memory must be a number of bytes like 8M or 256K, 65536 to 4294967295; it is "
	    "\"63K\"\n");
	ck_assert_uint_eq(config.table.memory, 1 << 30);
}
END_TEST

START_TEST(lease_files_are_absolute_paths_and_eight_at_most)
{
	ck_good("[Table]\nlease-files = /a/b, /c\nneighbours = listed\n");
	ck_assert_uint_eq(config.table.lease_files.count, 2);
	ck_assert_str_eq(config.table.lease_files.items[1], "/c");
	ck_assert(config.table.neighbours_listed);
	ck_bad("[Table]\nlease-files = /a b\nneighbours = yes\n",
	    "f:2: lease-files must be 8 paths at most that begin with \"/\", divided by blanks or "
	    "commas, 0 to 1024 bytes; it is \"/a b\"\n"
	    "f:3: neighbours must be hidden or listed; it is \"yes\"\n");
	ck_assert_int_eq(parse("[Table]\nlease-files = /1 /2 /3 /4 /5 /6 /7 /8 /9\n"), -EINVAL);
	ck_assert_uint_eq(config.table.lease_files.count, 2);
	ck_good("[Table]\nlease-files =\nneighbours = hidden\n");
	ck_assert_uint_eq(config.table.lease_files.count, 0);
	ck_assert(!config.table.neighbours_listed);
}
END_TEST

START_TEST(an_empty_value_unsets_what_may_be_unset)
{
	ck_good("[Device]\nserial = 1\nmodel-url = http://a/\nuuid = "
		"2fac1234-31f8-11b4-a222-08002b34c003\n[Network]\ninterfaces = a\n");
	ck_good("[Device]\nserial =\nmodel-url =\nuuid =\n[Network]\ninterfaces =\n");
	ck_assert_ptr_null(config.device.serial);
	ck_assert_ptr_null(config.device.model_url);
	ck_assert_ptr_null(config.device.uuid);
	ck_assert_uint_eq(config.network.interfaces.count, 0);
	ck_bad("[Device]\nname =\n", "f:2: name must be visible UTF-8 text without doubled blanks, "
				     "1 to 64 bytes; it is \"\"\n");
	ck_assert_int_eq(parse("[Device]\ntype =\n"), -EINVAL);
}
END_TEST

START_TEST(line_ends_blanks_comments_and_a_byte_order_mark_do_not_matter)
{
	ck_good("\xef\xbb\xbf[SSDP]\r\n\r\n  ; a comment\r\n\t# another\r\n"
		"   ttl=3\r\n\tmax-age:60\r\nenabled\t=\tno\t\r\n[Broadcast]\r\n port = 9");
	ck_assert_uint_eq(ssdp_config(&config)->ttl, 3);
	ck_assert_uint_eq(ssdp_config(&config)->max_age, 60);
	ck_assert(!ssdp_config(&config)->enabled);
	ck_assert_uint_eq(broadcast_config(&config)->port, 9);
	ck_good("");
	ck_good("\xef\xbb\xbf");
}
END_TEST

START_TEST(an_indented_line_does_not_continue_the_one_above)
{
	ck_good("[Device]\nname = a\n  serial = b\n");
	ck_assert_str_eq(config.device.name, "a");
	ck_assert_str_eq(config.device.serial, "b");
	ck_bad("[Device]\nname = a\n  b\n",
	    "f:3: neither a [Section] nor \"key = value\" nor a # comment\n");
}
END_TEST

START_TEST(every_mistake_is_told_with_its_line)
{
	ck_bad("[SSDP]\nnonsense\nttl = 3\nmore nonsense\n\n[Broadcast]\nport = x\nlast",
	    "f:2: neither a [Section] nor \"key = value\" nor a # comment\n"
	    "f:4: neither a [Section] nor \"key = value\" nor a # comment\n"
	    "f:7: port must be a whole number, 1 to 65535; it is \"x\"\n"
	    "f:8: neither a [Section] nor \"key = value\" nor a # comment\n");
	ck_assert_uint_eq(ssdp_config(&config)->ttl, 3);
	ck_assert_uint_eq(broadcast_config(&config)->port, 5005);
}
END_TEST

START_TEST(an_unknown_key_is_told_with_what_was_meant)
{
	ck_bad("[SSDP]\nmaxage = 60\n",
	    "f:2: unknown key \"maxage\" in [SSDP]; did you mean \"max-age\"?\n");
	ck_bad("[SSDP]\nTTL = 2\n", "f:2: unknown key \"TTL\" in [SSDP]; did you mean \"ttl\"?\n");
	ck_bad("[Device]\nttl = 2\n",
	    "f:2: unknown key \"ttl\" in [Device]; did you mean \"ttl\" in [SSDP]?\n");
	ck_bad("[Device]\nzzzzzz = 2\n",
	    "f:2: unknown key \"zzzzzz\" in [Device]; discoverd.conf(5) lists them\n");
	ck_bad("name = x\n",
	    "f:1: \"name\" stands before the first [Section]; put it below its own\n");
}
END_TEST

START_TEST(an_unknown_section_is_told_once)
{
	ck_bad("[SSPD]\nttl = 2\nfoo = 2\n", "f:1: unknown section [SSPD]; did you mean [SSDP]?\n");
	ck_bad("[ssdp]\nttl = 7\n", "f:1: unknown section [ssdp]; did you mean [SSDP]?\n");
	ck_assert_uint_eq(ssdp_config(&config)->ttl, 2);
	ck_bad("[Elsewhere]\n[SSDP]\nttl = 7\n",
	    "f:1: unknown section [Elsewhere]; discoverd.conf(5) lists them\n");
	ck_assert_uint_eq(ssdp_config(&config)->ttl, 7);
}
END_TEST

START_TEST(nothing_beside_a_section_name_is_passed_over)
{
	static const char *const lines[] = {
	    "[HTTP] port = 9\n", "[HTTP\n", "[HTTP] ; x\n", "[HTTP] # x\n", "[HTTP]]\n"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[128];
		snprintf(text, sizeof(text), "[SSDP]\n%sport = 7\n", lines[i]);
		ck_assert_int_eq(parse(text), -EINVAL);
		ck_assert_uint_eq(mistakes.count, 1);
		ck_assert_ptr_eq(strstr(mistakes.text, "f:2: "), mistakes.text);
		ck_assert_uint_eq(config.http.port, 5006);
	}
}
END_TEST

/* What is no value by mistake: "" where the line is good. */
static const struct written_case {
	const char *line, *mistake;
} WRITTEN[] = {
    {"name = Workshop # by the door",
	"a comment stands on a line of its own, not behind a value; move \"# by the door\""},
    {"name = Workshop ; by the door",
	"a comment stands on a line of its own, not behind a value; move \"; by the door\""},
    {"name = Workshop\t#\tby the door",
	"a comment stands on a line of its own, not behind a value; move \"#\tby the door\""},
    {"name = Workshop #", "a comment stands on a line of its own, not behind a value; move \"#\""},
    {"name = # none", "a comment stands on a line of its own, not behind a value; move \"# none\""},
    {"name = \"Workshop\" # by the door",
	"a comment stands on a line of its own, not behind a value; move \"# by the door\""},
    {"type = urn:a:device:X:1 #mine",
	"a comment stands on a line of its own, not behind a value; move \"#mine\""},
    {"model-url = http://a/ ;home",
	"a comment stands on a line of its own, not behind a value; move \";home\""},
    {"uuid = #none", "a comment stands on a line of its own, not behind a value; move \"#none\""},
    {"name = Printer #2", ""},
    {"name = #2", ""},
    {"name = C# machine", ""},
    {"name = a;b", ""},
    {"name = a ;b", ""},
    {"name = AT&T #1; #2", ""},
    {"model-url = http://a/#top;x", ""},
    {"name = \"Workshop\"", "values are not quoted: write name = Workshop"},
    {"name='Workshop'", "values are not quoted: write name = Workshop"},
    {"name = \"\"", "values are not quoted: write name = "},
    {"type = \"urn:a:device:X:1\"", "values are not quoted: write type = urn:a:device:X:1"},
    {"model-url = \"http://a/\"", "values are not quoted: write model-url = http://a/"},
    {"name = 17\" screen", ""},
    {"name = \"Workshop", ""},
    {"name = Workshop\"", ""},
    {"name = \"Workshop'", ""},
    {"name = \"", ""},
    {"name = Bob's TV", ""},
    {"name = \xe2\x80\x9cWorkshop\xe2\x80\x9d", ""},
    {"name = a=b", ""},
    {"name == b", ""},
};

START_TEST(quoted_values_and_comments_behind_values_are_mistakes)
{
	const struct written_case *row = &WRITTEN[_i];
	char text[256], expected[256];

	snprintf(text, sizeof(text), "[Device]\n%s\n", row->line);
	snprintf(expected, sizeof(expected), "f:2: %s\n", row->mistake);
	if (*row->mistake)
		ck_bad(text, expected);
	else
		ck_good(text);
}
END_TEST

START_TEST(quoted_values_and_comments_are_mistakes_in_each_kind_of_value)
{
	ck_bad("[SSDP]\nttl = 2 # twice\nttl = 2 #twice\nttl = \"2\"\nenabled = 'yes'\n",
	    "f:2: a comment stands on a line of its own, not behind a value; move \"# twice\"\n"
	    "f:3: a comment stands on a line of its own, not behind a value; move \"#twice\"\n"
	    "f:4: values are not quoted: write ttl = 2\n"
	    "f:5: values are not quoted: write enabled = yes\n");
	ck_bad("[Network]\ninterfaces = eth0 #wired\ninterfaces = \"eth0\"\n"
	       "interfaces = br0, \"eth0\" 'eth1'\n",
	    "f:2: a comment stands on a line of its own, not behind a value; move \"#wired\"\n"
	    "f:3: values are not quoted: write interfaces = eth0\n"
	    "f:4: values are not quoted: write \"eth0\" without the marks\n");
	ck_bad("[Control]\nminissdpd-socket = \"/run/m\"\n",
	    "f:2: values are not quoted: write minissdpd-socket = /run/m\n");
	ck_good("[Control]\nminissdpd-socket = /run/a #1\n");
	ck_assert_str_eq(config.control.minissdpd_socket, "/run/a #1");
	ck_assert_uint_eq(config.network.interfaces.count, 0);
	ck_assert_uint_eq(ssdp_config(&config)->ttl, 2);
}
END_TEST

START_TEST(a_line_may_be_as_long_as_it_likes)
{
	enum { LONG = 5000 };
	static char text[2 * LONG + 128];
	size_t len = (size_t)snprintf(text, sizeof(text), "[SSDP]\nttl = 3\n#");

	memset(text + len, 'x', LONG);
	ck_good(text);
	snprintf(text + len + LONG, sizeof(text) - len - LONG, "\nttl =%*s\nttl x", LONG, "9");
	ck_bad(text, "f:5: neither a [Section] nor \"key = value\" nor a # comment\n");
	ck_assert_uint_eq(ssdp_config(&config)->ttl, 9);
}
END_TEST

START_TEST(a_message_shows_the_beginning_of_what_is_long)
{
	char text[2048], xs[301], shown[101], expected[1024];

	snprintf(xs, sizeof(xs), "%0300d", 0);
	snprintf(shown, sizeof(shown), "%0100d", 0);
	snprintf(text, sizeof(text), "%s=\n[%s]\n[HTTP]\n%s = 1\nport = %s\nport = 1 # %s\n", xs,
	    xs, xs, xs, xs);
	snprintf(expected, sizeof(expected),
	    "f:1: \"%s...\" stands before the first [Section]; put it below its own\n"
	    "f:2: unknown section [%s...]; discoverd.conf(5) lists them\n"
	    "f:4: unknown key \"%s...\" in [HTTP]; discoverd.conf(5) lists them\n"
	    "f:5: port must be a whole number, 1 to 65535; it is \"%s...\"\n"
	    "f:6: a comment stands on a line of its own, not behind a value; move \"# %.98s...\"\n",
	    shown, shown, shown, shown, shown);
	ck_bad(text, expected);
}
END_TEST

START_TEST(a_broken_section_header_ends_the_section_above)
{
	static const char *const headers[] = {"[Broadcast", "[", "[]", "[Broadcast]x",
	    "[Broadcast] # x", "[Broadcast]]", "[[Broadcast]", "[Broadcast\x01]", "[Broadcast ]"};

	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		char text[128];
		setup_again();
		snprintf(
		    text, sizeof(text), "[HTTP]\n%s\nport = 7\n[HTTP]\nport = 8\n", headers[i]);
		ck_assert_msg(parse(text) == -EINVAL, "%s", headers[i]);
		ck_assert_msg(mistakes.count == 1, "%s: %s", headers[i], mistakes.text);
		ck_assert_ptr_eq(strstr(mistakes.text, "f:2: "), mistakes.text);
		ck_assert_uint_eq(broadcast_config(&config)->port, 5005);
		ck_assert_uint_eq(config.http.port, 8);
	}
}
END_TEST

/* A key of [SSDP] that is "ttl" or "max-age", or as far from them as the message says. */
START_TEST(what_was_meant_is_at_most_two_letters_away)
{
	ck_bad("[SSDP]\nmxa-age =\nmx-ae =\nm-ae =\n",
	    "f:2: unknown key \"mxa-age\" in [SSDP]; did you mean \"max-age\"?\n"
	    "f:3: unknown key \"mx-ae\" in [SSDP]; did you mean \"max-age\"?\n"
	    "f:4: unknown key \"m-ae\" in [SSDP]; discoverd.conf(5) lists them\n");
	ck_bad("[SSDP]\nmaxx-agee =\nmaxx-ageee =\nMAX-AGE =\nnax-ahe =\nnaz-ahe =\n",
	    "f:2: unknown key \"maxx-agee\" in [SSDP]; did you mean \"max-age\"?\n"
	    "f:3: unknown key \"maxx-ageee\" in [SSDP]; discoverd.conf(5) lists them\n"
	    "f:4: unknown key \"MAX-AGE\" in [SSDP]; did you mean \"max-age\"?\n"
	    "f:5: unknown key \"nax-ahe\" in [SSDP]; did you mean \"max-age\"?\n"
	    "f:6: unknown key \"naz-ahe\" in [SSDP]; discoverd.conf(5) lists them\n");
}
END_TEST

START_TEST(a_key_of_another_section_is_one_letter_further_away)
{
	ck_bad("[Network]\nmax-agee =\nmaxx-agee =\n",
	    "f:2: unknown key \"max-agee\" in [Network]; did you mean \"max-age\" in [SSDP]?\n"
	    "f:3: unknown key \"maxx-agee\" in [Network]; discoverd.conf(5) lists them\n");
	/* two letters from "port" of both: that of its own section is meant */
	ck_bad("[HTTP]\npo =\n[Broadcast]\npo =\n",
	    "f:2: unknown key \"po\" in [HTTP]; did you mean \"port\"?\n"
	    "f:4: unknown key \"po\" in [Broadcast]; did you mean \"port\"?\n");
}
END_TEST

START_TEST(a_section_is_meant_by_the_same_distance)
{
	ck_bad("[Tabel]\n[Htp]\n[Contrlo]\n[Contr]\n[Cont]\n[Networking]\n[Network-s]\n",
	    "f:1: unknown section [Tabel]; did you mean [Table]?\n"
	    "f:2: unknown section [Htp]; did you mean [HTTP]?\n"
	    "f:3: unknown section [Contrlo]; did you mean [Control]?\n"
	    "f:4: unknown section [Contr]; did you mean [Control]?\n"
	    "f:5: unknown section [Cont]; discoverd.conf(5) lists them\n"
	    "f:6: unknown section [Networking]; discoverd.conf(5) lists them\n"
	    "f:7: unknown section [Network-s]; did you mean [Network]?\n");
}
END_TEST

START_TEST(control_characters_are_refused)
{
	struct slice text =
	    SLICE("[Device]\nname = a\0b\nserial = a\rb\nmodel = a\033b\nuuid\f=\n");

	ck_assert_int_eq(config_parse(&config, "f", text, note, &mistakes), -EINVAL);
	ck_assert_str_eq(mistakes.text, "f:2: a control character; remove it\n"
					"f:3: a control character; remove it\n"
					"f:4: a control character; remove it\n"
					"f:5: a control character; remove it\n");
	ck_assert_ptr_null(config.device.name);
}
END_TEST

/* One value that is good or bad for its key. */
static const struct value_case {
	const char *line;
	bool good;
} VALUES[] = {
    {"[Device]\nname = x", true},
    {"[Device]\nname = 1234567890123456789012345678901234567890123456789012345678901234", true},
    {"[Device]\nname = 12345678901234567890123456789012345678901234567890123456789012345", false},
    {"[Device]\nname = two  blanks", false},
    {"[Device]\nname = \xff", false},
    {"[Device]\nname = a\xe2\x80\xae"
     "b",
	false},
    {"[Device]\nname = a\xe2\x80\xa8"
     "b",
	false},
    {"[Device]\nuuid = 2fac1234-31f8-11b4-a222-08002b34c003", true},
    {"[Device]\nuuid = uuid:2fac1234-31f8-11b4-a222-08002b34c003", false},
    {"[Device]\nuuid = 2fac1234-31f8-11b4-a222-08002b34c00", false},
    {"[Device]\nuuid = 2fac1234-31f8-11b4-a222-08002b34c00g", false},
    {"[Device]\nuuid = 2fac1234031f8-11b4-a222-08002b34c003", false},
    {"[Device]\ntype = urn:a-b.c:device:X_y:1", true},
    {"[Device]\ntype = urn:a:device:X:0", false},
    {"[Device]\ntype = urn:a:device:X:1.5", false},
    {"[Device]\ntype = urn:a:device:X:", false},
    {"[Device]\ntype = urn:a:device:X", false},
    {"[Device]\ntype = urn:a:device:X:1:1", false},
    {"[Device]\ntype = urn::device:X:1", false},
    {"[Device]\ntype = urn:a:service:X:1", false},
    {"[Device]\ntype = URN:a:device:X:1", false},
    {"[Device]\ntype = urn:a:device:X Y:1", false},
    {"[Device]\ntype = upnp:rootdevice", false},
    {"[Device]\npresentation-url = http://[2001:db8::1]:80/x?y=z", true},
    {"[Device]\npresentation-url = Https://a", true},
    {"[Device]\npresentation-url = ftp://a", false},
    {"[Device]\npresentation-url = http://", false},
    {"[Device]\npresentation-url = http:///x", false},
    {"[Device]\npresentation-url = http://a b", false},
    {"[Device]\npresentation-url = http://a\"b", false},
    {"[Device]\npresentation-url = http://\xc3\xbc/", false},
    {"[Device]\npresentation-url = javascript:x", false},
    {"[Control]\nminissdpd-socket = /run/m.sock", true},
    {"[Control]\nminissdpd-socket =", true},
    {"[Control]\nminissdpd-socket = run/m.sock", false},
    {"[Control]\nminissdpd-socket = /a\xff", false},
    {"[SSDP]\nenabled = YES", true},
    {"[SSDP]\nenabled = Off", true},
    {"[SSDP]\nenabled = 1", true},
    {"[SSDP]\nenabled = 2", false},
    {"[SSDP]\nenabled = enabled", false},
    {"[SSDP]\nenabled =", false},
    {"[SSDP]\nttl = 1", true},
    {"[SSDP]\nttl = 255", true},
    {"[SSDP]\nttl = 002", true},
    {"[SSDP]\nttl = 0", false},
    {"[SSDP]\nttl = 256", false},
    {"[SSDP]\nttl = -1", false},
    {"[SSDP]\nttl = +1", false},
    {"[SSDP]\nttl = 0x2", false},
    {"[SSDP]\nttl = 2s", false},
    {"[SSDP]\nttl =", false},
    {"[SSDP]\nttl = 4294967298", false},
    {"[SSDP]\nttl = 18446744073709551618", false},
    {"[Network]\ninterfaces = eth0", true},
    {"[Network]\ninterfaces = eth\xff", false},
};

START_TEST(a_value_is_checked_by_its_kind)
{
	const struct value_case *row = &VALUES[_i];
	char before[4096], after[4096];

	formatted(&config, before, sizeof(before));
	ck_assert_msg(parse(row->line) == (row->good ? 0 : -EINVAL), "%s", row->line);
	formatted(&config, after, sizeof(after));
	if (!row->good)
		ck_assert_str_eq(before, after);
	ck_assert_uint_eq(mistakes.count, !row->good);
	if (!row->good)
		ck_assert_ptr_eq(strstr(mistakes.text, "f:2: "), mistakes.text);
}
END_TEST

START_TEST(lists_are_divided_by_blanks_and_commas)
{
	ck_good("[Network]\ninterfaces = ,eth0, wlan*\t,,br[0-9] \n");
	ck_assert_uint_eq(config.network.interfaces.count, 3);
	ck_assert_str_eq(config.network.interfaces.items[0], "eth0");
	ck_assert_str_eq(config.network.interfaces.items[1], "wlan*");
	ck_assert_str_eq(config.network.interfaces.items[2], "br[0-9]");
}
END_TEST

/* True when no earlier option has this section. */
static bool begins_section(size_t i)
{
	const char *section = config_option_at(&config, i)->section;
	bool begins = true;

	for (size_t j = 0; j < i; j++)
		begins &= strcmp(config_option_at(&config, j)->section, section) != 0;
	return begins;
}

START_TEST(rows_are_grouped_and_unique)
{
	const struct config_option *a, *b;

	for (size_t i = 0; (a = config_option_at(&config, i)); i++) {
		ck_assert(a->help && strlen(a->help) < 80);
		ck_assert(i == 0 ||
			  begins_section(i) ==
			      (strcmp(config_option_at(&config, i - 1)->section, a->section) != 0));
		for (size_t j = 0; j < i; j++) {
			b = config_option_at(&config, j);
			bool same = strcmp(a->section, b->section) == 0;
			ck_assert(!same || strcmp(a->key, b->key) != 0);
			ck_assert(!same || a->offset != b->offset);
		}
	}
}
END_TEST

START_TEST(a_section_of_a_part_has_values_of_its_own)
{
	ck_good("[Broadcast]\nenabled = no\n");
	ck_assert(!broadcast_config(&config)->enabled);
	ck_assert(ssdp_config(&config)->enabled && config.http.enabled);
	/* what is moved keeps its values */
	struct config moved = config;
	ck_assert_int_eq(engine_config_init(&config, CORE_ENGINES), 0);
	ck_assert(!broadcast_config(&moved)->enabled && broadcast_config(&config)->enabled);
	config_fini(&moved);
}
END_TEST

START_TEST(a_section_that_was_not_handed_in_is_unknown)
{
	char printed[4096];

	teardown();
	ck_assert_int_eq(config_init(&config, NULL, 0), 0);
	ck_assert_ptr_null(config_values(&config, SSDP_ENGINE.section));
	ck_bad("[SSDP]\nttl = 2\n", "f:1: unknown section [SSDP]; discoverd.conf(5) lists them\n");
	formatted(&config, printed, sizeof(printed));
	ck_assert_ptr_null(strstr(printed, "[SSDP]"));
	ck_assert_ptr_nonnull(strstr(printed, "multicast-timeout = 1800\n\n[HTTP]\n"));
}
END_TEST

/* What conf/discoverd.conf must say for the rows. */
static void write_sample(struct writer *w)
{
	const struct config_option *option;
	const char *section = "";

	for (size_t i = 0; (option = config_option_at(&config, i)); i++) {
		if (strcmp(section, option->section) != 0)
			writer_format(w, "\n[%s]\n", option->section);
		section = option->section;
		writer_format(w, "# %s.\n#%s =%s%s\n", option->help, option->key,
		    option->standard ? " " : "", option->standard ? option->standard : "");
	}
}

START_TEST(the_installed_file_shows_every_row_and_sets_nothing)
{
	char sample[8192], before[4096], after[4096];
	struct writer w;
	char *file = option_texts_read(GOLDEN "/../../conf/discoverd.conf");
	const char *body = strstr(file, "\n[Device]");

	ck_assert_ptr_nonnull(body);
	writer_init(&w, sample, sizeof(sample) - 1);
	write_sample(&w);
	ck_assert_int_eq(writer_error(&w), 0);
	sample[w.len] = '\0';
	ck_assert_str_eq(body, sample);

	formatted(&config, before, sizeof(before));
	ck_good(file);
	ck_assert_str_eq(formatted(&config, after, sizeof(after)), before);
	free(file);
}
END_TEST

START_TEST(the_installed_file_is_good_with_every_line_in_force)
{
	char *file = option_texts_read(GOLDEN "/../../conf/discoverd.conf");

	for (char *line = file; line; line = strchr(line + 1, '\n'))
		if (line[1] == '#' && line[2] != ' ' && line[2] != '\n' &&
		    strncmp(line + strcspn(line, "="), "=\n", 2) != 0)
			line[1] = ' ';
	ck_good(file);
	free(file);
}
END_TEST

START_TEST(the_manual_tells_every_option_in_its_section)
{
	const struct config_option *rows[128];
	size_t count = 0;

	while (count < COUNT_OF(rows) && (rows[count] = config_option_at(&config, count)))
		count++;
	option_texts_ck_manual(GOLDEN "/../../man/discoverd.conf.5", rows, count);
}
END_TEST

START_TEST(the_example_is_good)
{
	char *file = option_texts_read(GOLDEN "/../../conf/example.conf");

	ck_good(file);
	ck_assert_ptr_nonnull(config.device.name);
	free(file);
}
END_TEST

Suite *config_suite(void)
{
	Suite *suite = suite_create("model/config");
	TCase *tcase = tcase_create("config");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, defaults_are_those_of_the_rows);
	tcase_add_test(tcase, printed_defaults_are_the_golden_file);
	tcase_add_test(tcase, what_is_printed_reads_back_the_same);
	tcase_add_test(tcase, a_later_value_wins_key_by_key);
	tcase_add_test(tcase, search_targets_are_visible_ascii_and_sixteen_at_most);
	tcase_add_test(tcase, a_size_has_a_unit_or_none);
	tcase_add_test(tcase, lease_files_are_absolute_paths_and_eight_at_most);
	tcase_add_test(tcase, an_empty_value_unsets_what_may_be_unset);
	tcase_add_test(tcase, line_ends_blanks_comments_and_a_byte_order_mark_do_not_matter);
	tcase_add_test(tcase, an_indented_line_does_not_continue_the_one_above);
	tcase_add_test(tcase, every_mistake_is_told_with_its_line);
	tcase_add_test(tcase, an_unknown_key_is_told_with_what_was_meant);
	tcase_add_test(tcase, an_unknown_section_is_told_once);
	tcase_add_test(tcase, nothing_beside_a_section_name_is_passed_over);
	tcase_add_loop_test(
	    tcase, quoted_values_and_comments_behind_values_are_mistakes, 0, COUNT_OF(WRITTEN));
	tcase_add_test(tcase, quoted_values_and_comments_are_mistakes_in_each_kind_of_value);
	tcase_add_test(tcase, a_line_may_be_as_long_as_it_likes);
	tcase_add_test(tcase, a_message_shows_the_beginning_of_what_is_long);
	tcase_add_test(tcase, a_broken_section_header_ends_the_section_above);
	tcase_add_test(tcase, what_was_meant_is_at_most_two_letters_away);
	tcase_add_test(tcase, a_key_of_another_section_is_one_letter_further_away);
	tcase_add_test(tcase, a_section_is_meant_by_the_same_distance);
	tcase_add_test(tcase, control_characters_are_refused);
	tcase_add_loop_test(
	    tcase, a_value_is_checked_by_its_kind, 0, sizeof(VALUES) / sizeof(VALUES[0]));
	tcase_add_test(tcase, lists_are_divided_by_blanks_and_commas);
	tcase_add_test(tcase, rows_are_grouped_and_unique);
	tcase_add_test(tcase, a_section_of_a_part_has_values_of_its_own);
	tcase_add_test(tcase, a_section_that_was_not_handed_in_is_unknown);
	tcase_add_test(tcase, the_installed_file_shows_every_row_and_sets_nothing);
	tcase_add_test(tcase, the_installed_file_is_good_with_every_line_in_force);
	tcase_add_test(tcase, the_manual_tells_every_option_in_its_section);
	tcase_add_test(tcase, the_example_is_good);
	suite_add_tcase(suite, tcase);
	return suite;
}

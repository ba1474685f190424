/* SPDX-License-Identifier: ISC
 * Tests of model/lease_file: each format, and what is none. */
#include "base/array.h"
#include "model/lease_file.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

#define KEA                                                                                        \
	"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,"     \
	"state,user_context\n"

static const struct {
	const char *text;
	const char *leases; /* "MAC NAME EXPIRES ADDRESS", each ended by ";" */
	enum lease_format format;
	size_t malformed;
} FILES[] = {
    {"", "", LEASE_FORMAT_UNKNOWN, 0},
    {"\n \n", "", LEASE_FORMAT_UNKNOWN, 0},
    /* dnsmasq, with DHCPv6 behind its "duid" */
    {"1791234567 02:00:00:00:00:01 192.0.2.1 laptop 01:02:00:00:00:00:01\n"
     "1791234567 02:00:00:00:00:02 192.0.2.2 * *\n"
     "0 02:00:00:00:00:03 192.0.2.3 printer.lan. *\n"
     "43200 02:00:00:00:00:04 192.0.2.4 camera *\n"
     "1791234567 06-00:00:00:00:00:05 192.0.2.5 radio *\n"
     "duid 00:01:00:01:2a:2b:2c:2d:02:00:00:00:00:00\n"
     "1791234567 12345 fd00::1 laptop 00:01:00:01:2a:2b:2c:2d:02:00:00:00:00:01\n"
     "1791234567 T12346 fd00::2 laptop 00:01\n",
	"02:00:00:00:00:01 laptop 1791234567 192.0.2.1;"
	"02:00:00:00:00:02  1791234567 192.0.2.2;"
	"02:00:00:00:00:03 printer.lan never 192.0.2.3;"
	"02:00:00:00:00:04 camera never 192.0.2.4;",
	LEASE_DNSMASQ, 0},
    {"duid 00:01\n", "", LEASE_DNSMASQ, 0},
    {"1791234567 02:00:00:00:00:01 192.0.2.1\r\n"
     "x 02:00:00:00:00:01 192.0.2.1 a *\n"
     "1791234567 02:00:00:00:00:01 here a *\n"
     "1791234567 02:00:00:00:00:01 192.0.2.1 a *\r\n"
     "1791234567 02:00:00:00:00:02 192.0.2.2 b",
	"02:00:00:00:00:01 a 1791234567 192.0.2.1;"
	"02:00:00:00:00:02 b 1791234567 192.0.2.2;",
	LEASE_DNSMASQ, 3},
    /* odhcpd: a hosts file with the leases in its comments */
    {"192.0.2.1\tlaptop.lan\tlaptop\n"
     "# br-lan 020000000001 ipv4 laptop 1791234567 c0000201 32 192.0.2.1/32\n"
     "# br-lan 020000000002 ipv4 - 1791234567 c0000202 32 192.0.2.2/32\n"
     "# br-lan 020000000003 ipv4 broken\\x20a_b -1 c0000203 32 192.0.2.3/32\n"
     "# br-lan 020000000004 ipv4 old 0 c0000204 32\n"
     "# br-lan 02:00:00:00:00:05 ipv4 tv 1791234567 c0000205 32 192.0.2.5/32\n"
     "# br-lan 00010001ffff 7 laptop 1791234567 5 128 fd00::5/128\n"
     "fd00::5\tlaptop.lan\tlaptop\n",
	"02:00:00:00:00:01 laptop 1791234567 192.0.2.1;"
	"02:00:00:00:00:02  1791234567 192.0.2.2;"
	"02:00:00:00:00:03 a_b never 192.0.2.3;"
	"02:00:00:00:00:04 old 0 none;"
	"02:00:00:00:00:05 tv 1791234567 192.0.2.5;",
	LEASE_ODHCPD, 0},
    {"# br-lan 02000000000x ipv4 a 1 c0000201 32\n"
     "# br-lan 020000000001 ipv4 a soon c0000201 32\n"
     "# a comment\n",
	"", LEASE_ODHCPD, 3},
    /* Kea: a journal */
    {KEA "192.0.2.1,02:00:00:00:00:01,01:02:00:00:00:00:01,3600,1791234567,1,0,0,laptop,0,\n"
	 "192.0.2.2,02:00:00:00:00:02,,3600,1791234567,1,1,1,printer.example.org.,0,\n"
	 "192.0.2.1,02:00:00:00:00:01,,0,1791230967,1,0,0,laptop,0,\n"
	 "192.0.2.2,02:00:00:00:00:02,,3600,1791234567,1,1,1,,2,\n"
	 "192.0.2.3,02:00:00:00:00:03,,4294967295,1791234567,1,1,1,tv,0,\n"
	 "192.0.2.4,,,3600,1791234567,1,0,0,,1,\n"
	 "192.0.2.5,02:00:00:00:00:05,,3600,1791234567,1,0,0\n",
	"02:00:00:00:00:01 laptop 1791234567 192.0.2.1;"
	"02:00:00:00:00:02 printer.example.org 1791234567 192.0.2.2;"
	"02:00:00:00:00:01 laptop 0 192.0.2.1;"
	"02:00:00:00:00:02  0 192.0.2.2;"
	"02:00:00:00:00:03 tv never 192.0.2.3;"
	"02:00:00:00:00:05  1791234567 192.0.2.5;",
	LEASE_KEA, 0},
    /* of DHCPv6, where the columns stand elsewhere */
    {"address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,"
     "fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source\n"
     "fd00::1,00:01:00:01,3600,1791234567,1,1800,0,7,128,0,0,laptop,02:00:00:00:00:01,0,,1,2\n",
	"02:00:00:00:00:01 laptop 1791234567 fd00::1;", LEASE_KEA, 0},
    {"address,hwaddr\n192.0.2.1,02:00:00:00:00:01\n", "", LEASE_KEA, 1},
    {KEA "192.0.2.1,02:00:00:00:00:01,,3600,soon,1,0,0,a,0,\n"
	 "nowhere,02:00:00:00:00:01,,3600,1791234567,1,0,0,a,0,\n",
	"", LEASE_KEA, 2},
    /* none */
    {"lease 192.0.2.1 {\n  client-hostname \"a\";\n}\n", "", LEASE_FORMAT_UNKNOWN, 3},
    {"PK\3\4\xff\n\n0 02:00:00:00:00:01 192.0.2.1 a *\n", "02:00:00:00:00:01 a never 192.0.2.1;",
	LEASE_DNSMASQ, 1},
};

static void print(const struct lease *lease, struct writer *w)
{
	mac_format(&lease->mac, w);
	writer_format(w, " %.*s ", SLICE_ARGS(lease->name));
	if (lease->expires == INT64_MAX)
		writer_text(w, "never ");
	else
		writer_format(w, "%lld ", (long long)lease->expires);
	if (address_is_none(&lease->address))
		writer_text(w, "none");
	else
		address_format(&lease->address, w);
	writer_char(w, ';');
}

START_TEST(each_format_is_recognised_and_read)
{
	char text[1024];
	struct lease_file file;
	struct lease lease;
	struct writer w;

	writer_init(&w, text, sizeof(text) - 1);
	lease_file_init(&file, slice_of(FILES[_i].text));
	while (lease_file_next(&file, &lease))
		print(&lease, &w);
	ck_assert_int_eq(writer_error(&w), 0);
	text[w.len] = '\0';
	ck_assert_str_eq(text, FILES[_i].leases);
	ck_assert_int_eq(file.format, FILES[_i].format);
	ck_assert_uint_eq(file.malformed, FILES[_i].malformed);
}
END_TEST

/* RFC 1035, 2.3.4 */
START_TEST(a_name_has_at_most_253_bytes)
{
	char text[512], name[LEASE_NAME_MAX + 2] = {0};
	struct lease_file file;
	struct lease lease;

	memset(name, 'a', LEASE_NAME_MAX);
	snprintf(text, sizeof(text), "0 02:00:00:00:00:01 192.0.2.1 %s. *\n", name);
	lease_file_init(&file, slice_of(text));
	ck_assert(lease_file_next(&file, &lease));
	ck_assert_uint_eq(lease.name.len, LEASE_NAME_MAX);
	name[LEASE_NAME_MAX] = 'a';
	snprintf(text, sizeof(text), "0 02:00:00:00:00:01 192.0.2.1 %s *\n", name);
	lease_file_init(&file, slice_of(text));
	ck_assert(!lease_file_next(&file, &lease));
	ck_assert_uint_eq(file.malformed, 1);
}
END_TEST

Suite *lease_file_suite(void)
{
	Suite *suite = suite_create("model/lease_file");
	TCase *tcase = tcase_create("lease_file");

	tcase_add_loop_test(tcase, each_format_is_recognised_and_read, 0, COUNT_OF(FILES));
	tcase_add_test(tcase, a_name_has_at_most_253_bytes);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of wire/description. */
#include "suites.h"
#include "wire/read_description.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One name, then its friendlyName is read back. */
static void assert_name(struct slice document, const char *name)
{
	struct description *description = read_whole(document);

	ck_assert_pstr_eq(description->devices[0].friendly_name, name);
	description_free(description);
}

static const char MINIDLNA[] =
    "<?xml version=\"1.0\"?>\r\n"
    "<root xmlns=\"urn:schemas-upnp-org:device-1-0\">\r\n"
    "<specVersion><major>1</major><minor>0</minor></specVersion>\r\n"
    "<device xmlns:dlna=\"urn:schemas-dlna-org:device-1-0\">\r\n"
    "<dlna:X_DLNADOC>DMS-1.50</dlna:X_DLNADOC>\r\n"
    "<deviceType>urn:schemas-upnp-org:device:MediaServer:1</deviceType>\r\n"
    "<friendlyName>attic: J&#xFC;rgen &amp; S&#246;hne</friendlyName>\r\n"
    "<manufacturer>A Maker</manufacturer><manufacturerURL>http://example.org/</manufacturerURL>\r\n"
    "<modelDescription>Serves media</modelDescription><modelName>Server on Linux</modelName>\r\n"
    "<modelNumber>1.3.0</modelNumber><modelURL>http://example.org/model</modelURL>\r\n"
    "<serialNumber>00000000</serialNumber>\r\n"
    "<UDN>uuid:4d696e69-444c-164e-9d41-020000000001</UDN>\r\n"
    "<presentationURL>/</presentationURL>\r\n"
    "<iconList><icon><mimetype>image/png</mimetype><width>48</width><url>/icons/sm.png</url></"
    "icon>\r\n"
    "<icon><mimetype>image/png</mimetype><url>/icons/lrg.png</url></icon></iconList>\r\n"
    "<serviceList><service><serviceType>urn:schemas-upnp-org:service:ContentDirectory:1</"
    "serviceType>\r\n"
    "<serviceId>urn:upnp-org:serviceId:ContentDirectory</serviceId>\r\n"
    "<controlURL>/ctl/ContentDir</controlURL></service>\r\n"
    "<service><serviceType>urn:schemas-upnp-org:service:ConnectionManager:1</serviceType>\r\n"
    "<serviceId>urn:upnp-org:serviceId:ConnectionManager</serviceId></service></serviceList>\r\n"
    "</device></root>";

START_TEST(a_media_server_is_read)
{
	struct description *d = read_whole(slice_of(MINIDLNA));
	const struct described_device *device = &d->devices[0];

	ck_assert_uint_eq(d->device_count, 1);
	ck_assert_str_eq(device->type, "urn:schemas-upnp-org:device:MediaServer:1");
	ck_assert_str_eq(device->friendly_name, "attic: J\xc3\xbcrgen & S\xc3\xb6hne");
	ck_assert_str_eq(device->manufacturer, "A Maker");
	ck_assert_str_eq(device->manufacturer_url, "http://example.org/");
	ck_assert_str_eq(device->model_description, "Serves media");
	ck_assert_str_eq(device->model_name, "Server on Linux");
	ck_assert_str_eq(device->model_number, "1.3.0");
	ck_assert_str_eq(device->model_url, "http://example.org/model");
	ck_assert_str_eq(device->serial_number, "00000000");
	ck_assert_str_eq(device->udn, "uuid:4d696e69-444c-164e-9d41-020000000001");
	ck_assert_str_eq(device->presentation_url, "/");
	ck_assert_str_eq(device->icons[0].url, "/icons/sm.png");
	ck_assert_uint_eq(d->service_count, 2);
	ck_assert_str_eq(d->services[1].type, "urn:schemas-upnp-org:service:ConnectionManager:1");
	ck_assert_str_eq(d->services[1].id, "urn:upnp-org:serviceId:ConnectionManager");
	ck_assert_ptr_null(d->url_base);
	ck_assert(!d->has_config_id);
	ck_assert_uint_eq(d->ignored, 0);
	description_free(d);
}
END_TEST

START_TEST(a_light_bridge_with_url_base_is_read)
{
	struct description *d = read_whole(
	    SLICE("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n"
		  "<root xmlns=\"urn:schemas-upnp-org:device-1-0\">\n"
		  "<specVersion>\n<major>1</major>\n<minor>0</minor>\n</specVersion>\n"
		  "<URLBase>http://192.0.2.7:80/</URLBase>\n<device>\n"
		  "<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>\n"
		  "<friendlyName>\n\tLight bridge (192.0.2.7)\n</friendlyName>\n"
		  "<modelName>Bridge 2015</modelName>\n<serialNumber></serialNumber>\n"
		  "<UDN>uuid:2f402f80-da50-11e1-9b23-001788000001</UDN>\n"
		  "<presentationURL>index.html</presentationURL>\n</device>\n</root>\n"));

	ck_assert_str_eq(d->url_base, "http://192.0.2.7:80/");
	ck_assert_str_eq(d->devices[0].friendly_name, "Light bridge (192.0.2.7)");
	ck_assert_ptr_null(d->devices[0].serial_number);
	ck_assert_uint_eq(d->service_count, 0);
	description_free(d);
}
END_TEST

START_TEST(a_television_with_foreign_namespaces_is_read)
{
	struct description *d = read_whole(
	    SLICE("<?xml version=\"1.0\"?><u:root xmlns:u='urn:schemas-upnp-org:device-1-0' "
		  "xmlns:sec='http://www.sec.example/dlna' configId=\"77\"><u:device>"
		  "<sec:ProductCap>Resolution:1920X1080,Y2013</sec:ProductCap>"
		  "<pnpx:X_hardwareId>VEN_0105</pnpx:X_hardwareId>"
		  "<u:deviceType>urn:example-com:device:RemoteControlReceiver:1</u:deviceType>"
		  "<u:friendlyName><![CDATA[[TV] <den>]]></u:friendlyName>"
		  "<sec:deviceID><sec:UDN>uuid:not-this-one</sec:UDN></sec:deviceID>"
		  "<u:UDN> uuid:08583b00-00d5-1000-bd6b-f877b8000001 </u:UDN>"
		  "</u:device></u:root>"));

	ck_assert_str_eq(d->devices[0].friendly_name, "[TV] <den>");
	ck_assert_str_eq(d->devices[0].udn, "uuid:08583b00-00d5-1000-bd6b-f877b8000001");
	ck_assert(d->has_config_id);
	ck_assert_uint_eq(d->config_id, 77);
	description_free(d);
}
END_TEST

#define SERVICE(name)                                                                              \
	"<service><serviceType>urn:schemas-upnp-org:service:" name ":1</serviceType>"              \
	"<serviceId>urn:upnp-org:serviceId:" name "1</serviceId></service>"

static const char GATEWAY[] =
    "<root><device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>"
    "<friendlyName>router</friendlyName><UDN>uuid:0</UDN>"
    "<serviceList>" SERVICE(
	"Layer3Forwarding") "</serviceList><deviceList>"
			    "<device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</"
			    "deviceType><UDN>uuid:1</UDN>"
			    "<serviceList>" SERVICE(
				"WANCommonInterfaceConfig") "</serviceList><deviceList>"
							    "<device><UDN>uuid:2</"
							    "UDN><serviceList>" SERVICE(
								"WANIPConnection")
								SERVICE(
								    "WANPPPConnection") "</"
											"serviceLis"
											"t></"
											"device></"
											"deviceList"
											"><"
											"modelName>"
											"inner</"
											"modelName>"
											"</device>"
											"<device><"
											"UDN>uuid:"
											"3</UDN></"
											"device></"
											"deviceList"
											">"
											"<presentat"
											"ionURL>"
											"http://"
											"192.0.2.1/"
											"</"
											"presentati"
											"onURL></"
											"device></"
											"root>";

START_TEST(a_gateway_with_embedded_devices_is_read)
{
	static const unsigned parents[] = {0, 0, 1, 0}, homes[] = {0, 1, 2, 2};
	struct description *d = read_whole(slice_of(GATEWAY));

	ck_assert_uint_eq(d->device_count, 4);
	for (unsigned i = 0; i < 4; i++) {
		char udn[] = {'u', 'u', 'i', 'd', ':', (char)('0' + i), '\0'};
		ck_assert_str_eq(d->devices[i].udn, udn);
		ck_assert_uint_eq(d->devices[i].parent, parents[i]);
	}
	ck_assert_str_eq(d->devices[1].model_name, "inner");
	ck_assert_str_eq(d->devices[0].presentation_url, "http://192.0.2.1/");
	ck_assert_uint_eq(d->service_count, 4);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(d->services[i].device, homes[i]);
	description_free(d);
}
END_TEST

/* The two are equal, text by text. */
static void assert_same(const struct description *a, const struct description *b)
{
	char one[DESCRIPTION_BODY_MAX], two[DESCRIPTION_BODY_MAX];
	struct writer w1, w2;

	writer_init(&w1, one, sizeof(one));
	writer_init(&w2, two, sizeof(two));
	description_format(a, &w1);
	description_format(b, &w2);
	ck_assert_int_eq(writer_error(&w1), 0);
	ck_assert(slice_equal(writer_result(&w1), writer_result(&w2)));
}

START_TEST(every_way_to_split_a_document_gives_the_same)
{
	const char *const documents[] = {MINIDLNA, GATEWAY};

	for (size_t i = 0; i < 2; i++) {
		struct slice document = slice_of(documents[i]);
		struct description *whole = read_whole(document), *split;
		for (size_t at = 1; at < document.len; at++) {
			struct description_reader *reader = description_reader_new(document.len);
			ck_assert_int_eq(
			    description_reader_feed(reader, slice_head(document, at)), 0);
			ck_assert_int_eq(
			    description_reader_feed(reader, slice_skip(document, at)), 0);
			ck_assert_int_eq(description_reader_finish(reader, &split), 0);
			assert_same(whole, split);
			description_free(split);
			description_reader_free(reader);
		}
		ck_assert_int_eq(read_in_steps(document, 1, &split), 0);
		assert_same(whole, split);
		description_free(split);
		description_free(whole);
	}
}
END_TEST

/* A field is whole once its end tag begins, and so is the document. */
START_TEST(a_truncated_document_gives_what_came_before)
{
	struct slice document = slice_of(GATEWAY);
	size_t first = (size_t)(strstr(GATEWAY, "</deviceType>") - GATEWAY) + strlen("</d");
	size_t model = (size_t)(strstr(GATEWAY, "</modelName>") - GATEWAY) + strlen("</m");

	for (size_t len = 0; len < document.len; len++) {
		struct description *d;
		int error = read_in_steps(slice_head(document, len), SIZE_MAX, &d);
		if (len < first) {
			ck_assert_int_eq(error, -EBADMSG);
			continue;
		}
		ck_assert_int_eq(error, 0);
		ck_assert_int_eq(d->whole, len == document.len - 1);
		ck_assert_str_eq(
		    d->devices[0].type, "urn:schemas-upnp-org:device:InternetGatewayDevice:1");
		if (len >= model)
			ck_assert_str_eq(d->devices[1].model_name, "inner");
		else if (d->device_count > 1)
			ck_assert_ptr_null(d->devices[1].model_name);
		description_free(d);
	}
}
END_TEST

START_TEST(other_encodings_are_read)
{
	static const char latin1[] = "<?xml version='1.0' encoding='ISO-8859-1'?>" NAMED("caf\xe9");
	static const char *const utf8 = "<?xml version='1.0' encoding='UTF-16'?>" NAMED("caf\xe9");
	char utf16[1024] = {(char)0xfe, (char)0xff};
	size_t len = 2;

	assert_name(SLICE("\xef\xbb\xbf" NAMED("mark")), "mark");
	for (const char *c = utf8; *c; c++) {
		utf16[len++] = 0;
		utf16[len++] = *c;
	}
	for (size_t step = 1; step < 9; step++) {
		struct description *d;
		ck_assert_int_eq(read_in_steps(slice_of(latin1), step, &d), 0);
		ck_assert_str_eq(d->devices[0].friendly_name, "caf\xc3\xa9");
		description_free(d);
		ck_assert_int_eq(read_in_steps((struct slice){utf16, len}, step, &d), 0);
		ck_assert_str_eq(d->devices[0].friendly_name, "caf\xc3\xa9");
		description_free(d);
	}
}
END_TEST

START_TEST(what_is_no_document_is_refused)
{
	static const struct slice documents[] = {
	    {"", 0},
	    {"\xef\xbb\xbf", 3},
	    {"   \r\n", 5},
	    {"\0\0\0\0\0\0\0\0", 8},
	    {"\x7f"
	     "ELF\x02\x01\x01\0\xff\xfe\xfd",
		11},
	    {"HTTP/1.1 200 OK\r\n\r\n", 19},
	    {"<html><body><p>Not found</body></html>", 38},
	    {"<root></root>", 13},
	    {"<device><UDN>uuid:1</UDN></device>", 34},
	    {"<root><device>", 14},
	    {"<root><device><UDN>uuid:1</", 27},
	};

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		ck_assert_msg(read_error(documents[i]) == -EBADMSG, "document %zu", i);
}
END_TEST

START_TEST(what_follows_the_root_is_not_looked_at)
{
	assert_name(SLICE(NAMED("name") "\0\0"), "name");
	assert_name(SLICE(NAMED("name") "</html>"), "name");
}
END_TEST

START_TEST(nothing_is_printed_about_bad_documents)
{
	static const char half_pair[] = "\xff\xfe<\0r\0o\0o\0t\0>\0\x00\xd8<\0";
	int pipe_fds[2], stderr_copy = dup(STDERR_FILENO);
	char byte;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	dup2(pipe_fds[1], STDERR_FILENO);
	close(pipe_fds[1]);
	read_error(SLICE("<root><a></b>"));
	read_error(SLICE("<x:root><y:device/></x:root>"));
	read_error(SLICE("<!DOCTYPE root SYSTEM 'http://192.0.2.1/x.dtd'><root/>"));
	read_error(SLICE("<?xml version='1.0' encoding='no-such-thing'?><root/>"));
	read_error(SLICE("<?xml version='1.0' encoding='UTF-8'?>" NAMED("\xff\xff\xff")));
	read_error((struct slice){half_pair, sizeof(half_pair) - 1});
	dup2(stderr_copy, STDERR_FILENO);
	close(stderr_copy);
	ck_assert_int_eq(read(pipe_fds[0], &byte, 1), 0);
	close(pipe_fds[0]);
}
END_TEST

START_TEST(the_first_of_doubled_fields_counts)
{
	struct description *d =
	    read_whole(SLICE("<root><device><UDN/><UDN>uuid:1</UDN><UDN>uuid:2</UDN>"
			     "<friendlyName>a<b>x</b>c</friendlyName></device>"
			     "<device><UDN>uuid:3</UDN></device></root>"));

	ck_assert_uint_eq(d->device_count, 1);
	ck_assert_uint_eq(d->ignored, 1);
	ck_assert_str_eq(d->devices[0].udn, "uuid:1");
	ck_assert_str_eq(d->devices[0].friendly_name, "a<b>x</b>c");
	description_free(d);
}
END_TEST

START_TEST(a_config_id_out_of_range_is_none)
{
	static const struct {
		const char *document;
		bool has;
		uint32_t value;
	} rows[] = {
	    {"<root configId='0'><device/></root>", true, 0},
	    {"<root configId='16777215'><device/></root>", true, 16777215},
	    {"<root configId='16777216'><device/></root>", false, 0},
	    {"<root configId='-1'><device/></root>", false, 0},
	    {"<root configId=''><device/></root>", false, 0},
	    {"<root><device configId='5'/></root>", false, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct description *d = read_whole(slice_of(rows[i].document));
		ck_assert_int_eq(d->has_config_id, rows[i].has);
		ck_assert_uint_eq(d->config_id, rows[i].value);
		description_free(d);
	}
}
END_TEST

static char *copy(const char *text)
{
	return slice_dup(slice_of(text));
}

START_TEST(what_is_written_is_what_uda_wants)
{
	static const char expected[] =
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<root xmlns=\"urn:schemas-upnp-org:device-1-0\" configId=\"5\">\n"
	    "<specVersion>\n<major>2</major>\n<minor>0</minor>\n</specVersion>\n<device>\n"
	    "<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>\n"
	    "<friendlyName>a &lt;b&gt; &amp; c</friendlyName>\n"
	    "<manufacturer></manufacturer>\n<modelName></modelName>\n<UDN>uuid:1</UDN>\n"
	    "<serviceList>\n<service>\n<serviceType>t</serviceType>\n<serviceId>i</serviceId>\n"
	    "<SCPDURL>/a/service/0.xml</SCPDURL>\n<controlURL>/a/service/0/control</controlURL>\n"
	    "<eventSubURL>/a/service/0/events</eventSubURL>\n</service>\n</serviceList>\n"
	    "<presentationURL>/</presentationURL>\n</device>\n</root>\n";
	struct description d = {.has_config_id = true,
	    .config_id = 5,
	    .device_count = 1,
	    .service_count = 1,
	    .path = "/a.xml"};
	char type[] = "urn:schemas-upnp-org:device:Basic:1", name[] = "a <b> & c", udn[] = "uuid:1",
	     url[] = "/", service[] = "t", id[] = "i", buffer[2048];
	struct writer w;

	d.devices[0] = (struct described_device){
	    .type = type, .friendly_name = name, .udn = udn, .presentation_url = url};
	d.services[0] = (struct described_service){.type = service, .id = id};
	writer_init(&w, buffer, sizeof(buffer));
	description_format(&d, &w);
	ck_assert_int_eq(writer_error(&w), 0);
	buffer[w.len] = '\0';
	ck_assert_str_eq(buffer, expected);

	writer_init(&w, buffer, sizeof(expected) - 2);
	description_format(&d, &w);
	ck_assert_int_eq(writer_error(&w), -ENOSPC);
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
	static const unsigned parents[] = {0, 0, 1, 0, 1, 4, 0};
	struct description *d = calloc(1, sizeof(*d));
	char buffer[DESCRIPTION_BODY_MAX];
	struct writer w;

	d->device_count = 7;
	for (size_t i = 0; i < d->device_count; i++) {
		struct described_device *device = &d->devices[i];
		char udn[] = {'u', (char)('0' + i), '\0'};
		*device = (struct described_device){.udn = copy(udn),
		    .type = copy("]]>&amp;<!--"),
		    .friendly_name = copy("J\xc3\xbcrgen \"<\xf0\x9f\x92\xa1>\" & 'S'"),
		    .manufacturer = copy("a\rb"),
		    .model_name = copy("m"),
		    .parent = parents[i]};
		d->services[d->service_count++] = (struct described_service){
		    .type = copy("type"), .id = copy(udn), .device = (unsigned)i};
	}
	writer_init(&w, buffer, sizeof(buffer));
	description_format(d, &w);
	ck_assert_int_eq(writer_error(&w), 0);
	struct description *again = read_whole(writer_result(&w));
	ck_assert_uint_eq(again->device_count, 7);
	ck_assert_str_eq(again->devices[0].friendly_name, d->devices[0].friendly_name);
	ck_assert_str_eq(again->devices[0].type, d->devices[0].type);
	ck_assert_str_eq(again->devices[0].manufacturer, "a\rb");
	/* Written depth first, so the order is another one but the tree is the same. */
	static const char *const order[] = {"u0", "u1", "u2", "u4", "u5", "u3", "u6"};
	static const unsigned above[] = {0, 0, 1, 1, 3, 0, 0};
	for (unsigned i = 0; i < 7; i++) {
		ck_assert_str_eq(again->devices[i].udn, order[i]);
		ck_assert_uint_eq(again->devices[i].parent, above[i]);
		ck_assert_str_eq(again->services[i].id, order[again->services[i].device]);
	}
	description_free(again);
	description_free(d);
}
END_TEST

START_TEST(what_xml_cannot_hold_is_replaced)
{
	char name[] = "a\x01\x1b[31m\xff\xed\xa0\x80z", buffer[2048];
	struct description d = {.device_count = 1};
	struct writer w;

	d.devices[0].friendly_name = name;
	writer_init(&w, buffer, sizeof(buffer));
	description_format(&d, &w);
	assert_name(writer_result(&w),
	    "a\xef\xbf\xbd\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz");
}
END_TEST

Suite *description_suite(void)
{
	Suite *suite = suite_create("wire/description");
	TCase *reads = tcase_create("read"), *writes = tcase_create("write");

	tcase_add_test(reads, a_media_server_is_read);
	tcase_add_test(reads, a_light_bridge_with_url_base_is_read);
	tcase_add_test(reads, a_television_with_foreign_namespaces_is_read);
	tcase_add_test(reads, a_gateway_with_embedded_devices_is_read);
	tcase_add_test(reads, every_way_to_split_a_document_gives_the_same);
	tcase_add_test(reads, a_truncated_document_gives_what_came_before);
	tcase_add_test(reads, other_encodings_are_read);
	tcase_add_test(reads, what_is_no_document_is_refused);
	tcase_add_test(reads, what_follows_the_root_is_not_looked_at);
	tcase_add_test(reads, nothing_is_printed_about_bad_documents);
	tcase_add_test(reads, the_first_of_doubled_fields_counts);
	tcase_add_test(reads, a_config_id_out_of_range_is_none);
	tcase_set_timeout(reads, 60);
	suite_add_tcase(suite, reads);
	tcase_add_test(writes, what_is_written_is_what_uda_wants);
	tcase_add_test(writes, what_is_written_is_read_back);
	tcase_add_test(writes, what_xml_cannot_hold_is_replaced);
	suite_add_tcase(suite, writes);
	return suite;
}

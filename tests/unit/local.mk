# SPDX-License-Identifier: ISC
# What tests/unit/ adds to the build.

EXTRA_DIST += %D%/suites.list tests/golden/packets tests/golden/config/defaults.conf tests/golden/discoverctl
if HAVE_CHECK
check_PROGRAMS += tests/unit/run
TESTS += tests/unit/run
endif
tests_unit_run_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/unit -DGOLDEN='"$(abs_top_srcdir)/tests/golden"'
tests_unit_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_run_LDADD = libdiscoverctl.a $(PURE_LIBS) $(CHECK_LIBS)
tests_unit_run_SOURCES = \
	tests/runner.c \
	tests/runner.h \
	%D%/run.c \
	%D%/suites.h \
	%D%/base/test_address.c \
	%D%/base/test_glob.c \
	%D%/base/test_hashmap.c \
	%D%/base/test_heap.c \
	%D%/base/test_instant.c \
	%D%/base/test_log.c \
	%D%/base/test_rng.c \
	%D%/base/test_siphash.c \
	%D%/base/test_slice.c \
	%D%/base/test_text.c \
	%D%/base/test_writer.c \
	%D%/control/control_fixture.c \
	%D%/control/control_fixture.h \
	%D%/control/test_announce_method.c \
	%D%/control/test_attachment.c \
	%D%/control/test_byte_queue.c \
	%D%/control/test_device_json.c \
	%D%/control/test_filter.c \
	%D%/control/test_jobs.c \
	%D%/control/test_link_json.c \
	%D%/control/test_methods.c \
	%D%/control/test_minissdpd_news.c \
	%D%/control/test_minissdpd_session.c \
	%D%/control/test_probe_job.c \
	%D%/control/test_probe_plan.c \
	%D%/control/test_session.c \
	%D%/discoverctl/printing_fixture.c \
	%D%/discoverctl/printing_fixture.h \
	%D%/discoverctl/test_cell.c \
	%D%/discoverctl/test_client.c \
	%D%/discoverctl/test_device_record.c \
	%D%/discoverctl/test_home.c \
	%D%/discoverctl/test_output.c \
	%D%/discoverctl/test_pattern.c \
	%D%/discoverctl/test_probe_range.c \
	%D%/discoverctl/test_probe_target.c \
	%D%/discoverctl/test_sort.c \
	%D%/discoverctl/test_watch_memory.c \
	%D%/discoverctl/test_words.c \
	%D%/engine/test_answer_bucket.c \
	%D%/engine/test_description_page.c \
	%D%/engine/test_enrichment.c \
	%D%/engine/test_fetch_queue.c \
	%D%/engine/test_outbox.c \
	%D%/engine/ssdp_bench.c \
	%D%/engine/ssdp_bench.h \
	%D%/engine/test_beacons.c \
	%D%/engine/test_broadcast.c \
	%D%/engine/test_broadcast_render.c \
	%D%/engine/test_mdns_browser.c \
	%D%/engine/test_txt_facts.c \
	%D%/engine/test_reconfirm_queue.c \
	%D%/engine/test_instance_name.c \
	%D%/engine/publisher_bench.c \
	%D%/engine/publisher_bench.h \
	%D%/engine/test_mdns_answer.c \
	%D%/engine/test_mdns_publisher.c \
	%D%/engine/test_query_parts.c \
	%D%/engine/test_recent.c \
	%D%/engine/test_ssdp.c \
	%D%/engine/test_ssdp_announce.c \
	%D%/engine/test_ssdp_answer.c \
	%D%/engine/test_ssdp_listen.c \
	%D%/engine/test_ssdp_reconfirm.c \
	%D%/engine/test_ssdp_search.c \
	%D%/engine/test_ssdp_target.c \
	%D%/engine/test_wsd.c \
	%D%/model/test_offer.c \
	%D%/model/test_offered_service.c \
	%D%/model/test_config.c \
	%D%/model/test_fair_set.c \
	%D%/model/test_forwarding.c \
	%D%/model/test_lease_file.c \
	%D%/model/test_leases.c \
	%D%/model/test_link.c \
	%D%/model/test_neighbours.c \
	%D%/model/test_service_file.c \
	%D%/model/test_starvation.c \
	%D%/wire/expect.h \
	%D%/wire/read_description.c \
	%D%/wire/read_description.h \
	%D%/wire/test_beacon.c \
	%D%/wire/test_beacon_headers.c \
	%D%/wire/test_beacon_json.c \
	%D%/wire/test_beacon_lifx.c \
	%D%/wire/test_beacon_tuya.c \
	%D%/wire/test_broadcast_message.c \
	%D%/wire/test_description.c \
	%D%/wire/test_description_bounds.c \
	%D%/wire/test_description_recovery.c \
	%D%/wire/test_description_url.c \
	%D%/wire/test_dns_message.c \
	%D%/wire/test_dns_name.c \
	%D%/wire/test_dns_txt.c \
	%D%/wire/test_dns_writer.c \
	%D%/wire/test_golden_packets.c \
	%D%/wire/test_header_block.c \
	%D%/wire/test_http_head.c \
	%D%/wire/test_http_response.c \
	%D%/wire/test_minissdpd_message.c \
	%D%/wire/test_page_reader.c \
	%D%/wire/test_service_page.c \
	%D%/wire/test_ssdp_message.c \
	%D%/wire/test_url.c \
	%D%/wire/test_usn.c \
	%D%/wire/test_varlink_message.c \
	%D%/wire/test_wsd_message.c \
	%D%/wire/test_wsd_metadata.c \
	%D%/wire/test_xml_decode.c \
	%D%/wire/test_xml_encodings.c \
	%D%/wire/test_xml_repair.c \
	%D%/wire/test_xml_walk.c

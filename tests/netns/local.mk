# SPDX-License-Identifier: ISC
# Real daemons and real peers, in network namespaces.

TESTS += tests/netns/run
EXTRA_DIST += \
	%D%/avahi.py \
	%D%/beacon_sender.py \
	%D%/bonjour_peer.js \
	%D%/ciao_peer.js \
	%D%/containers.py \
	%D%/device_pages.py \
	%D%/forger.py \
	%D%/gupnp_peer.py \
	%D%/home.py \
	%D%/home_device.py \
	%D%/hostile_server.py \
	%D%/ipv6_searcher.py \
	%D%/lab.py \
	%D%/multicast_sender.py \
	%D%/mdns_responder.py \
	%D%/node_peer.js \
	%D%/onvif_peer.js \
	%D%/peers.py \
	%D%/plain_caller.py \
	%D%/plain_peer.py \
	%D%/plain_searcher.py \
	%D%/plain_service.py \
	%D%/python_zeroconf.py \
	%D%/quiet_device.py \
	%D%/run \
	%D%/search_delays.py \
	%D%/service_page_reader.py \
	%D%/ssdp_flood.py \
	%D%/test_basics.py \
	%D%/test_beacons.py \
	%D%/test_containers.py \
	%D%/test_ctl.py \
	%D%/test_errors.py \
	%D%/test_examples.py \
	%D%/test_false_daemon.py \
	%D%/test_fetching.py \
	%D%/test_home.py \
	%D%/test_hostile.py \
	%D%/test_http.py \
	%D%/test_ipv6.py \
	%D%/test_leases.py \
	%D%/test_links.py \
	%D%/test_mdns_announce.py \
	%D%/test_log.py \
	%D%/test_minissdpd.py \
	%D%/test_neighbours.py \
	%D%/test_others.py \
	%D%/test_peers.py \
	%D%/test_peers_gateway.py \
	%D%/test_peers_ipv6.py \
	%D%/test_peers_mdns.py \
	%D%/test_peers_wsd.py \
	%D%/test_probe.py \
	%D%/test_programs.py \
	%D%/test_searches.py \
	%D%/test_services.py \
	%D%/test_starvation.py \
	%D%/test_storms.py \
	%D%/test_varlink.py \
	%D%/test_wire.py \
	%D%/varlink_client.go \
	%D%/wire.py

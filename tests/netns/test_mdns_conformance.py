# SPDX-License-Identifier: ISC
"""The rules of RFC 6762 and 6763, as a peer sees them that sends what it likes, packet by packet."""

import time

import lab
from mdns_peer import (A, AAAA, ANY, NSEC, PORT, PTR, RESPONSE, SRV, TRUNCATED, TXT, Peer, Question, Record, Repeated,
                       pack_pairs, same)

HTTP, IPP, OWN = "_http._tcp.local", "_ipp._tcp.local", "_discoverd._tcp.local"
NAME = f"Greenhouse.{HTTP}"
QUIET = 2.5  # seconds: longer than a name is probed for and announced


class Site:
    """A daemon on one host, a peer on another that speaks IPv4 or IPv6 and hears nothing of the other one."""

    def __init__(self, here, ipv6=False):
        self.host, other = here.host("a"), here.host("b")
        self.address = self.host.link_local() if ipv6 else self.host.addresses[0]
        self.peer = Peer(other, other.link_local() if ipv6 else None)
        self.daemon = self.host.discoverd()

    def announce(self, name="Greenhouse"):
        """discoverctl that announces a web server."""
        program = self.host.start(str(lab.BUILD / "discoverctl"), "-s", str(self.daemon.socket), "announce", "_http._tcp",
                                  "--name", name, "--port", "8080", "--txt", "path=/")
        lab.wait(lambda: "uuid:" in program.text(), "it is announced")
        return program

    def instances(self):
        return {i["name"]: i["claimed"] for a in self.daemon.status()["announcements"] for i in a["instances"]}

    def claimed(self, name):
        lab.wait(lambda: self.instances().get(name), lambda: f"{name} is claimed: {self.instances()}", 60)

    def published(self):
        """Announces the web server; returns when all that belongs to it has been sent."""
        self.announce()
        self.claimed("Greenhouse")
        self.settled()
        return self

    def settled(self):
        """Waits until no response has come for a while, so that the next one is for what is asked then."""
        begun = time.time()

        def quiet():
            last = max([m.when for m in self.messages() if m.response], default=begun)
            return time.time() - max(last, begun) > QUIET
        lab.wait(quiet, "all is announced", 90)

    def messages(self, since=0):
        return self.peer.messages(self.address, since)

    def wait(self, matches, what, since=0):
        return self.peer.wait(self.address, matches, what, since)

    def answer(self, name, kind, since):
        """The first message since then that answers this."""
        return self.wait(lambda m: m.answer(name, kind), f"an answer for {name}", since)

    def answered(self, name, kind, since):
        return [m for m in self.messages(since) if m.answer(name, kind)]


def by_both_families(rule):
    """Makes two tests of one: by IPv4 under its name, and by IPv6."""
    def by_ipv6(here):
        rule(Site(here, ipv6=True))
    globals()[f"{rule.__name__}_by_ipv6"] = by_ipv6
    return lambda here: rule(Site(here))


def probes(messages, name=NAME):
    return [m for m in messages if m.proposes(name)]


def rival(name=NAME, port=9, text="path=/rival"):
    """What another host has under this name."""
    return [Record(name, SRV, (0, 0, port, "rival.local"), flush=True),
            Record(name, TXT, pack_pairs(text), ttl=4500, flush=True)]


def lamp(address, port=80, name="Lamp", ttl=None, flush=True, host="lamp.local"):
    """What a host with one web server announces."""
    instance = f"{name}.{HTTP}"
    long, short = (4500, 120) if ttl is None else (ttl, ttl)
    return [Record(HTTP, PTR, instance, ttl=long), Record(instance, SRV, (0, 0, port, host), ttl=short, flush=flush),
            Record(instance, TXT, pack_pairs("path=/"), ttl=long, flush=flush),
            Record(host, AAAA if ":" in address else A, address, ttl=short, flush=flush)]


def services(site, name="Lamp"):
    """Services of this instance name that are listed."""
    return [s for d in site.daemon.devices() for s in lab.all_services(d) if s.get("name") == name]


@by_both_families
def test_a_name_is_probed_three_times_and_then_announced_rfc6762_8_1(site):
    site.announce()
    first = site.wait(lambda m: m.answer(NAME, SRV), "the announcement")
    before = [m for m in site.messages() if m.when < first.when]
    asked = probes(before)
    assert len(asked) >= 3, before
    gaps = [b.when - a.when for a, b in zip(asked, asked[1:])]
    assert min(gaps) > 0.15, gaps  # 250 ms by its clock, when it was woken in time
    assert {r.type for r in asked[0].authority if same(r.name, NAME)} == {SRV, TXT}, asked[0]
    assert not any(r.flush for m in asked for r in m.authority), asked
    again = site.wait(lambda m: m.answer(NAME, SRV), "the second announcement", first.when)
    assert again.when - first.when > 0.9, (first, again)
    flags = {r.type: r.flush for r in first.answers if same(r.name, NAME)}
    assert flags == {SRV: True, TXT: True}, first
    pointer = first.answer(HTTP, PTR) or again.answer(HTTP, PTR)
    assert pointer and not pointer.flush and pointer.ttl == 4500 and same(pointer.data, NAME), (first, again)
    assert first.answer(NAME, SRV).ttl == 120 and first.answer(NAME, TXT).ttl == 4500, first
    for message in site.messages():
        assert message.ttl == 255, message
        if message.sport == PORT and message.target == site.peer.group:
            assert message.ident == 0 and message.dport == PORT, message


@by_both_families
def test_a_name_that_is_answered_for_is_left_to_its_owner_rfc6762_8_1(site):
    with Repeated(lambda: site.peer.respond(*rival())):
        site.announce()
        site.claimed("Greenhouse (2)")
    assert not site.answered(NAME, SRV, 0), site.answered(NAME, SRV, 0)


@by_both_families
def test_the_lesser_of_two_simultaneous_probes_waits_a_second_rfc6762_8_2(site):

    def deferred(name):
        """It has waited between two probes, while others were sent."""
        asked = probes(site.messages(), name)
        return any(b.when - a.when > 0.9 for a, b in zip(asked, asked[1:]))

    for number in range(8):  # the peer may not have been woken for as long as a name is probed for
        name = f"Greenhouse {number}.{HTTP}"
        theirs = rival(name, port=65535, text="~" * 200)
        with Repeated(lambda: site.peer.send([Question(name, ANY)], (), theirs)):
            site.announce(f"Greenhouse {number}")
            lab.wait(lambda: deferred(name) or site.answered(name, SRV, 0), "it defers or claims", 60)
            if deferred(name) and not site.answered(name, SRV, 0):
                break
    else:
        raise lab.Failure("it never defers")
    site.claimed(f"Greenhouse {number}")
    last = site.wait(lambda m: m.answer(name, SRV), "the name is announced after all")
    waited = [m for m in probes(site.messages(), name) if m.when < last.when]
    assert len(waited) >= 4, waited


def test_the_greater_of_two_simultaneous_probes_goes_on_rfc6762_8_2(here):
    site = Site(here)
    theirs = [Record(NAME, SRV, (0, 0, 0, "a"), ttl=120), Record(NAME, TXT, b"\0", ttl=4500)]
    with Repeated(lambda: site.peer.send([Question(NAME, ANY)], (), theirs)):
        site.announce()
        site.claimed("Greenhouse")


@by_both_families
def test_a_conflict_after_announcing_makes_it_probe_again_rfc6762_9(site):
    site.published()
    since = time.time()
    site.peer.respond(*rival())
    site.wait(lambda m: m.proposes(NAME), "it probes again", since)
    with Repeated(lambda: site.peer.respond(*rival())):
        site.claimed("Greenhouse (2)")
    other = f"Greenhouse (2).{HTTP}"
    site.answer(other, SRV, since)
    assert "Greenhouse" not in site.instances(), site.instances()


def test_a_copy_of_its_own_records_is_no_conflict_rfc6762_9(here):
    site = Site(here).published()
    site.peer.ask((NAME, ANY))
    since = time.time()
    copy = next(m for m in site.messages() if m.answer(NAME, SRV))
    own = [copy.answer(NAME, SRV), Record(NAME, TXT, pack_pairs("path=/"), ttl=4500, flush=True)]
    site.peer.respond(*own)
    site.peer.ask((OWN, PTR))
    site.answer(OWN, PTR, since)
    assert not probes(site.messages(since)) and site.instances().get("Greenhouse"), site.messages(since)


@by_both_families
def test_what_the_asker_knows_is_not_answered_rfc6762_7_1(site):
    site.published()
    since = time.time()
    site.peer.ask((HTTP, PTR), (OWN, PTR), known=[Record(HTTP, PTR, NAME, ttl=1000)])
    found = site.answer(OWN, PTR, since)  # less than half of its lifetime: that is not known well enough
    assert found.answer(HTTP, PTR), found
    site.settled()
    since = time.time()
    site.peer.ask((HTTP, PTR), (OWN, PTR), known=[Record(HTTP, PTR, NAME, ttl=3000)])
    site.answer(OWN, PTR, since)
    assert not site.answered(HTTP, PTR, since), site.messages(since)


@by_both_families
def test_known_answers_in_several_messages_are_waited_for_rfc6762_7_2(site):
    site.published()
    since = time.time()
    site.peer.ask((HTTP, PTR), (OWN, PTR), flags=TRUNCATED)
    site.peer.ask(known=[Record(HTTP, PTR, NAME, ttl=4500)])
    found = site.answer(OWN, PTR, since)
    assert found.when - since >= 0.4, found
    assert not site.answered(HTTP, PTR, since), site.messages(since)


def test_a_question_that_others_ask_is_not_asked_again_rfc6762_7_3(here):
    host, peer = here.host("a"), Peer(here.host("b"))
    with Repeated(lambda: peer.ask((HTTP, PTR))):
        daemon = host.discoverd()

        def asked(name):
            return sum(m.asks(name, PTR) and m.sport == PORT for m in peer.messages(host.addresses[0]))
        # Of the same age, they are asked equally often: at the start, and then after 1, 2, 4 … seconds.
        lab.wait(lambda: asked(IPP) >= asked(HTTP) + 2, lambda: f"it leaves this one: {asked(IPP)}, {asked(HTTP)}", 90)
    assert daemon.running()


@by_both_families
def test_what_another_host_answers_is_not_answered_again_rfc6762_7_4(site):
    site.published()

    def asked_twice(ttl):
        """Asks, and asks again while the records may not be multicast again; meanwhile another host answers the second one."""
        since = time.time()
        site.peer.ask((HTTP, PTR), (OWN, PTR))
        first = site.answer(OWN, PTR, since)
        assert first.answer(HTTP, PTR), first
        site.peer.ask((HTTP, PTR), (OWN, PTR))
        site.peer.respond(Record(HTTP, PTR, NAME, ttl=ttl))
        second = site.answer(OWN, PTR, first.when)
        assert second.when - first.when > 0.9, (first, second)  # 6: the same record at most once a second
        site.settled()
        return site.answered(HTTP, PTR, first.when)
    assert not asked_twice(4500), site.messages()
    assert asked_twice(4400), site.messages()  # shorter than its own lifetime: that is no such answer


def test_a_lifetime_that_is_too_short_is_corrected_rfc6762_6_6(here):
    site = Site(here).published()
    since = time.time()
    site.peer.respond(Record(HTTP, PTR, NAME, ttl=60))
    assert site.answer(HTTP, PTR, since).answer(HTTP, PTR).ttl == 4500


def test_an_address_beside_others_is_announced_with_them_rfc6762_10_2(here):
    site = Site(here).published()

    def announced(kind, *addresses):
        """In one message, so that the flush bit removes all others."""
        def matches(message):
            records = [r for r in message.answers if message.response and r.type == kind and r.ttl == 120]
            return {r.data for r in records} == set(addresses) and all(r.flush for r in records)
        return matches
    local = site.host.link_local()
    for kind, former, address, length in (A, site.address, "10.99.0.77", 24), (AAAA, local, "fd00:99::77", 64):
        since = time.time()
        site.host.run("ip", "addr", "add", f"{address}/{length}", "dev", "eth0", *["nodad"] * (kind == AAAA))
        site.wait(announced(kind, former, address), f"both addresses: {address}", since)
        site.settled()
        since = time.time()
        site.host.run("ip", "addr", "del", f"{address}/{length}", "dev", "eth0")
        site.wait(lambda m: any(r.type == kind and r.data == address and r.ttl == 0 for r in m.answers), "its goodbye", since)
        site.wait(announced(kind, former), f"the other address alone: {former}", since)
        site.settled()


def test_an_address_that_comes_takes_the_place_of_the_former_one_rfc6762_10_2(here):
    site = Site(here).published()
    since = time.time()
    site.host.run("ip", "addr", "del", f"{site.address}/24", "dev", "eth0")
    site.host.run("ip", "addr", "add", "10.99.0.77/24", "brd", "+", "dev", "eth0")

    def announced():
        sent = [r for m in site.messages(since) + site.peer.messages("10.99.0.77", since) for r in m.answers
                if m.response and r.type == A]
        return any(r.data == "10.99.0.77" and r.flush and r.ttl == 120 for r in sent)
    lab.wait(announced, "the other address, with the flush bit", 60)
    since = time.time()
    own = "discoverd-" + site.daemon.status()["uuid"].replace("-", "")[-12:] + ".local"
    site.peer.ask((own, A))
    found = site.peer.wait("10.99.0.77", lambda m: m.answer(own, A), "the address", since)
    assert [r.data for r in found.answers if r.is_of(own, A)] == ["10.99.0.77"], found


def test_the_flush_bit_removes_what_the_device_had_before_rfc6762_10_2(here):
    site = Site(here)
    site.peer.respond(*lamp(site.peer.address))
    lab.wait(lambda: [s["port"] for s in services(site)] == [80], lambda: f"the lamp is listed: {site.daemon.devices()}", 60)
    site.peer.respond(*lamp(site.peer.address, port=81))
    lab.wait(lambda: [s["port"] for s in services(site)] == [81], lambda: f"the other port: {services(site)}", 60)


@by_both_families
def test_a_goodbye_is_believed_and_said_rfc6762_10_1(site):
    site.published()
    site.peer.respond(*lamp(site.peer.address))
    lab.wait(lambda: services(site), "the lamp is listed", 60)
    site.peer.respond(*lamp(site.peer.address, ttl=0))
    lab.wait(lambda: not services(site), "the lamp is gone", 60)
    since = time.time()
    site.daemon.stop()

    def gone(name, kind):
        site.wait(lambda m: (r := m.answer(name, kind)) and r.ttl == 0, f"the goodbye of {name} {kind}", since)
    gone(HTTP, PTR)
    gone(OWN, PTR)


@by_both_families
def test_resolvers_without_multicast_are_answered_by_unicast_rfc6762_6_7(site):
    site.published()
    through = site.peer.open(site.peer.address, 0)
    port = through.getsockname()[1]
    since = time.time()
    site.peer.ask((HTTP, PTR), through=through, ident=0x1234)
    found = site.wait(lambda m: m.dport == port, "an answer by unicast", since)
    assert found.target == site.peer.address and found.sport == PORT and found.ident == 0x1234, found
    assert [q.name for q in found.questions] == [HTTP] and found.questions[0].type == PTR, found
    assert same(found.answer(HTTP, PTR).data, NAME), found
    assert all(r.ttl <= 10 and not r.flush for r in found.records), found
    for record in found.additional:
        if record.type == SRV:  # 18.14: resolvers of unicast know no compression there
            assert record.raw.endswith(b"\5local\0"), record.raw


@by_both_families
def test_who_asks_for_unicast_is_answered_by_unicast_rfc6762_5_4(site):
    site.published()
    since = time.time()
    site.peer.ask(Question(HTTP, PTR, unicast=True))
    found = site.wait(lambda m: m.answer(HTTP, PTR), "an answer", since)
    assert (found.target, found.dport, found.sport) == (site.peer.address, PORT, PORT), found


def test_names_in_any_case_are_answered_rfc6762_16(here):
    site = Site(here).published()
    for question in (("_HTTP._Tcp.Local", PTR), ("GREENHOUSE._http._TCP.local", SRV)):
        since = time.time()
        site.peer.ask(question)
        site.answer(*question, since)
        site.settled()


def test_records_in_any_case_are_those_of_one_instance_rfc6762_16(here):
    site = Site(here)
    pointer, srv, txt, address = lamp(site.peer.address)
    pointer.name, srv.name, txt.name = "_HTTP._tcp.LOCAL", f"LAMP.{HTTP}", "lamp._HTTP._TCP.local"
    srv.data = (0, 0, 80, "LAMP.local")
    site.peer.respond(pointer, srv, txt, address)

    def whole():
        listed = services(site)
        return len(listed) == 1 and listed[0]["port"] == 80 and listed[0]["txt"] == {"path": "/"}
    lab.wait(whole, lambda: f"one instance: {site.daemon.devices()}", 60)


def test_subtypes_are_answered_rfc6763_7_1(here):
    site = Site(here)
    folder = site.daemon.config.parent / "services.d"
    folder.mkdir(exist_ok=True)
    (folder / "printer.conf").write_text("[Service]\nname = Laser\nmdns-type = _ipp._tcp,_universal\nport = 631\n")
    site.daemon.ctl("reload")
    site.claimed("Laser")
    site.settled()
    since = time.time()
    subtype = f"_universal._sub.{IPP}"
    site.peer.ask((subtype, PTR))
    found = site.answer(subtype, PTR, since)
    assert same(found.answer(subtype, PTR).data, f"Laser.{IPP}"), found
    assert any(r.is_of(f"Laser.{IPP}", SRV) and r.data[2] == 631 for r in found.records), found


def test_types_are_enumerated_rfc6763_9(here):
    site = Site(here).published()
    since = time.time()
    site.peer.ask(("_services._dns-sd._udp.local", PTR))
    found = site.answer("_services._dns-sd._udp.local", PTR, since)
    types = sorted(r.data.lower() for r in found.answers if r.type == PTR)
    assert types == [OWN, HTTP], found


def test_a_type_that_a_name_lacks_is_denied_rfc6762_6_1(here):
    site = Site(here).published()
    since = time.time()
    site.peer.ask((NAME, AAAA))
    found = site.wait(lambda m: m.answer(NAME, NSEC), "a denial", since)
    assert found.answer(NAME, NSEC).data[1] == {TXT, SRV}, found


@by_both_families
def test_queries_from_off_link_are_not_answered_rfc6762_11(site):
    site.published()
    far = "2001:db8::9" if ":" in site.address else "192.0.2.9"
    site.peer.host.run("ip", "addr", "add", far, "dev", "eth0", *["nodad"] * (":" in far))
    since = time.time()
    for port in (PORT, 0):
        site.peer.ask((HTTP, PTR), through=site.peer.open(far, port), ident=0 if port else 7)
    lab.wait(lambda: site.daemon.status()["counters"]["mdns"]["off-link"] >= 2, "both were heard")
    site.peer.ask((OWN, PTR))
    site.answer(OWN, PTR, since)
    assert not site.answered(HTTP, PTR, since), site.messages(since)


def test_responses_from_another_port_are_not_believed_rfc6762_6(here):
    site = Site(here)
    before = site.daemon.status()["counters"]["mdns"]["invalid"]
    site.peer.respond(*lamp(site.peer.address), through=site.peer.open(site.peer.address, 0))
    lab.wait(lambda: site.daemon.status()["counters"]["mdns"]["invalid"] > before, "it was heard")
    assert not services(site), services(site)
    site.peer.send((), lamp(site.peer.address), flags=RESPONSE | 3)  # an error, 18.11
    lab.wait(lambda: site.daemon.status()["counters"]["mdns"]["invalid"] > before + 1, "it was heard")
    assert not services(site), services(site)

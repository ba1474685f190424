# SPDX-License-Identifier: ISC
"""The pages of discoverd-web in a real browser: they load under their policy without an error, follow the devices, and show text from
the network as text."""

import datetime
import json
import os
import pathlib
import re
import signal
import urllib.parse

import lab
from browser import Browser
from false_discoverd import FalseDiscoverd, address, make_device, make_interface

PORT = 5080
ROOT = f"http://127.0.0.1:{PORT}"
LIVE = "document.getElementById('live').dataset.state === 'live'"
NAMES = "[...document.querySelectorAll('#devices tbody tr:not([hidden]) .name')].map(e => e.textContent)"


class Web:
    """A discoverd-web in a host, with a browser beside it."""

    def __init__(self, host, socket):
        program = lab.BUILD / "discoverd-web"
        if not program.exists():
            raise lab.Skip("discoverd-web is not built")
        self.browser = Browser(host)
        config = pathlib.Path(host.lab.folder, f"{host.name}-web.conf")
        config.write_text(f"[Web]\naddress = 127.0.0.1\nport = {PORT}\n")
        self.start = lambda: host.start(str(program), "-c", str(config), "-s", str(socket))
        self.begin()

    def begin(self):
        self.process = self.start()
        lab.wait(lambda: "the page is at" in self.process.text(), lambda: self.process.text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.close()

    def page(self, path="/", **how):
        """A page that is up to date, and stays so."""
        page = self.browser.page(**how).open(ROOT + path)
        if how.get("scripts", True):
            page.wait(LIVE)
        return page


def made_up(here, *devices, interfaces=()):
    """A host with a control socket of these devices, and discoverd-web."""
    board = here.bare_host("board")
    daemon = FalseDiscoverd(pathlib.Path(here.folder, "socket"), devices, interfaces)
    return daemon, Web(board, daemon.path)


def lamp(number=1, name="lamp", **facts):
    return make_device(f"uuid:{number:08d}-0000-4000-8000-000000000000", name, f"10.99.0.{number}", **facts)


def path_of(device):
    return "/device/" + urllib.parse.quote(device["id"], safe="!~*'()")


def check_no_errors(*pages):
    for page in pages:
        page.listen()
        assert not page.errors, page.errors


def test_devices_come_and_go_without_reload(here):
    """Real hosts: the first of three is on the page within a second of the moment when discoverd has heard it."""
    board = here.host("board")
    daemon = board.discoverd()
    with Web(board, daemon.socket) as web:
        page = web.page()
        page.get("window.same = true; new MutationObserver(() => { window.at = window.at || Date.now(); })"
                 ".observe(document.querySelector('#devices tbody'), {childList: true})")
        assert page.get(NAMES) == []
        delays = []
        for name in ("lamp", "printer", "camera"):
            page.get("window.at = 0")
            peer = here.host(name).discoverd(f"[Device]\nname = {name}\n")
            page.wait(f"{NAMES}.includes('{name}')")
            heard = datetime.datetime.fromisoformat(daemon.device(name=name)["first_seen"].replace("Z", "+00:00"))
            delays.append(page.get("window.at") / 1000 - heard.timestamp())
        print("seconds from the first message to the page:", *(f"{delay:.3f}" for delay in delays))
        assert min(delays) < 1 * lab.SLOWER, delays
        assert page.get(NAMES) == ["camera", "lamp", "printer"]
        peer.stop()
        page.wait(f"!{NAMES}.includes('camera')")
        page.wait("document.getElementById('count').textContent === '2 devices'")
        here.host("liar").python("plain_peer.py", HOSTILE[0])
        page.wait(f"{NAMES}.includes({json.dumps(HOSTILE[0])})")
        assert page.get("window.hacked") is None
        assert page.get("window.same"), "the page was loaded again"
        check_no_errors(page)


def test_a_change_of_one_device_changes_only_its_row(here):
    daemon, web = made_up(here, *(lamp(n, f"lamp {n}") for n in range(1, 21)))
    with web:
        page = web.page()
        page.get("""
            window.changed = new Set();
            new MutationObserver(records => {
                for (const {target} of records) {
                    const row = (target.closest ? target : target.parentElement).closest('tr');
                    window.changed.add(row ? row.querySelector('.name').textContent : target.nodeName);
                }
            }).observe(document, {subtree: true, childList: true, characterData: true, attributes: true})""")
        daemon.put(lamp(7, "lamp 7", model="Another", addresses=[address("10.99.0.77")]))
        page.wait("document.body.innerText.includes('10.99.0.77')")
        assert page.get("[...window.changed]") == ["lamp 7"], page.get("[...window.changed]")
        # where its name puts it elsewhere, the row is moved, and no other one is
        page.get("window.changed.clear()")
        daemon.put(lamp(7, "zebra"))
        page.wait(f"{NAMES}.at(-1) === 'zebra'")
        assert set(page.get("[...window.changed]")) <= {"zebra", "TBODY"}, page.get("[...window.changed]")
        assert page.get(NAMES) == [f"lamp {n}" for n in range(1, 21) if n != 7] + ["zebra"]
        check_no_errors(page)


# The rows, with the attributes of each element in the order of their names.
ROWS = """[...document.querySelectorAll('#devices tbody tr')].map(row => {
    const elements = [row, ...row.querySelectorAll('*')];
    return elements.map(e => e.tagName + [...e.attributes].filter(a => a.value !== 'fresh').map(a => ` ${a.name}="${a.value}"`).sort().join('') +
        (e.children.length ? '' : ': ' + e.textContent)).join('\\n');
})"""


def test_the_script_makes_the_same_rows(here):
    """Element by element what the program writes for a page, of devices that come, change and lose what they had."""
    daemon, web = made_up(here, lamp(20, "lamp"))
    with web:
        page = web.page()
        for device in (*kinds(), *map(hostile, range(len(LINKS))), lamp(21, "plain"), lamp(2, "Office printer"), lamp(9, "now a device"),
                       lamp(3, "Küche", kind="neighbour", model="quiet")):
            daemon.put(device)
        page.wait(f"{ROWS}.some(row => row.includes('quiet'))")
        again = web.browser.page(scripts=False).open(ROOT)
        of_script, of_program = (sorted(shown.get(ROWS)) for shown in (page, again))
        assert len(of_script) == 7 + len(LINKS)
        for one, other in zip(of_script, of_program):
            assert one == other, f"{one}\n{other}"
        check_no_errors(page, again)


HOSTILE = ("<script>window.hacked = 1</script>", "\"><img src=x onerror=\"window.hacked = 1\">", "</td></tr></table><h1 id=\"hacked\">",
           "{{title}}{{main}}", "\u202egnp.exe \u2066\u2069\u200f", "&lt;b&gt;&#x27;", "x" * 10240, "\U0001f47e\u0301" * 40)
LINKS = ("javascript:window.hacked=1", "data:text/html,<script>window.hacked=1</script>", " java\nscript:window.hacked=1", "http:\\\\x",
         "vbscript:x", "https://192.0.2.1/\"onclick=\"window.hacked=1", "http://192.0.2.1/<script>", "file:///etc/passwd")


def hostile(number):
    name = HOSTILE[number % len(HOSTILE)]
    service = {"key": name, "type": name, "name": name, "port": 80, "path": name, "url": LINKS[number], "txt": {name[:200]: name}, "expires_in": 1,
               "scpd_url": LINKS[number], "control_url": None, "event_url": None}
    return make_device(f"{name[:200]}{number}", name, address(f"10.99.0.{number}", name, name, name), type=name, manufacturer=name, model=name,
                       presentation_url=LINKS[number], icon_url=LINKS[number], attached_to=name, host_names=[name], flags=[name], services=[service])


def check_is_text(page, wanted):
    """Nothing of a hostile name became an element, a script or a link that runs something."""
    page.wait(wanted)
    found = page.get("""({
        hacked: String(window.hacked) + !!document.getElementById('hacked'),
        elements: document.querySelectorAll('main script, main img, main h1 ~ h1').length,
        titles: document.querySelectorAll('main table h1').length,
        links: [...document.querySelectorAll('a')].map(a => a.href.baseVal || a.href).filter(l => l && !/^(https?:\\/\\/|\\/)/.test(l)),
        referring: [...document.querySelectorAll('a')].filter(a => /^http/.test(a.getAttribute('href')) && a.rel !== 'noreferrer').length,
        handlers: [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on/i.test(a.name))).length,
        unseen: /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(document.title + document.body.textContent),
        wide: document.scrollingElement.scrollWidth > innerWidth})""")
    assert found == {"hacked": "undefinedfalse", "elements": 0, "titles": 0, "links": [], "referring": 0, "handlers": 0, "unseen": False, "wide": False}, found


def test_hostile_names_stay_text(here):
    """Both where the program writes the page and where the script does; discoverd itself would report none of these names."""
    devices = [hostile(number) for number in range(len(LINKS))]
    daemon, web = made_up(here, *devices[:4], interfaces=[make_interface("eth0", "ethernet", ("10.99.0.1", 24, "10.99.0.0"), peer={
        "index": 1, "netns": None, "netns_name": HOSTILE[0], "name": None})])
    count = len(LINKS)
    with web:
        page = web.page()
        check_is_text(page, f"{NAMES}.length === 4")
        for device in devices[:4]:
            daemon.remove(device["id"])
        page.wait(f"{NAMES}.length === 0")
        for device in devices:
            daemon.put(device)
        check_is_text(page, f"{NAMES}.length === {count}")
        texts = page.get(NAMES)
        for name in HOSTILE[:4]:
            assert name in texts, (name, texts)
        check_no_errors(page)
        for how in ({}, {"width": 360}, {"scripts": False}):
            page = web.page(**how)
            check_is_text(page, f"{NAMES}.length === {count}")
            page.close()
            check_no_errors(page)
        for device in devices:
            page = web.page(path_of(device), width=360)
            check_is_text(page, "document.querySelectorAll('main dt').length > 5")
            assert page.get("document.querySelector('h1').textContent") == re.sub("[\u200f\u202e\u2066\u2069]", " ", device["name"])
            page.close()
            check_no_errors(page)
        page = web.page("/map")
        check_is_text(page, f"document.querySelectorAll('.wide a').length === {count}")
        plain = web.browser.page(width=360, scripts=False).open(ROOT + "/map.svg")
        assert plain.get("document.querySelector('.host').getBoundingClientRect().width") > 100
        assert plain.get("document.querySelectorAll('a').length") == count and plain.get("document.querySelectorAll('script').length") == 0
        check_no_errors(page, plain)


IDS = ("uuid:a/b", 'a"b', "a'b", "a%b", "a%2Fb", "%", "...", "a?b", "a#b", "a b", "a+b", "a&b=c", "ü", "\u202ea", "a\\b", "<b>", "javascript:alert(1)",
       "a\r\nb", "\x01", "\x7f", "x" * 299, "ü" * 128, "\U0001f47e" * 64, "\ufffe", " ", "__proto__", "constructor", "a\u2028b", "/", "//x", "a;b:c")


def test_each_id_has_a_page(here):
    """Where a link has it, in the program and in the script; ids that no page could have are passed over."""
    daemon, web = made_up(here, make_device("x" * 300, "long"), make_device("a" + "ü" * 300, "wide"), make_device("", "empty"), lamp())
    with web:
        page = web.page()
        for number, identity in enumerate(IDS):
            daemon.put(make_device(identity, f"n{number}", f"10.99.0.{number}"))
        page.wait(f"{NAMES}.length === {len(IDS) + 1}")
        links = "Object.fromEntries([...document.querySelectorAll('#devices .name')].map(a => [a.textContent, a.href]))"
        plain, shown = web.browser.page(scripts=False).open(ROOT), page.get(links)
        assert plain.get(links) == shown, (plain.get(links), shown)
        assert plain.get("document.getElementById('count').textContent") == f"{len(IDS) + 1} devices"
        for number in range(len(IDS)):
            assert plain.open(shown[f"n{number}"]).get("document.querySelector('h1').textContent") == f"n{number}", IDS[number]
        check_no_errors(page, plain, web.page())
        for identity in ("x" * 300, "", *IDS):
            daemon.remove(identity)
        page.wait(f"{NAMES}.join() === 'lamp'")
        assert plain.open(ROOT).get(NAMES) == ["lamp"]
        check_no_errors(page, plain)


def kinds():
    return (lamp(1, "Kitchen speaker", type="urn:schemas-upnp-org:device:MediaRenderer:1", manufacturer="Example"),
            lamp(2, "Office printer", type="_ipp._tcp", model="Laser 9", host_names=["BRW1234.local"], presentation_url="http://10.99.0.2/"),
            lamp(3, "Küche", attached_to="br0/veth7 (app, if 38)"),
            lamp(10, "disk", reachable=False, flags=["duplicate-uuid"]),
            lamp(9, "10.99.0.9", kind="neighbour", protocols=["neighbour"]))


SEARCHES = (("printer", ["Office printer"]), ("laser OFFICE", ["Office printer"]), ("brw1234", ["Office printer"]), ("KÜCHE", ["Küche"]),
            ("mediarenderer example", ["Kitchen speaker"]), ("veth7", ["Küche"]), ("00000010-", ["disk"]), ("nothing of this", []),
            ("10.99.0", ["disk", "Kitchen speaker", "Küche", "Office printer"]))


def test_search_filters(here):
    """The script and the program find the same."""
    daemon, web = made_up(here, *kinds())
    with web:
        page, plain = web.page(), web.browser.page(scripts=False)
        page.key("/")
        assert page.get("document.activeElement.id") == "q"
        for words, names in SEARCHES:
            page.get("document.getElementById('q').select()")
            page.type(words)
            assert page.get(NAMES) == names, (words, page.get(NAMES))
            shown = f"{len(names)} of 4 devices" if len(names) < 4 else "4 devices"
            assert page.get("document.getElementById('count').textContent") == shown
            assert page.get("document.getElementById('empty').hidden") == bool(names)
            plain.open(f"{ROOT}/?q={urllib.parse.quote(words)}")
            assert plain.get(NAMES) == names, (words, plain.get(NAMES))
            assert plain.get("document.getElementById('count').textContent") == shown
            assert plain.get("document.getElementById('q').value") == words
            assert page.get("location.search") == "?" + urllib.parse.urlencode({"q": words})
        # what comes is looked at, too, and a link with a search shows the rest when the search is emptied
        other = web.page("/?q=printer")
        daemon.put(lamp(11, "Another printer"))
        other.wait(f"{NAMES}.length === 2")
        other.get("q.select()")
        other.key("Backspace", number=8)
        other.wait(f"{NAMES}.length === 5")
        other.get("all.click()")
        assert other.get(NAMES)[0] == "10.99.0.9"
        assert web.page("/?all=1", scripts=False).get(NAMES)[0] == "10.99.0.9"
        by_address = ["Kitchen speaker", "Office printer", "Küche", "disk", "Another printer"]
        other.get("all.click(); document.querySelector('[data-sort=address]').click()")
        assert other.get(NAMES) == by_address == web.page("/?sort=address", scripts=False).get(NAMES), other.get(NAMES)
        check_no_errors(page, plain, other)


def test_everything_works_without_scripts(here):
    daemon, web = made_up(here, *kinds(), interfaces=[make_interface("eth0", "ethernet", ("10.99.0.1", 24, "10.99.0.0"))])
    with web:
        page = web.page(scripts=False)
        names = ["disk", "Kitchen speaker", "Küche", "Office printer"]
        assert page.get(NAMES) == names
        assert page.get("document.querySelector('form button').offsetWidth > 0") and page.get("q.form.method") == "get"
        assert page.get("[...document.querySelectorAll('.url:not([hidden])')].map(a => a.href)") == ["http://10.99.0.2/"]
        assert page.get("document.body.innerText.includes('not reachable')")
        page.get("q.value = 'laser'; q.form.submit()")
        page.wait(f"location.search.includes('laser') && {NAMES}.length === 1")
        page.get("document.querySelector('#devices .name').click()")
        page.wait("document.querySelector('h1')?.textContent === 'Office printer'")
        for text in ("_ipp._tcp", "Laser 9", "BRW1234.local", "30 min", "2026-01-02T03:04:05Z", "uuid:00000002-"):
            assert page.get("document.body.innerText").count(text), text
        page.get("document.querySelector('nav a:last-of-type').click()")
        page.wait("document.querySelectorAll('.wide a').length === 5")
        page.get("document.querySelector('.wide a').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
        page.wait("location.pathname.startsWith('/device/')")
        check_no_errors(page)


def test_device_and_map_follow(here):
    one = lamp(1, "one")
    daemon, web = made_up(here, one, interfaces=[make_interface("br0", "bridge", ("10.99.0.254", 24, "10.99.0.0"), bridge_ports=["veth7"]),
                                                 make_interface("veth7", "veth", master="br0", peer={"index": 38, "netns": 2, "netns_name": "app"})])
    with web:
        device, chart = web.page(path_of(one)), web.page("/map")
        daemon.put(lamp(1, "one", model="Another", services=[{"type": "_http._tcp", "name": "site", "port": 80, "txt": {"path": "/"}}]))
        device.wait("document.body.innerText.includes('Another')")
        device.get("document.querySelector('details').open = true; document.querySelector('summary').focus()")
        chart.get("document.querySelector('.wide a').focus()")
        assert device.get("document.querySelector('details').innerText.includes('path = /')")
        daemon.put(lamp(1, "one", model="The third", services=[{"type": "_http._tcp", "name": "site", "port": 81, "txt": {}}]))
        device.wait("document.body.innerText.includes('The third') && document.querySelector('details').open")
        assert device.get("document.activeElement === document.querySelector('summary')"), "the focus is lost"
        daemon.put(lamp(2, "container", attached_to="br0/veth7 (app, if 38)", addresses=[address("10.99.0.2", "br0")]))
        chart.wait("[...document.querySelectorAll('.wide a text')].some(t => t.textContent === 'container')")
        assert chart.get("document.activeElement.textContent.includes('one')"), "the focus is lost"
        texts = chart.get("[...document.querySelectorAll('.wide text')].map(t => t.textContent)")
        for text in ("board", "br0", "veth7", "veth, to app, if 38", "10.99.0.0/24", "container"):
            assert text in texts, texts
        daemon.remove(one["id"])
        device.wait("document.querySelector('h1')?.textContent === 'Not found'")
        chart.wait("document.querySelectorAll('.wide a').length === 1")
        check_no_errors(chart)


def test_the_page_connects_again(here):
    """After a restart of discoverd-web, and after one of discoverd, with what has changed meanwhile."""
    daemon, web = made_up(here, lamp(1, "stays"), lamp(2, "leaves"))
    with web:
        page = web.page()
        page.get("window.same = true")
        web.process.signal(signal.SIGKILL)
        page.wait("document.getElementById('live').dataset.state === 'lost'")
        assert "lost" in page.get("document.getElementById('live').textContent")
        web.process.wait()
        daemon.remove(lamp(2)["id"])
        daemon.put(lamp(3, "comes"))
        web.begin()
        page.wait(LIVE)
        page.wait(f"{NAMES}.join() === 'comes,stays'")
        daemon.close()
        page.wait("document.getElementById('live').dataset.state === 'stale'")
        assert page.get(NAMES) == ["comes", "stays"]
        daemon.devices[lamp(4)["id"]] = lamp(4, "new")
        daemon.open()
        page.wait(LIVE)
        page.wait(f"{NAMES}.join() === 'comes,new,stays'")
        assert page.get("window.same"), "the page was loaded again"
        other = web.browser.page(window=False).open(ROOT)  # in front of it
        page.wait("document.hidden")
        daemon.put(lamp(5, "late"))
        other.wait(f"{NAMES}.includes('late')")
        assert "late" not in page.get(NAMES), "a page that is not seen has a stream"
        page.call("Page.bringToFront")
        page.wait(f"{NAMES}.includes('late')")
        page.listen()
        assert all("ERR_" in error for error in page.errors), page.errors  # the browser notes the lost connection


LONG = ("Living room television with a name that no one would give to it, but a factory did", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
        "テレビのリモコンとスピーカーとプリンターとカメラ")
BYTES = "performance.getEntries().filter(e => e.transferSize).map(e => e.encodedBodySize).reduce((a, b) => a + b)"


def crowd(count):
    for n in range(1, count + 1):
        yield make_device(f"uuid:{n:08d}-0000-4000-8000-000000000000", LONG[n] if n < len(LONG) else f"Network camera {n}",
                          address(f"10.99.{n // 250}.{n % 250}", "eth0", f"02:00:00:00:{n // 256:02x}:{n % 256:02x}", "Example Electronics"),
                          address(f"2001:db8:1234:5678:200:ff:fe00:{n:x}"), type="urn:schemas-upnp-org:device:DigitalSecurityCamera:1",
                          manufacturer="Example Electronics Limited", model=f"Camera {n}", host_names=[f"network-camera-{n}.local"], attached_to="br0/eth1")


def test_pages_are_small_and_no_wider_than_the_window(here):
    """With PICTURES=FOLDER in the environment each is saved there."""
    daemon, web = made_up(here)
    with web:
        page = web.page()
        empty = page.get(BYTES)
        assert 1000 < empty < 60000, empty
        daemon.interfaces = [make_interface("br0", "bridge", ("10.99.0.254", 16, "10.99.0.0"), bridge_ports=["eth1"]),
                             make_interface("eth1", master="br0"), make_interface("averylongnameofx", "wifi", up=False)]
        devices = list(crowd(200))
        for device in devices:
            daemon.put(device)
        page.wait(f"{NAMES}.length === 200")
        page.close()
        page = web.browser.page().open(ROOT)
        full = page.get(BYTES)
        print(f"bytes without devices {empty}, with 200 {full}")
        assert full < 200000, full
        for width in (360, 768, 1440):
            for dark in (False, True):
                for path in ("/", path_of(devices[1]), "/map", "/?q=nothing+of+this", "/device/unknown"):
                    page.close()
                    page = web.browser.page(width, dark=dark).open(ROOT + path)
                    inside = page.get("document.scrollingElement.scrollWidth")
                    assert inside == width, (path, width, inside)
                    if os.environ.get("PICTURES"):
                        page.picture(pathlib.Path(os.environ["PICTURES"], f"{width}-{'dark' if dark else 'light'}-{re.sub('[^a-z]+', '-', path)}.png"))
                    if path == "/":
                        daemon.close()
                        page.wait("document.getElementById('live').dataset.state === 'stale'")
                        assert page.get("document.scrollingElement.scrollWidth") == width, width
                        daemon.open()
                    assert page.get("getComputedStyle(document.body).backgroundColor") == ("rgb(16, 23, 26)" if dark else "rgb(243, 246, 246)")


# The text of the worst contrast on the page with its colours, as WCAG 2.2 computes it (1.4.3).
CONTRAST = """(() => {
    const parse = color => color.match(/[\\d.]+/g).map(Number);
    const light = color => {
        const [r, g, b] = parse(color).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const isOpaque = color => color !== 'none' && parse(color)[3] !== 0;
    const groundOf = element => {
        for (let e = element; e; e = e.parentElement) {
            const rect = e.namespaceURI.endsWith('svg') && e.querySelector(':scope > rect');
            if (rect && isOpaque(getComputedStyle(rect).fill))
                return getComputedStyle(rect).fill;
            if (isOpaque(getComputedStyle(e).backgroundColor))
                return getComputedStyle(e).backgroundColor;
        }
    };
    let worst = {ratio: 99};
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !element.getClientRects().length || element.closest('title, .skip'))
            continue;
        const style = getComputedStyle(element), ink = element.namespaceURI.endsWith('svg') ? style.fill : style.color;
        const [a, b] = [light(ink), light(groundOf(element))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < worst.ratio)
            worst = {ratio: (a + 0.05) / (b + 0.05), text: texts.currentNode.data, ink, ground: groundOf(element)};
    }
    return worst;
})()"""


def test_everyone_can_use_the_page(here):
    """Contrast, names of controls, headers of the table, and the keyboard."""
    daemon, web = made_up(here, *kinds(), interfaces=[make_interface("eth0", "ethernet", ("10.99.0.1", 24, "10.99.0.0"))])
    with web:
        for dark in (False, True):
            for path in ("/?all=1", path_of(kinds()[1]), "/map", "/?q=nothing+of+this"):
                page = web.page(path, dark=dark)
                worst, heads = page.get(CONTRAST), page.get("[document.querySelectorAll('h1').length, document.title]")
                assert worst["ratio"] >= 4.5, (path, dark, worst)
                assert heads[0] == 1 and len(heads[1]) > 5, heads
                page.close()
        page = web.page()
        daemon.close()
        page.wait("document.getElementById('live').dataset.state === 'stale'")
        assert page.get(CONTRAST)["ratio"] >= 4.5, page.get(CONTRAST)
        daemon.open()
        page = web.page()
        nodes = page.call("Accessibility.getFullAXTree")["nodes"]
        found = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]}
        for wanted in (("searchbox", "Search"), ("checkbox", "Also hosts that announce nothing"), ("columnheader", "Address"), ("link", "Küche"),
                       ("navigation", "Pages"), ("heading", "Devices")):
            assert wanted in found, (wanted, sorted(found))
        roles = [role for role, _ in found]
        assert "rowheader" in roles and "table" in roles and "status" in roles and "main" in roles and "search" in roles, sorted(set(roles))
        assert page.get("[...document.querySelectorAll('[role=status]')].length") == 2
        reached = []
        for _ in range(20):
            page.key("Tab", number=9)
            reached.append(page.get("document.activeElement.textContent.trim() || document.activeElement.id"))
            assert page.get("document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none'"), reached
        for wanted in ("Skip to the content", "Devices", "Map", "q", "all", "disk", "Office printer", "Open"):
            assert wanted in reached, (wanted, reached)
        page.get("[...document.querySelectorAll('.name')].find(a => a.textContent === 'disk').focus()")
        page.key("Enter", number=13)
        page.wait("document.querySelector('h1')?.textContent === 'disk'")

# SPDX-License-Identifier: ISC
"""Chromium without a window, driven by its DevTools protocol over two pipes; needs nothing but the program."""

import base64
import json
import os
import queue
import shlex
import subprocess
import threading
import time

import lab

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--mute-audio",
         "--hide-scrollbars", "--remote-debugging-pipe"]


class Browser:
    """One Chromium in a host; it ends with close()."""

    def __init__(self, host, limit=60):
        program = lab.need("chromium")
        folder = os.path.join(host.lab.folder, f"{host.name}-chromium")
        os.makedirs(folder, exist_ok=True)
        theirs, self.out = os.pipe()
        self.inp, ours = os.pipe()
        # the program reads from descriptor 3 and writes to 4
        command = shlex.join([*host.prefix, program, *FLAGS, f"--user-data-dir={folder}", "about:blank"])
        with open(os.path.join(folder, "log"), "wb") as log:
            self.popen = subprocess.Popen(["sh", "-c", f"exec {command} 3<&{theirs} 4>&{ours}"], pass_fds=(theirs, ours), stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, env={**os.environ, "HOME": folder, "XDG_RUNTIME_DIR": folder})
        os.close(theirs)
        os.close(ours)
        self.limit = limit * lab.SLOWER
        self.last = 0
        self.answers = {}
        self.arrived = threading.Condition()
        self.pages = {}
        self.ended = False
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        rest = b""
        while True:
            try:
                chunk = os.read(self.inp, 1 << 16)
            except OSError:
                chunk = b""
            if not chunk:
                break
            *messages, rest = (rest + chunk).split(b"\0")
            for message in map(json.loads, messages):
                with self.arrived:
                    if "id" in message:
                        self.answers[message["id"]] = message
                    elif message.get("sessionId") in self.pages:
                        self.pages[message["sessionId"]].heard.put(message)
                    self.arrived.notify_all()
        with self.arrived:
            self.ended = True
            self.arrived.notify_all()

    def call(self, method, session=None, **parameters):
        """The result of a method of the protocol."""
        with self.arrived:
            self.last += 1
            number = self.last
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        os.write(self.out, json.dumps(message).encode() + b"\0")
        with self.arrived:
            if not self.arrived.wait_for(lambda: number in self.answers or self.ended, self.limit) or number not in self.answers:
                raise lab.Failure(f"Chromium does not answer {method}")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise lab.Failure(f"{method}: {answer['error']}")
        return answer["result"]

    def page(self, width=1440, height=900, dark=False, scripts=True, window=True):
        """A new page, which shows nothing yet, in a window of its own or in front of the others."""
        return Page(self, width, height, dark, scripts, window)

    def close(self):
        """Ends it with all of its processes, which end when the pipe does."""
        try:
            self.call("Browser.close")
        except (lab.Failure, OSError):
            pass
        os.close(self.out)
        try:
            self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()


class Page:
    """What one page shows. `errors` is what went to its console, and what it was not allowed to load."""

    def __init__(self, browser, width, height, dark, scripts, window):
        self.browser = browser
        self.heard = queue.Queue()
        self.errors = []
        self.loaded = set()
        self.target = browser.call("Target.createTarget", url="about:blank", newWindow=window)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        browser.pages[self.session] = self
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)
        self.resize(width, height)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def resize(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def listen(self):
        """Notes what the page has said since."""
        while not self.heard.empty():
            event = self.heard.get()
            method, given = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                self.errors.append(given["exceptionDetails"].get("exception", {}).get("description") or given["exceptionDetails"]["text"])
            elif method == "Runtime.consoleAPICalled" and given["type"] in ("error", "warning", "assert"):
                self.errors.append(str([argument.get("value") for argument in given["args"]]))
            elif method == "Log.entryAdded" and given["entry"]["level"] in ("error", "warning"):
                self.errors.append(f"{given['entry']['text']} {given['entry'].get('url', '')}")
            elif method == "Page.lifecycleEvent" and given["name"] == "load":
                self.loaded.add(given["loaderId"])

    def open(self, url):
        self.listen()
        result = self.call("Page.navigate", url=url)
        if result.get("errorText"):
            raise lab.Failure(f"{url}: {result['errorText']}")

        def is_loaded():
            self.listen()
            return result["loaderId"] in self.loaded
        lab.wait(is_loaded, f"{url} is loaded", 60)
        return self

    def get(self, expression):
        """The value of an expression of JavaScript, also where the scripts of the page are off."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise lab.Failure(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, expression, limit=30):
        """Until the expression is true: the seconds that it took. While another page is loaded, there may be none to ask."""
        failures = [""]

        def holds():
            try:
                return self.get(expression)
            except lab.Failure as failure:
                failures.append(str(failure))
                return False
        return lab.wait(holds, lambda: f"{expression} {failures[-1]}\n{self.get('document.body?.innerText.slice(0, 3000)')}", limit)[1]

    def close(self):
        """Ends it, and its connections: Chromium has six to one host, and a page that follows events keeps one."""
        self.listen()
        self.browser.call("Target.closeTarget", targetId=self.target)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def key(self, key, code=None, number=0):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code or key, windowsVirtualKeyCode=number)

    def picture(self, path):
        """Saves the page as a PNG, down to 8000 pixels."""
        time.sleep(0.2)  # for what still moves
        size = self.get("[innerWidth, Math.max(innerHeight, document.documentElement.scrollHeight)]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], 8000), "scale": 1}
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        with open(path, "wb") as out:
            out.write(base64.b64decode(data))

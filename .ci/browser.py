"""Opens a page of `mycelium docs` in headless Chromium, types into its search, and looks at what is still shown.

Speaks the WebDriver protocol to chromedriver with nothing but the standard library.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def call(url, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data=data, method=method, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["value"]


def until_ready(url):
    deadline = time.monotonic() + 60
    while True:
        try:
            if call(url, "GET", "/status")["ready"]:
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        if time.monotonic() > deadline:
            sys.exit("chromedriver does not answer")
        time.sleep(0.1)


def new_session(url, profile):
    options = {"binary": "/usr/bin/chromium", "args": [*FLAGS, f"--user-data-dir={profile}"]}
    capabilities = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
    return "/session/" + call(url, "POST", "/session", {"capabilities": capabilities})["sessionId"]


def shown(url, session):
    script = "return Array.from(document.querySelectorAll('main > section')).filter(it => it.offsetHeight > 0).map(it => it.id)"
    return call(url, "POST", session + "/execute/sync", {"script": script, "args": []})


def search(url, session, text):
    found = call(url, "POST", session + "/element", {"using": "css selector", "value": "#search"})
    element = session + "/element/" + next(iter(found.values()))
    call(url, "POST", element + "/clear", {})
    call(url, "POST", element + "/value", {"text": text})
    return shown(url, session)


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found} is shown, not {wanted}")
    print(f"{what}: {found}")


def main(page):
    port = "9517"
    url = f"http://127.0.0.1:{port}"
    driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL)
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            until_ready(url)
            session = new_session(url, profile)
            call(url, "POST", session + "/url", {"url": page.resolve().as_uri()})
            everything = shown(url, session)
            if not {"message-Bar", "message-Fill", "type-Price", "router-Market"} <= set(everything):
                sys.exit(f"at first {everything} is shown")
            if "message-Breach" not in search(url, session, "via local breach"):
                sys.exit("a message is not found by its path")
            expect("a message by its field and its name", search(url, session, "SIGNAL 1002 target"), ["message-Signal"])
            expect("what is nowhere", search(url, session, "xyzzy"), [])
            count = "return document.getElementById('count').textContent"
            expect("the count", call(url, "POST", session + "/execute/sync", {"script": count, "args": []}), f"0 of {len(everything)} match")
            call(url, "DELETE", session)
    finally:
        driver.terminate()
        driver.wait()


main(pathlib.Path(sys.argv[1]))

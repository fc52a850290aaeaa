"""What an investigator does in Neo4j Browser: log in, type, run, look, drop a file onto the window."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, Request
from playwright.sync_api import TimeoutError as NotShown

from tests.neo4j_server import Neo4jServer

TRIES = 10
#: Milliseconds in which what was fetched is shown, or refused.
SHOWN_WITHIN = 15_000

#: Drops one file onto the window, as a hand would.
DROP = """([encoded, name]) => {
    const bytes = Uint8Array.from(atob(encoded), character => character.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], name));
    const dropped = new DragEvent('drop', {dataTransfer: carried, bubbles: true, cancelable: true});
    document.querySelector('.filedrop').dispatchEvent(dropped);
}"""


class Investigator:
    """One window; `asked` is every request of its pages, `answered` those that got an answer."""

    def __init__(self, page: Page, neo4j: Neo4jServer, screenshots: Path) -> None:
        self.page = page
        self.asked: list[Request] = []
        self.answered: list[str] = []
        self._neo4j = neo4j
        self._screenshots = screenshots
        page.on("request", lambda request: self.asked.append(request))
        page.on("requestfinished", lambda request: self.answered.append(request.url))

    def follow(self, link: str) -> None:
        """Open an address and log in, as the first thing that the Browser asks for."""
        self.page.goto(link)
        self.page.get_by_test_id("username").fill(self._neo4j.user)
        self.page.get_by_test_id("password").fill(self._neo4j.password)
        self.page.get_by_test_id("connect").click()
        self.page.get_by_text("You are connected as user").wait_for()

    @property
    def bolt(self) -> str:
        """The address that the log-in form holds, without its scheme."""
        return self.page.get_by_test_id("boltaddress").input_value()

    @property
    def editor(self) -> str:
        """The text in the editor."""
        # lines lie in the page in any order, each with its place
        lines = self.page.locator("[data-testid=activeEditor] .view-line").all()
        placed = [
            (float(re.findall(r"top:\s*([\d.]+)px", str(line.get_attribute("style")))[0]), line) for line in lines
        ]
        return "\n".join(line.inner_text().replace("\xa0", " ") for _, line in sorted(placed, key=lambda p: p[0]))

    def wait_for_editor(self, text: str) -> None:
        """Wait until a line of the editor begins with `text`; only a beginning, as long lines are wrapped."""
        shown = text[:30].replace(" ", "\xa0")
        self.page.locator("[data-testid=activeEditor] .view-line").filter(has_text=shown).first.wait_for()

    def run(self, text: str | None = None) -> Locator:
        """Run what the editor holds, or `text` typed into it; the frame of its answer."""
        if text is not None:
            self.page.get_by_test_id("activeEditor").click()
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.insert_text(text)
            self.wait_for_editor(text)
        before = self.page.get_by_test_id("frame").count()
        self.page.get_by_test_id("editor-Run").click()
        self.page.wait_for_function(
            "count => document.querySelectorAll('[data-testid=frame]').length > count", arg=before
        )
        return self.page.get_by_test_id("frame").first

    def fetch(self, command: str, shows: str) -> Locator:
        """Run a command that fetches something from the service; the frame that `shows` it.

        Repeated, because the Browser learns whom it may ask a moment after it has connected, and may until then put the
        query of its link over what was typed.
        """
        for _ in range(TRIES):
            frame = self.run(command)
            told = frame.get_by_text(shows).or_(frame.get_by_text("not allowed")).first
            try:
                told.wait_for(timeout=SHOWN_WITHIN)
            except NotShown:
                continue
            if frame.get_by_text(shows).count():
                return frame
            self.page.wait_for_timeout(1000)
        raise AssertionError(f"{command} does not show {shows!r}")

    def picture(self, frame: Locator) -> tuple[int, int]:
        """Nodes and relationships drawn in `frame`."""
        frame.locator("svg g.node").first.wait_for()
        return frame.locator("svg g.node").count(), frame.locator("svg g.relationship").count()

    def drop(self, content: bytes, name: str) -> None:
        """Drop a file onto the window."""
        self.page.evaluate(DROP, [base64.b64encode(content).decode(), name])

    def keep(self, name: str) -> None:
        """Keep a picture of the window, once it has come to rest."""
        self.page.wait_for_timeout(800)
        path = self._screenshots / f"{name}.png"
        path.unlink(missing_ok=True)
        self.page.screenshot(path=path)
        assert path.stat().st_size > 10_000

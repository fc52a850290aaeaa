"""What an investigator is given for Neo4j Browser: links from leads, favourites, a style and a guide."""

from graphaudit.browser.address import BrowserAddress, address_of
from graphaudit.browser.guide import guide
from graphaudit.browser.links import lead_link, with_links
from graphaudit.browser.pack import favourites, pack, style

__all__ = ["BrowserAddress", "address_of", "favourites", "guide", "lead_link", "pack", "style", "with_links"]

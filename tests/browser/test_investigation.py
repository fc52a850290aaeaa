"""From a lead in the list to its picture in Neo4j Browser: link, guide, favourites and style in a real Chromium."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from graphaudit.browser import lead_link, pack, style
from graphaudit.browser.guide import FIRST_QUESTIONS
from graphaudit.queries import load_views
from tests.browser.conftest import Site
from tests.browser.investigator import Investigator
from tests.browser.ring import LEAD, OTHERS, PERSONS

pytestmark = [pytest.mark.neo4j, pytest.mark.browser]

VIEWS = {view.id: view for view in load_views()}
MEMBERS = len(PERSONS) + len(OTHERS)


def lead_from(site: Site) -> dict[str, Any]:
    """The lead as the service tells it."""
    request = urllib.request.Request(f"{site.service}/v1/leads/{LEAD}", headers={"X-API-Key": site.key})
    with urllib.request.urlopen(request) as answer:
        lead: dict[str, Any] = json.load(answer)
    return lead


def test_the_link_of_a_lead_opens_with_its_query_and_draws_the_ring(site: Site, investigator: Investigator) -> None:
    link = lead_from(site)["links"]["browser"]
    investigator.page.goto(link)
    assert investigator.bolt == site.address.bolt.removeprefix("bolt://")
    investigator.follow(link)
    assert investigator.editor == VIEWS["members_of_the_lead"].body.strip().replace("$lead", f"'{LEAD}'")
    investigator.keep("1-link-with-query-in-editor")
    frame = investigator.run()
    nodes, relationships = investigator.picture(frame)
    assert nodes == MEMBERS + 1
    assert relationships >= MEMBERS
    investigator.keep("2-ring-drawn")


def test_the_guide_opens_and_its_questions_answer(site: Site, investigator: Investigator) -> None:
    page = investigator.page
    investigator.follow(f"{site.address.http}/browser/?dbms={site.address.bolt}")
    opened = investigator.fetch(f":play {site.service}/v1/browser/guide.html", "这里有什么")
    investigator.keep("3-guide-in-chinese")
    opened.get_by_text("English").click()
    opened = page.get_by_test_id("frame").first
    opened.get_by_text("What you see here").wait_for()
    for _ in range(2):
        opened.get_by_test_id("nextSlide").click()
    opened.locator("input[value-for=lead]").press_sequentially(LEAD)
    opened.get_by_text(f":param lead => '{LEAD}'").click()
    investigator.wait_for_editor(f":param lead => '{LEAD}'")
    investigator.keep("4-guide-choose-a-lead")
    investigator.run().get_by_text(f'"lead": "{LEAD}"').first.wait_for()
    guiding = page.get_by_test_id("frame").filter(has=page.get_by_test_id("nextSlide"))
    for _ in range(FIRST_QUESTIONS.index("members_of_the_lead") + 1):
        guiding.get_by_test_id("nextSlide").click()
    question = VIEWS["members_of_the_lead"]
    guiding.get_by_text(question.question.en).wait_for()
    guiding.locator("pre.runnable").click()
    investigator.wait_for_editor(question.body.splitlines()[0])
    assert investigator.editor == question.body.strip()
    nodes, _ = investigator.picture(investigator.run())
    assert nodes == MEMBERS + 1
    investigator.keep("5-question-of-the-guide-answered")


def test_the_favourites_import_into_their_folders_and_run(site: Site, investigator: Investigator) -> None:
    page = investigator.page
    investigator.follow(f"{site.address.http}/browser/?dbms={site.address.bolt}")
    investigator.run(f":param lead => '{LEAD}'").get_by_text(LEAD).first.wait_for()
    with urllib.request.urlopen(f"{site.service}/v1/browser/favourites.zip") as answer:
        downloaded = answer.read()
    assert downloaded == pack()
    investigator.drop(downloaded, "favourites.zip")
    page.get_by_test_id("navigationFavorites").click()
    page.get_by_test_id("expandFolder-2 线索 · A lead").click()
    view = VIEWS["money_by_person"]
    title = page.get_by_test_id(f"scriptTitle-{view.place:02d} {view.title.zh} · {view.title.en}")
    title.wait_for()
    folders = {
        str(folder.get_attribute("data-testid")).removeprefix("expandFolder-")
        for folder in page.locator("[data-testid^='expandFolder-']").all()
    }
    assert {"1 入门 · Start", "2 线索 · A lead", "3 对象 · A person, card or place"} <= folders
    assert sum(name.startswith("4.") for name in folders) == 9
    investigator.keep("6-favourites-imported")
    title.click()
    investigator.wait_for_editor(view.body.splitlines()[0])
    frame = investigator.run()
    frame.get_by_text('"p1"', exact=True).first.wait_for()
    frame.get_by_text(f"Started streaming {len(PERSONS)} records").wait_for()
    investigator.keep("7-favourite-run")


def test_the_style_gives_each_label_its_colour(site: Site, investigator: Investigator) -> None:
    investigator.follow(lead_link(site.address, LEAD))
    ring = investigator.editor
    investigator.fetch(f":style {site.service}/v1/browser/style.grass", "node.Lead")
    frame = investigator.run(ring)
    investigator.picture(frame)
    wanted = style().split("node.Person {")[1].split("}")[0].split("  color: ")[1].split(";")[0].lower()
    fills = [str(circle.get_attribute("fill")).lower() for circle in frame.locator("svg g.node circle.b-outline").all()]
    assert fills.count(wanted) == len(PERSONS)
    investigator.keep("8-ring-in-its-style")


def test_the_browser_and_the_guide_ask_nobody_outside(site: Site, investigator: Investigator) -> None:
    investigator.follow(lead_link(site.address, LEAD))
    investigator.fetch(f":play {site.service}/v1/browser/guide.en.html", "What you see here")
    # the Browser asks the Bolt port in plain HTTP as well, to learn where else it might connect to
    bolt = f"http://{site.address.bolt.partition('://')[2]}"
    inside = (site.address.http, site.service, bolt, "data:", "blob:")
    assert [url for url in investigator.answered if not url.startswith(inside)] == []
    # what it would like to ask outside is stopped by its own page's policy, before any network is used
    outside = [request for request in investigator.asked if not request.url.startswith(inside)]
    assert [(request.url, request.failure) for request in outside if request.failure != "csp"] == []

"""The header of a .cypher file: what it says is read, and every fault is named with file, line and the next step."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphaudit.cypher_text import ParameterError, parameters_of, returned_aliases, tokens, words_of
from graphaudit.errors import ConfigurationError, QueryError
from graphaudit.findings import Text
from graphaudit.queries import KEYS, Grows, Keep, Param, Returned, effective, load_pattern, parse

GOOD = """\
// id: probe
// version: 3
// pattern: insider
// kind: shared_account
// title.zh: 试验
// title.en: A probe
// status: trial
// question.zh: 哪些账户由
//    多人共用？
// question.en: Which accounts are
//    shared?
// param least_persons: int = 3 -- two are a couple
// param least_share: float = 0.5 -- half
// param office: str = east wing -- where it is tried
// param strict: bool = true -- no exceptions
// returns bank_account_id as payee
// returns person_ids as claimant
// returns settlement_ids as evidence
// keep households >= least_persons -- a family is one
// signal households = 2.5 -- seldom honest
// signal SERVES = 1 -- as tested
// text.zh: {persons}人
// text.en: {persons} persons
// clears.zh: 证明
// clears.en: a proof
// weighs: household, employer
// benign.zh: 一家人
// benign.zh: 同事
// benign.en: a family
// benign.en: colleagues
// misses.zh: 现金
// misses.en: cash
// legal: Order 735 art. 17; Order 735 art. 41(1)
// references: A paper; Another
// needs: manual_cases.bank_account_no|payouts.bank_account_no, reviews
// needs-engine: fulltext


// who shares
MATCH (b:BankAccount)<-[:PAID_TO]-(s:Settlement)-[:OF_PERSON]->(p:Person)
WHERE b.persons >= $least_share AND p.division = $office AND $strict
RETURN b.bank_account_id AS bank_account_id,
       collect(DISTINCT p.person_id) AS person_ids,
       collect(DISTINCT s.settlement_id) AS settlement_ids
"""


def line_of(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if line.startswith(start))


def fault(text: str, file: str = "probe.cypher") -> tuple[int, str]:
    """Line and wording of the error that `text` gives."""
    with pytest.raises(QueryError) as caught:
        parse(text, file)
    match = re.fullmatch(rf"{re.escape(file)}, line (\d+): (.+)", caught.value.detail, re.DOTALL)
    assert match is not None, caught.value.detail
    return int(match[1]), match[2]


def without(key: str) -> str:
    """The good text without the lines of `key` and their continuations."""
    kept, dropping = [], False
    for line in GOOD.splitlines():
        if not line.startswith("//   "):
            dropping = line.startswith((f"// {key}:", f"// {key} "))
        if not dropping:
            kept.append(line)
    return "\n".join(kept)


def test_a_header_says_everything_about_its_query() -> None:
    spec = parse(GOOD, "probe.cypher")
    assert (spec.id, spec.version, spec.pattern, spec.kind) == ("probe", 3, "insider", "shared_account")
    assert spec.title == Text("试验", "A probe")
    assert spec.question == Text("哪些账户由多人共用？", "Which accounts are shared?")
    assert spec.params == (
        Param("least_persons", 3, "two are a couple"),
        Param("least_share", 0.5, "half"),
        Param("office", "east wing", "where it is tried"),
        Param("strict", True, "no exceptions"),
    )
    assert spec.returns == (
        Returned("bank_account_id", "payee"),
        Returned("person_ids", "claimant"),
        Returned("settlement_ids", "evidence"),
    )
    assert [(r.stem, r.is_list) for r in spec.returns] == [
        ("bank_account", False), ("person", True), ("settlement", True),
    ]  # fmt: skip
    assert spec.keep == (Keep("households", ">=", "least_persons", "a family is one"),)
    assert spec.signals == (Grows("households", 2.5, "seldom honest"), Grows("SERVES", 1.0, "as tested"))
    assert (spec.weighs, spec.needs_engine) == (("household", "employer"), ("fulltext",))
    assert spec.benign == (Text("一家人", "a family"), Text("同事", "colleagues"))
    assert spec.legal == ("Order 735 art. 17", "Order 735 art. 41(1)")
    assert spec.references == ("A paper", "Another")
    assert spec.needs == ("manual_cases.bank_account_no|payouts.bank_account_no", "reviews")


def test_the_body_stays_what_it_is() -> None:
    body = GOOD[GOOD.index("// who shares") :]
    assert parse(GOOD, "probe.cypher").body == body


def test_prefixed_ids_name_the_kind_behind_the_prefix() -> None:
    assert Returned("earlier_settlement_ids", "evidence").stem == "settlement"
    assert Returned("home_bank_account_id", "payee").stem == "bank_account"
    assert Returned("something_ids", "x").stem == ""


def test_languages_may_alternate_where_a_key_is_repeated() -> None:
    text = GOOD.replace(
        "// benign.zh: 一家人\n// benign.zh: 同事\n// benign.en: a family\n// benign.en: colleagues\n",
        "// benign.zh: 一家人\n// benign.en: a family\n// benign.zh: 同事\n// benign.en: colleagues\n",
    )
    assert parse(text, "probe.cypher").benign == (Text("一家人", "a family"), Text("同事", "colleagues"))


@pytest.mark.parametrize("key", [key for key, optional in KEYS.items() if not optional])
def test_no_mandatory_key_may_be_missing(key: str) -> None:
    _, detail = fault(without(key))
    assert f"the key {key} is missing" in detail


@pytest.mark.parametrize("key", ["references", "needs-engine", "weighs"])
def test_an_optional_key_may_be_missing(key: str) -> None:
    assert parse(without(key), "probe.cypher").id == "probe"


def test_the_first_key_must_come_first() -> None:
    first, second, *rest = GOOD.splitlines()
    assert fault("\n".join([second, first, *rest])) == (2, "the key id stands after version; the order is fixed")


@pytest.mark.parametrize("key", [key for key in KEYS if f"// {key}" in GOOD and key not in {"id", "needs-engine"}])
def test_a_key_out_of_its_order_is_refused_on_its_line(key: str) -> None:
    line = next(line for line in GOOD.splitlines() if line.startswith((f"// {key}:", f"// {key} ")))
    header, body = GOOD.split("\n\n", 1)
    number, detail = fault(f"{header}\n{line}\n\n{body}")
    assert (number, detail) == (
        len(header.splitlines()) + 1,
        f"the key {key} stands after needs-engine; the order is fixed",
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("// version: 3", "// versoin: 3", "unknown key versoin"),
        ("// version: 3", "//version: 3", "expected `// key: value`"),
        ("// version: 3", "// version:", "expected `// key: value`"),
        ("// version: 3", "// version: three", "version is a whole number"),
        ("// version: 3", "// version: 3\n// version: 4", "occurs twice"),
        ("// id: probe", "// id: Probe", "not snake_case"),
        ("// kind: shared_account", "// kind: shared account", "not snake_case"),
        ("// pattern: insider", "// pattern: witchcraft", "pattern is one of hoarded_cards"),
        ("// status: trial", "// status: live", "status is one of draft"),
        ("// param least_share: float = 0.5 -- half", "// param least_share: float = much -- half", "is not float"),
        ("// param least_persons: int = 3 --", "// param least_persons: int = 3.5 --", "is not int"),
        ("// param strict: bool = true", "// param strict: bool = yes", "true or false"),
        ("// param least_share: float = 0.5 -- half", "// param least_share: float = 0.5", "name: type = default"),
        ("// param least_share: float", "// param least_share: decimal", "name: type = default"),
        ("// param least_share: float", "// param: least_share: float", "param takes no colon"),
        ("// returns person_ids as claimant", "// returns person_ids", "alias as role"),
        ("// returns person_ids as claimant", "// returns people as claimant", "does not name ids"),
        ("// returns person_ids as claimant", "// returns amount_ids as claimant", "does not name ids"),
        ("// keep households >= least_persons", "// keep households > least_persons", "value >= param"),
        ("// keep households >= least_persons", "// keep households >= least_people", "is not declared"),
        ("// keep households >= least_persons", "// keep money >= least_persons", "money is no value of a finding"),
        ("// signal SERVES = 1", "// signal GIVES = 1", "unknown measure GIVES"),
        ("// signal SERVES = 1", "// signal SERVES = -1", "measure = weight"),
        ("// text.en: {persons}", "// text.en: {people}", "{people} is no value of a finding"),
        ("// text.en: {persons}", "// text.en: {persons", "the braces do not match"),
        ("// weighs: household", "// weighs: weather", "unknown cause weather"),
        ("// benign.en: colleagues\n", "", "the same number of things"),
    ],
)  # fmt: skip
def test_a_fault_in_the_header_is_told_with_its_line(old: str, new: str, words: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    number, detail = fault(text)
    assert words in detail
    shown = text.splitlines()[number - 1]
    # the line itself, or the first line of its key
    assert shown.startswith((new.splitlines()[-1] if new else "// benign.zh", old.split(":")[0], old[:7]))


def test_rows_are_joined_by_persons_only() -> None:
    joined = GOOD.replace("// keep households", "// joins: person\n// keep households", 1)
    assert parse(joined, "probe.cypher").joins == ("person",)
    assert parse(GOOD, "probe.cypher").joins == ()
    text = joined.replace("joins: person", "joins: site")
    assert fault(text) == (line_of(text, "// joins"), "rows are not joined by site; known: person")


def test_a_file_is_named_after_its_id() -> None:
    assert fault(GOOD, "other.cypher") == (1, "the id probe is not the name of the file")


def test_a_file_without_a_header_is_refused() -> None:
    assert fault("MATCH (p:Person) RETURN p.person_id AS person_id\n")[1] == "the key id is missing"
    assert fault("")[1] == "the key id is missing"


def test_every_error_names_the_next_step() -> None:
    with pytest.raises(QueryError) as caught:
        parse(without("misses.en"), "probe.cypher")
    assert "docs/detectors.md" in caught.value.hint


def test_a_parameter_that_is_not_declared_is_told_with_its_line_in_the_body() -> None:
    text = GOOD.replace("$office", "$place")
    number, detail = fault(text)
    assert number == line_of(text, "WHERE b.persons")
    assert "$place is used but not declared" in detail


def test_a_parameter_that_nobody_uses_is_told_with_its_line() -> None:
    text = GOOD.replace(" AND p.division = $office", "")
    number, detail = fault(text)
    assert (number, "office is declared but not used" in detail) == (line_of(text, "// param office"), True)


def test_a_parameter_in_a_string_or_a_comment_is_not_used() -> None:
    text = GOOD.replace("p.division = $office", "p.division = '$office' /* $office */")
    assert "office is declared but not used" in fault(text)[1]


def test_a_parameter_declared_twice_is_refused() -> None:
    line = "// param office: str = east wing -- where it is tried\n"
    assert "declared twice" in fault(GOOD.replace(line, line + line))[1]


def test_a_query_that_returns_something_else_is_refused() -> None:
    text = GOOD.replace("AS person_ids,", "AS people_ids,")
    number, detail = fault(text)
    assert number == line_of(text, "// who shares")
    assert "returns bank_account_id, people_ids, settlement_ids" in detail
    swapped = GOOD.replace(
        "// returns person_ids as claimant\n// returns settlement_ids as evidence\n",
        "// returns settlement_ids as evidence\n// returns person_ids as claimant\n",
    )
    assert "the header says bank_account_id, settlement_ids, person_ids" in fault(swapped)[1]


def test_a_string_that_never_ends_is_told_with_its_line() -> None:
    text = GOOD.replace("p.division = $office", "p.division = 'east")
    number, detail = fault(text)
    assert (number, "not closed" in detail) == (line_of(text, "WHERE b.persons"), True)


def test_a_file_is_read_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "probe.cypher"
    path.write_text(GOOD, encoding="utf-8")
    assert load_pattern(path) == parse(GOOD, "probe.cypher")


def test_overrides_replace_defaults_and_are_checked() -> None:
    params = parse(GOOD, "probe.cypher").params
    defaults = {"least_persons": 3, "least_share": 0.5, "office": "east wing", "strict": True}
    assert effective(params, {}) == defaults
    assert effective(params, {"least_share": 1}) == defaults | {"least_share": 1.0}
    assert isinstance(effective(params, {"least_share": 1})["least_share"], float)
    with pytest.raises(ConfigurationError, match="there is no parameter least_people") as caught:
        effective(params, {"least_people": 3})
    assert "least_persons" in caught.value.hint
    for name, wrong in (("least_persons", 3.0), ("least_persons", True), ("least_share", "0.5"), ("strict", 1)):
        with pytest.raises(ConfigurationError, match=f"parameter {name} takes"):
            effective(params, {name: wrong})


# ---- the scanner -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "aliases"),
    [
        ("RETURN a.x AS one, b", ["one", "b"]),
        ("RETURN DISTINCT a AS one LIMIT $k", ["one"]),
        ("MATCH (n) RETURN n AS early RETURN collect([1, 2]) AS late, f(a, b) AS other", ["late", "other"]),
        ("RETURN 'x AS y, z' AS quoted", ["quoted"]),
        ("MATCH (n)", []),
    ],
)
def test_aliases_of_the_last_return_are_read_in_order(text: str, aliases: list[str]) -> None:
    assert returned_aliases(text) == aliases


def test_words_leave_out_strings_quoted_names_and_comments() -> None:
    assert words_of("MATCH // create\n 'delete' `set` /* merge */ return \"drop\"") == ["MATCH", "RETURN"]


def test_parameters_are_found_with_the_line_of_their_first_use() -> None:
    assert parameters_of("a = $x\n/* $no\n */ b = $y AND c = $x\n// $no") == {"x": 1, "y": 3}


@pytest.mark.parametrize("text", ["'open", '"open', "`open", "/* open", "ok\n'it''s' 'open"])
def test_what_is_not_closed_is_refused(text: str) -> None:
    with pytest.raises(ParameterError) as caught:
        list(tokens(text))
    assert caught.value.line == text.count("\n") + 1


@given(
    st.lists(
        st.sampled_from(["$a", "'$b'", "`$c`", "// $d\n", "/* $e */", " x ", "\n", "->", "\\", '"\\"$f"']), max_size=12
    )
)
def test_no_text_hides_a_parameter_or_shows_one_that_is_none(pieces: list[str]) -> None:
    text = " ".join(pieces)
    bare = [piece for piece in pieces if piece == "$a"]
    assert set(parameters_of(text)) == ({"a"} if bare else set())

"""No value ever becomes part of a query's text: values travel as parameters.

Every call that runs SQL or Cypher is looked at. Its text must be a literal, a file of the packages, or a SQLAlchemy
expression. Where text is put together from parts, the function is listed below with the reason why each part is a name
or a number of our own and never a value; a new place fails until somebody has looked at it and written the reason down.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

#: Methods that run query text, and the name under which the text may be given.
RUNNING = {"execute", "executemany", "execute_query", "sql", "query", "prepare", "exec_driver_sql", "read_sql"}
TEXT_KEYWORDS = {"query", "text", "sql", "statement"}

#: `run` runs a query only on these; elsewhere it runs a stage, a process or a server.
RUNNING_OBJECTS = {"graph", "reader", "store", "session", "transaction", "tx", "connection", "_graph", "_reader"}

#: Calls whose result is an expression with bound values (SQLAlchemy), not text.
EXPRESSIONS = {"select", "insert", "update", "delete", "text", "exists", "union_all", "upsert"}

#: Functions of ours that read a .sql file of the packages by its name.
FILE_READERS = {"read_sql"}

#: "module::function" -> why its query text holds no value.
REVIEWED: dict[str, str] = {
    "detectors/departures.py::_fill": "files of detectors/sql and names of our own dimensions; limits are parameters",
    "detectors/departures.py::measured": "files of detectors/sql, and names of our own dimensions",
    "detectors/groups.py::of": "a file of detectors/sql, or that of a shuffle, with names of its own stream's columns",
    "detectors/groups.py::pairs_between": "a query of detectors/sql or a literal of the calling detector",
    "detectors/pattern.py::find": "the body of a file of cypher/patterns, unchanged",
    "detectors/purchases.py::keep_medicines": "files of detectors/sql, by the names of our own temporary tables",
    "detectors/shuffles.py::null_of": "a file of detectors/sql or what stands of it, and a constant of ours",
    "graphaudit/derive/run.py::_count": "a declared table of our own",
    "graphaudit/derive/run.py::_helper": "a name of our own and a file of derive/sql",
    "graphaudit/derive/run.py::_sharded": "a name of our own and a file of derive/sql; the shard is a parameter",
    "graphaudit/derive/run.py::_site_faults": "names of our own helper tables",
    "graphaudit/derive/run.py::_write": "a declared table, and the path of our own output",
    "graphaudit/neo4j_local/class_archive.py::_list_classes": "each of four literals, asked of an empty server",
    "graphaudit/leads/rank.py::_insert": "names of our own temporary tables and numbered parameters",
    "graphaudit/leads/rank.py::_member_ids": "one of the literals in _ID_SOURCES",
    "graphaudit/leads/usual_practice.py::_cause": "one of the literals in _SUBJECTS",
    "graphaudit/records/views.py::add_view": "a declared table, and a quoted path of our own (views take no parameter)",
    "graphaudit/simulation/folder.py::table": "literals of the simulation's table modules",
    "graphaudit/simulation/folder.py::write": "literals of the simulation's table modules",
    "graphaudit/stores/bulk.py::_fill_in_missing": "a declared table and its declared columns",
    "graphaudit/stores/bulk.py::_write": "a file of stores/extract, declared columns, and the path of our own output",
    "graphaudit/stores/ladybug_drift.py::_drift": "a declared label or type (CALL takes no parameter)",
    "graphaudit/stores/ladybug_reader.py::_execute": "the reader's one door: callers are checked above",
    "graphaudit/stores/ladybug_store.py::_copy": "a declared label or type, and the path of our own extract",
    "graphaudit/stores/ladybug_store.py::_copy_members": "a declared label, and the path of our own rows",
    "graphaudit/stores/ladybug_store.py::_load": "definitions made from the declared schema",
    "graphaudit/stores/ladybug_store.py::_replace_leads": "declared names; the leads travel as parameters",
    "graphaudit/stores/neo4j_store/contents.py::_look": "declared labels and types; what is found is only compared",
    "graphaudit/stores/neo4j_store/contents.py::number": "literals of the calling function",
    "graphaudit/stores/neo4j_store/inspection.py::_drift": "declared labels and types, and the size of the sample",
    "graphaudit/stores/neo4j_store/leads.py::work": "declared names; the leads travel as parameters",
    "graphaudit/stores/neo4j_store/offline.py::_copy": "declared labels and columns, and the path of our own file",
    "graphaudit/stores/neo4j_store/offline.py::_has_line_breaks": "declared columns, and the path of our own extract",
    "graphaudit/stores/neo4j_store/offline.py::_write_nodes": "a declared label, its key, a number, our own extract",
    "graphaudit/stores/neo4j_store/online.py::_last_batch": "the name of our own node",
    "graphaudit/stores/neo4j_store/online.py::_load": "a declared key, and the path of our own extract",
    "graphaudit/stores/neo4j_store/online.py::claim": "the name of our own node",
    "graphaudit/stores/neo4j_store/online.py::forget": "the name of our own node",
    "graphaudit/stores/neo4j_store/online.py::set_state": "the name of our own node",
    "graphaudit/stores/neo4j_store/online.py::clear": "declared labels and types",
    "graphaudit/stores/neo4j_store/online.py::prepare": "definitions made from the declared schema",
    "graphaudit/stores/neo4j_store/online.py::work": "declared names; the rows travel as parameters",
    "graphaudit/stores/neo4j_store/reader.py::work": "the reader's one door: callers are checked above",
    "graphaudit/stores/totals.py::compare": "declared labels, types and properties",
    "loaders/claims/importing.py::_read": "a declared file and its declared columns; the path is a parameter",
    "loaders/claims/importing.py::_refuse_bad_cells": "declared columns; the path is a parameter",
    "loaders/claims/importing.py::_write_all": "a file of loaders/claims/sql, and the path of our own output",
    "loaders/workspace.py::open_workspace": "settings checked by their type before",
    "loaders/workspace.py::run": "the workspace's one door: files of loaders/nhsa/sql and declared columns",
    "loaders/workspace.py::view": "a declared table, and a quoted path of our own (views take no parameter)",
}


def test_every_query_text_is_a_literal_or_has_been_reviewed(modules: list) -> None:
    unreviewed = {f"{place} (line {line})" for place, line in _assembled(modules) if place not in REVIEWED}
    assert not unreviewed


def test_every_review_is_still_needed(modules: list) -> None:
    assert set(REVIEWED) <= {place for place, _ in _assembled(modules)}


def test_the_check_sees_what_it_must_see() -> None:
    def safe(body: str) -> bool:
        tree = ast.parse("NAME = 'x'\ndef f(con, value):\n" + "\n".join(f"    {line}" for line in body.splitlines()))
        return not list(_in_module("m.py", tree))

    assert safe("con.execute('SELECT ?', [value])")
    assert safe("con.execute(f'SELECT {NAME}')")
    assert safe("sql = 'SELECT 1'\ncon.execute(sql, [value])")
    assert safe("for table in ('a', 'b'):\n    con.execute(f'DROP TABLE {table}')")
    assert safe("con.execute(f'CREATE TABLE t AS {read_sql(value)}')")
    assert not safe("for table in value:\n    con.execute(f'DROP TABLE {table}')")
    assert not safe("con.execute(f'SELECT {value}')")
    assert not safe("con.execute('SELECT ' + value)")
    assert not safe("con.execute('SELECT %s' % value)")
    assert not safe("con.execute('SELECT {}'.format(value))")
    assert not safe("sql = 'SELECT 1'\nsql += value\ncon.execute(sql)")
    assert not safe("sql = f'SELECT {value}'\ncon.execute(query=sql)")
    assert not safe("con.execute(value)")


def _assembled(modules: list) -> Iterator[tuple[str, int]]:
    for module in modules:
        yield from _in_module(module.name, module.tree)


def _in_module(name: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    literals = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _is_literal(node.value, set())
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for function, scope in _scopes(tree):
        for call in _own_calls(scope):
            text = _query_text(call)
            if text is not None and not _is_fixed(text, scope, literals):
                yield f"{name}::{function}", call.lineno


def _scopes(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """The module and every function in it, innermost name only."""
    yield "", tree
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node


def _own_calls(scope: ast.AST) -> Iterator[ast.Call]:
    """Calls in `scope`, without those of functions defined inside it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def _query_text(call: ast.Call) -> ast.expr | None:
    """The text that `call` runs; None when it runs no query."""
    if not isinstance(call.func, ast.Attribute):
        return None
    owner = call.func.value
    owner_name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    if call.func.attr not in RUNNING and not (call.func.attr == "run" and owner_name in RUNNING_OBJECTS):
        return None
    for keyword in call.keywords:
        if keyword.arg in TEXT_KEYWORDS:
            return keyword.value
    return call.args[0] if call.args else None


def _is_literal(node: ast.expr, names: set[str]) -> bool:
    """True when `node` holds only literals, files of the packages and `names`."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.JoinedStr):
        return all(_is_literal(part, names) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _is_literal(node.value, names) or _is_integer_format(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_literal(node.left, names) and _is_literal(node.right, names)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FILE_READERS:
        return True
    if isinstance(node, ast.IfExp):
        return _is_literal(node.body, names) and _is_literal(node.orelse, names)
    return False


def _is_integer_format(node: ast.FormattedValue) -> bool:
    """`{value:d}` can only be a whole number; anything else raises."""
    spec = node.format_spec
    return (
        isinstance(spec, ast.JoinedStr)
        and len(spec.values) == 1
        and isinstance(spec.values[0], ast.Constant)
        and spec.values[0].value == "d"
    )


def _is_fixed(node: ast.expr, scope: ast.AST, literals: set[str]) -> bool:
    """True when the text is literal, a bound expression, or a local name that only ever was one of these."""
    literals = literals | {name for name in _names(node) - literals if _is_always_literal(name, scope, literals)}
    if _is_literal(node, literals):
        return True
    if isinstance(node, ast.Call):
        return _is_expression(node, literals)
    if isinstance(node, ast.Name):
        assigned = list(_assigned(node.id, scope))
        return bool(assigned) and all(
            value is not None and (_is_literal(value, literals | {node.id}) or _is_expression(value, literals))
            for value in assigned
        )
    return False


def _names(node: ast.expr) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _is_always_literal(name: str, scope: ast.AST, literals: set[str]) -> bool:
    """True when `name` only ever gets literals in `scope`, one after another included."""
    assigned = list(_assigned(name, scope))
    return bool(assigned) and all(value is not None and _is_literal(value, literals | {name}) for value in assigned)


def _is_expression(node: ast.expr, literals: set[str]) -> bool:
    """A chain of calls that starts at a SQLAlchemy construct; `text(…)` only around literal text."""
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "text":
                return bool(node.args) and _is_literal(node.args[0], literals)
            return node.func.id in EXPRESSIONS
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def _assigned(name: str, scope: ast.AST) -> Iterator[ast.expr | None]:
    """Every value that `name` gets in `scope`; None for one that is not a plain assignment."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                yield node.value
            elif any(isinstance(inner, ast.Name) and inner.id == name for t in targets for inner in ast.walk(t)):
                yield None
        elif isinstance(node, ast.For | ast.comprehension):
            if isinstance(node.target, ast.Name) and node.target.id == name and isinstance(node.iter, ast.Tuple):
                yield from node.iter.elts
            elif any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node.target)):
                yield None
        elif isinstance(node, ast.arg) and node.arg == name:
            yield None

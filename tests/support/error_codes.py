"""Every error code that the sources can raise, read from the sources, and every one that the specification lists."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ERRORS = ROOT / "spec" / "errors.md"
FAMILIES = {
    "MalformedError": "malformed",
    "VerificationError": "verification",
    "RefusedError": "refused",
    "ConflictError": "conflict",
    "UnavailableError": "unavailable",
}
REASON = "reason"

Found = Mapping[str, set[str]]
"""The families of each code."""

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TS_RAISED = re.compile(r"\bnew (\w+Error)\(\s*'([a-z0-9-]+)'")
_TS_CONSTANT = re.compile(r"^(?:export )?const CODE = '([a-z0-9-]+)'", re.MULTILINE)
_QUOTED = re.compile(r"""["'`]([a-z0-9]+(?:-[a-z0-9]+)*)["'`]""")
_ROW = re.compile(r"\| (\S+) \| ([^|]+) \| ([^|]+) \|")


def collect_listed() -> dict[str, set[str]]:
    """Return the families of each code in the specification's tables."""
    listed: dict[str, set[str]] = {}
    for line in ERRORS.read_text("utf-8").splitlines():
        row = _ROW.fullmatch(line)
        if row is None or row[1] in {"code", "---"} or row[1].startswith("-"):
            continue
        if row[1] in listed:
            raise AssertionError(f"{row[1]} is listed twice")
        listed[row[1]] = {family.strip(" ()") for family in row[2].split(",")}
    return listed


def collect_sections() -> list[list[str]]:
    """Return the codes of each table in the order in which they stand."""
    tables: list[list[str]] = []
    for part in ERRORS.read_text("utf-8").split("\n## ")[1:]:
        rows = (_ROW.fullmatch(line) for line in part.splitlines())
        tables.append([row[1] for row in rows if row and row[1] != "code" and not row[1].startswith("-")])
    return tables


def collect_python() -> Found:
    """Return what src/plaint raises: arguments of the families, of their subclasses, and codes handed to functions."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "src" / "plaint").rglob("*.py"))}
    raised: dict[str, set[str]] = defaultdict(set)
    for tree in trees.values():
        constants = _collect_constants(tree)
        takers = _collect_takers(tree)
        for node in ast.walk(tree):
            for family, argument in _list_arguments(node, takers):
                code = _read(argument, constants)
                if code is not None:
                    raised[code].add(family)
    return raised


def collect_typescript() -> Found:
    """Return what web/src raises."""
    raised: dict[str, set[str]] = defaultdict(set)
    for path in _list_web():
        text = path.read_text("utf-8")
        for family, code in _TS_RAISED.findall(text):
            if family in FAMILIES:
                raised[code].add(FAMILIES[family])
        for code in _TS_CONSTANT.findall(text):
            raised[code].add("malformed")
    return raised


def collect_words() -> set[str]:
    """Return every string in the sources that has the form of a code."""
    words: set[str] = set()
    for path in [*sorted((ROOT / "src" / "plaint").rglob("*.py")), *_list_web()]:
        words.update(_QUOTED.findall(path.read_text("utf-8")))
    return words


def _list_web() -> Iterator[Path]:
    for path in sorted((ROOT / "web" / "src").rglob("*")):
        if path.suffix in {".ts", ".svelte"} and ".test" not in path.name and "paraglide" not in path.parts:
            yield path


def _collect_constants(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = node.value.value
    return found


def _collect_takers(tree: ast.Module) -> dict[str, int]:
    """Return the position of `code` among the parameters of the functions that have one."""
    takers = {"Fields": 1}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            if "code" in names and node.name != "__init__":
                takers[node.name] = names.index("code")
    return takers


def _list_arguments(node: ast.AST, takers: Mapping[str, int]) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.ClassDef):
        yield from _list_own(node)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    name = node.func.id
    if name in FAMILIES and node.args:
        yield FAMILIES[name], node.args[0]
    elif name in takers and len(node.args) > takers[name]:
        yield "malformed" if name == "Fields" else "verification", node.args[takers[name]]


def _list_own(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """Return what a subclass of a family gives to `super().__init__`."""
    families = [FAMILIES[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in FAMILIES]
    for call in ast.walk(node) if families else ():
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__" and call.args:
            yield families[0], call.args[0]


def _read(argument: ast.expr, constants: Mapping[str, str]) -> str | None:
    value = constants.get(argument.id) if isinstance(argument, ast.Name) else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        value = argument.value
    return value if value is not None and _CODE.fullmatch(value) else None

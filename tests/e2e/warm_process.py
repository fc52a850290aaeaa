"""Runs each command line named on standard input in a process of its own, forked from this one.

This one has imported everything and opened nothing, so a command costs what it does and not what its imports do. A
request is a line of JSON: the program (`-m graphaudit` or `-c` and a script), its arguments, and the files that take
what it prints; the answer is a line with its exit code, negative for the signal that ended it.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from typing import Any

import api.cli
import api.pipeline  # noqa: F401


def become(request: dict[str, Any]) -> None:
    """In the forked process: take over the streams, then run the program as the interpreter would."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    streams = [nothing, *(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for name in ("out", "err"))]
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    kind, text = request["program"]
    sys.argv = [kind, *request["arguments"]]
    if kind == "-m":
        runpy.run_module(text, run_name="__main__", alter_sys=True)
    else:
        exec(compile(text, "<string>", "exec"), {"__name__": "__main__"})
    sys.exit()


def serve() -> None:
    """Answer requests until there are no more."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()

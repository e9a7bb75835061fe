"""The `plaint` command itself: a table of commands, loaded when used, and the one place where errors become sentences.

A command is a file beside this one that has `app = App(name="<command>")`. A command returns its exit code or None and
raises `PlaintError` or `CommandError`; it prints through `plaint.cli.output` alone.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from plaint.cli.messages import describe_error
from plaint.cli.output import CommandError, print_problem
from plaint.errors import PlaintError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_STOPPED = 130

COMMANDS = {
    "demo": "Run an invented organisation on this machine.",
    "up": "Run the service.",
    "org": "Create an organisation on this server.",
    "member": "Make a member's words and the request to be added.",
    "directory": "Draft, review, sign and submit directory entries.",
    "trust": "Fetch the trust file of an organisation.",
    "report": "Seal and send a report.",
    "follow": "Read and answer a report with its words.",
    "submit": "Hand in a sealed report that was saved as a file.",
    "desk": "Read and handle cases as a member.",
    "outside": "Show whom else one can turn to in a country.",
    "verify": "Judge a receipt, without any server.",
    "release": "Make a key for releases, sign and check releases.",
    "proof": "Put what a receipt proves into one file and one sheet.",
    "verify-client": "Compare the served pages and scripts with a release.",
    "pages": "Make the reporter's page for another origin, or as one file.",
    "log": "Mirror, audit and watch the logs.",
    "cosign": "Countersign and mirror logs.",
}

app = App(
    name="plaint",
    help="Reports that cannot be ignored, read by the wrong people, or made to disappear.",
    result_action="return_value",
)
for _name, _help in COMMANDS.items():
    app.command(f"plaint.cli.{_name.replace('-', '_')}:app", name=_name, help=_help)


def main() -> None:
    """Run the command that the arguments name and exit with its code."""
    code = run(sys.argv[1:])
    if "granian" in sys.modules:
        # The server's own threads outlive it; one that asks for an interpreter that is gone aborts the process.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong usage, others as the command documents."""
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        print_problem(f"There is no command {arguments[0]}; `plaint --help` lists them.")
        return EXIT_USAGE
    try:
        result = app(list(arguments), exit_on_error=False)
    except CycloptsError:
        return EXIT_USAGE
    except KeyboardInterrupt:
        print_problem("Stopped.")
        return EXIT_STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except Exception as error:  # noqa: BLE001 -- the edge: no trace with people's words in it reaches a screen unasked
        print_problem(_explain(error))
        if os.environ.get("PLAINT_DEBUG") == "1":
            traceback.print_exception(error)
        return error.exit_code if isinstance(error, CommandError) else EXIT_FAILED
    return result if isinstance(result, int) else 0


def _explain(error: Exception) -> str:
    if isinstance(error, CommandError):
        return error.message
    if isinstance(error, PlaintError):
        return f"{describe_error(error)} ({error})"
    if isinstance(error, OSError):
        return f"{error.filename or 'The system'}: {error.strerror or type(error).__name__}."
    return f"Plaint met something it did not expect: {type(error).__name__}. PLAINT_DEBUG=1 shows where."

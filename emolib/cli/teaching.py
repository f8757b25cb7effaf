"""Commands for the course: `student` and `doctor`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .common import add_command

if TYPE_CHECKING:
    pass


def add_student(commands: argparse._SubParsersAction) -> None:
    """Add the `student` command."""
    parser = add_command(
        commands, student, "write the notebooks for learners, without solutions", "learners"
    )
    parser.add_argument("folder", metavar="OUT", help="a new folder; OUT.zip is written too")


def student(args: argparse.Namespace) -> int:
    """Write the notebooks without solutions, for learners."""
    from ..course.student import write_learner_copies

    for path in write_learner_copies(args.folder):
        print(path)
    return 0


def add_doctor(commands: argparse._SubParsersAction) -> None:
    """Add the `doctor` command."""
    add_command(commands, doctor, "say whether this computer is ready for the course", "")


def doctor(args: argparse.Namespace) -> int:
    """Say whether this computer is ready for the course; exit status 1 when something is broken."""
    from ..course.doctor import ERROR, examine, summary

    findings = []
    for finding in examine():
        print(finding, flush=True)
        findings.append(finding)
    print(f"\nTo send to your teacher:\n{summary(findings)}")
    return 1 if any(finding.state == ERROR for finding in findings) else 0

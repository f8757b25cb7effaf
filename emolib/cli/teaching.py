"""Commands for the course: `student` and `doctor`."""

from __future__ import annotations

import argparse

from .common import add_command


def add_student(commands: argparse._SubParsersAction) -> None:
    """Add the `student` command."""
    parser = add_command(
        commands, student, "write copies of the notebooks without solutions", "learners"
    )
    parser.add_argument("folder", metavar="OUT", help="a new folder; OUT.zip is written, too")


def student(args: argparse.Namespace) -> int:
    """Write copies of the notebooks without solutions."""
    from ..course.student import write_learner_copies

    for path in write_learner_copies(args.folder):
        print(path)
    return 0


def add_doctor(commands: argparse._SubParsersAction) -> None:
    """Add the `doctor` command."""
    add_command(commands, doctor, "check whether this computer is ready for the course", "")


def doctor(args: argparse.Namespace) -> int:
    """Check whether this computer is ready; exit with status 1 if something must be fixed."""
    from ..course.doctor import ERROR, examine, summary

    findings = []
    for finding in examine():
        print(finding, flush=True)
        findings.append(finding)
    print(f"\nSend this line to your teacher:\n{summary(findings)}")
    return 1 if any(finding.state == ERROR for finding in findings) else 0

"""Commands for the course: `student` and `doctor`."""

from __future__ import annotations

import argparse

from .common import add_command


def add_student(commands: argparse._SubParsersAction) -> None:
    """Add the `student` command."""
    parser = add_command(
        commands, student, "write copies of the notebooks to work in, without solutions", "learners"
    )
    parser.add_argument(
        "folder",
        nargs="?",
        metavar="OUT",
        help="a new folder; OUT.zip, to hand out, is also written; default: my_course in the "
        "course's folder, for yourself, without a zip",
    )
    parser.add_argument(
        "--with-solutions",
        action="store_true",
        help="keep each solution, folded, below the cell for your answer",
    )


def student(args: argparse.Namespace) -> int:
    """Write copies of the notebooks to work in."""
    from ..course.paths import copies_dir
    from ..course.student import write_learner_copies

    folder = args.folder or copies_dir()
    for path in write_learner_copies(folder, args.with_solutions, packed=bool(args.folder)):
        print(path)
    if not args.folder:
        print(f"These copies are for you: to work in them, run jupyter lab {folder}")
    return 0


def add_doctor(commands: argparse._SubParsersAction) -> None:
    """Add the `doctor` command."""
    add_command(commands, doctor, "check whether this computer is ready for the course", "")


def doctor(args: argparse.Namespace) -> int:
    """Check whether this computer is ready; exit with status 1 if something must be fixed."""
    from ..course.doctor import ERROR, examine, summary

    print("Checking this computer. The last check starts TensorFlow and can take half a minute.")
    findings = []
    for finding in examine():
        print(finding, flush=True)
        findings.append(finding)
    print(f"\nSend this line to your teacher:\n{summary(findings)}")
    return 1 if any(finding.state == ERROR for finding in findings) else 0

"""Runs gitlab-evaluate over the whole instance and over one group, and tells
what its workbooks say.

Prints one JSON object a line: {"resource", "key", "value"}, where the resource
is a sheet and a column. Left out is what the tool does not fill from an answer:
formulas, which add up cells that are told, and its own judgement (the columns
that end with _over, the flagged projects, the report).
Reads GITLAB_URL, GITLAB_TOKEN and GROUP, the id of the group. With REPORT it
runs nothing and tells what is in that workbook.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import openpyxl

URL, TOKEN, GROUP = os.environ["GITLAB_URL"], os.environ["GITLAB_TOKEN"], os.environ["GROUP"]
EVALUATE = pathlib.Path(sys.executable).parent / "evaluate-gitlab"


def tell(resource, key, value):
    print(json.dumps({"resource": resource, "key": str(key), "value": value}))


def run(folder, *arguments):
    """A full run; it keeps its database and its log in the working directory."""
    command = [EVALUATE, "--source", URL, "--token", TOKEN, "--filename", "report", "--processes", "2", *arguments]
    with open(folder / "output.txt", "w") as output:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, timeout=900)
    if done.returncode != 0:
        sys.stderr.write((folder / "output.txt").read_text()[-4000:])
        sys.exit(f"evaluate-gitlab {' '.join(arguments)} exited {done.returncode}")
    return openpyxl.load_workbook(folder / "report.xlsx")


def rows(sheet):
    lines = sheet.iter_rows(values_only=True)
    header = next(lines)
    for line in lines:
        yield dict(zip(header, line))


def number(cell):
    return cell if cell is not None else 0


def application_statistics(sheet, scope):
    """The sheet's tables: a name in the first column, a value in the second."""
    section = "Account"
    for name, value in sheet.iter_rows(min_row=2, max_col=2, values_only=True):
        if name is None:
            continue
        if value in ("ALL PROJECTS", "% of Instance", "File Count", "Users"):
            section = name
        elif isinstance(value, str) and value.startswith("="):
            # An archived count that came with a header of an answer is written as a formula.
            if value[1:].isdigit():
                tell(scope + "App Stats: " + name, "", int(value[1:]))
        elif section == "Account" and name.startswith("Total "):
            tell(scope + "App Stats: " + name, "", int(str(value).replace(",", "")))
        elif section == "Account" and (name == "GitLab Version" or scope and name.endswith("Enumeration")):
            tell(scope + "App Stats: " + name, "", value)
        elif section != "Account":
            tell(scope + "App Stats: " + section, name, value)


def workbook(book, scope):
    application_statistics(book["App Stats"], scope)
    for row in rows(book["Raw Project Data"]):
        key = row["id"].rpartition("/")[2]
        for column, cell in row.items():
            if column == "id" or column.endswith("_over"):
                continue
            if column in ("languages", "file_extensions"):
                cell = json.loads(cell) if cell else {}
            elif column == "package_types_in_use":
                cell = sorted(cell.split(", ")) if cell not in (None, "N/A") else []
            elif cell in ("True", "False"):
                cell = cell == "True"
            tell(scope + "Raw Project Data: " + column, key, number(cell))
    for row in rows(book["Users"]):
        for column, cell in row.items():
            if column != "username":
                cell = {"True": True, "False": False, None: ""}.get(cell, cell)
                tell(scope + "Users: " + column, row["username"], cell)


if "REPORT" in os.environ:
    workbook(openpyxl.load_workbook(os.environ["REPORT"]), "")
    sys.exit()

with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as group:
    workbook(run(pathlib.Path(whole)), "")
    workbook(run(pathlib.Path(group), "--group-id", GROUP), "group: ")

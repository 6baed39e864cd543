# Reads a workbook with openpyxl, as somebody's script would, and writes what is in
# it as JSON: each sheet with its tables and rows. A number is a number, a date
# {"d": …}, a formula {"f": …}, and text text.
#   openpyxl_dump.py in.xlsx out.json
import datetime
import json
import sys
import warnings

import openpyxl

warnings.simplefilter("error")  # openpyxl warns of parts that it cannot read


def told(cell):
    if cell.data_type == "f":
        return {"f": cell.value}
    if isinstance(cell.value, datetime.datetime):
        return {"d": cell.value.isoformat()}
    return cell.value


source, target = sys.argv[1:3]
book = openpyxl.load_workbook(source)
sheets = [{
    "name": sheet.title,
    "tables": {table.name: table.ref for table in sheet.tables.values()},
    "rows": [[told(cell) for cell in row] for row in sheet.iter_rows()],
} for sheet in book]
with open(target, "w", encoding="utf-8") as out:
    json.dump(sheets, out)

# A person at work in LibreOffice Calc: opens a workbook, writes, sorts, inserts
# columns and rows, filters, and saves it as .xlsx again.
#   person.py in.xlsx out.xlsx
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.table import CellRangeAddress, TableSortField
from com.sun.star.util import Date


def prop(name, value):
    return PropertyValue(Name=name, Value=value)


source, target, profile, pipe = sys.argv[1:5]
office = subprocess.Popen(
    ["soffice", "--headless", "--norestore", "--nologo", "-env:UserInstallation=file://" + profile,
     "--accept=pipe,name=%s;urp;" % pipe])
try:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for attempt in range(600):
        try:
            context = resolver.resolve("uno:pipe,name=%s;urp;StarOffice.ComponentContext" % pipe)
            break
        except NoConnectException:
            time.sleep(0.2)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    book = desktop.loadComponentFromURL("file://" + source, "_blank", 0, (prop("Hidden", True),))

    def table(sheet, key, other):
        """The header row and the place of each header."""
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        last = cursor.RangeAddress
        for row in range(20):
            names = [sheet.getCellByPosition(c, row).String for c in range(last.EndColumn + 1)]
            if key in names and other in names:
                return row, {n: c for c, n in enumerate(names)}, last
        raise SystemExit("no header row")

    # Projects: decide in every row, then sort by path from the end, and insert a
    # column before the first and one in the middle.
    sheet = book.Sheets.getByName("Projects")
    head, at, last = table(sheet, "Id", "Scope")
    for row in range(head + 1, last.EndRow + 1):
        key = sheet.getCellByPosition(at["Id"], row).String
        if key:
            sheet.getCellByPosition(at["Scope"], row).String = "in"
            sheet.getCellByPosition(at["Reason"], row).String = "reason of %s\nsecond line" % key
            sheet.getCellByPosition(at["Wave"], row).Value = 7
    area = sheet.getCellRangeByPosition(0, head, last.EndColumn, last.EndRow)
    field = TableSortField(Field=at["Path"], IsAscending=False)
    area.sort((prop("SortFields", uno.Any("[]com.sun.star.table.TableSortField", (field,))), prop("ContainsHeader", True)))
    sheet.Columns.insertByIndex(at["Scope"], 1)
    sheet.getCellByPosition(at["Scope"], head).String = "Our own"
    sheet.Columns.insertByIndex(0, 1)
    sheet.Rows.insertByIndex(0, 2)

    # Actions: an owner, a date as Calc stores it, a note; then a filter that hides it.
    sheet = book.Sheets.getByName("Actions")
    head, at, last = table(sheet, "Key", "Owner")
    row = head + 1
    sheet.getCellByPosition(at["Owner"], row).String = "=not a formula"
    due = sheet.getCellByPosition(at["Due"], row)
    due.Formula = "2026-12-24"
    sheet.getCellByPosition(at["Notes"], row).String = "Žluťoučký kůň, 日本語, <b>&amp;</b>"
    sheet.getCellByPosition(at["Status"], row).String = "in progress"
    sheet.Rows.getByIndex(row).IsVisible = False

    # Scoping: an answer; the sheet moves to the end.
    sheet = book.Sheets.getByName("Scoping")
    head, at, last = table(sheet, "Id", "Answer")
    sheet.getCellByPosition(at["Answer"], head + 1).String = "Debian 12"
    sheet.getCellByPosition(at["By"], head + 1).String = "A. Person"
    book.Sheets.moveByName("Scoping", book.Sheets.Count)

    book.storeToURL("file://" + target, (prop("FilterName", "Calc MS Excel 2007 XML"),))
    book.close(True)
    try:
        desktop.terminate()
    except Exception:
        pass
finally:
    office.terminate()
    office.wait()

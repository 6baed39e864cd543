// Package report turns a judgement into one Report, from which every form is
// written: the terminal's summary, the workbook, the JSON file. It adds no
// knowledge of its own and sees to it that every form says the same: a value is
// a value, what could not be read is words, and no text of the source can do
// more than be read.
package report

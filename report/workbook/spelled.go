package workbook

import (
	"regexp"
	"strings"
)

// spelling is what a workbook writes for a character that XML cannot hold, where
// excelize does not keep it apart from a text that just looks like it: it drops the
// halves of a surrogate pair, and takes the end of one for the beginning of the next.
// Source: ECMA-376 part 1, 22.9.2.19 (ST_Xstring), and bstrMarshal in excelize's lib.go.
var spelling = regexp.MustCompile(`_x([dD][89a-fA-F][0-9a-fA-F]{2}_|[0-9a-fA-F]{4}_x[0-9a-fA-F]{4}_)`)

// apart has no width and breaks no line; no text of the source holds one, see
// report.Clean.
const apart = "\u2060"

// spelled returns text so that a cell shows it as it is.
func spelled(text string) string {
	for spelling.MatchString(text) {
		text = spelling.ReplaceAllStringFunc(text, func(s string) string { return "_" + apart + s[1:] })
	}
	return text
}

// unspelled returns what spelled was given.
func unspelled(text string) string { return strings.ReplaceAll(text, "_"+apart+"x", "_x") }

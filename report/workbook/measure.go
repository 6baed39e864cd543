package workbook

import (
	"strings"
	"unicode/utf8"
)

// advances are how wide the letters of Calibri are, in hundredths of a digit. The
// widths of columns count in digits; text that is measured by its letters fits
// its cell in every program that has the font, or one of the same measures.
// Source: the table hmtx of Carlito, which has Calibri's measures
// (https://fonts.google.com/specimen/Carlito)
var advances = func() (a [utf8.RuneSelf]int) {
	for i := range a {
		a[i] = 100
	}
	for _, group := range []struct {
		letters string
		wide    int
	}{
		{" ijl',.`|I", 48}, {"ft()[]{}-:;!/", 68}, {"rJ\"", 72}, {"sczL?", 82}, {"aegkvxyFSTEYZ", 95},
		{"bdhnopqu", 104}, {"ABCKPRVX", 112}, {"DGHNU&", 126}, {"OQ", 133}, {"w%", 142}, {"m", 158}, {"MW@", 176},
	} {
		for _, r := range group.letters {
			a[r] = group.wide
		}
	}
	return a
}()

// measure is how many digits of its own size a text is as wide as.
func measure(text string) float64 {
	sum := 0
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			sum += advances[r]
		case r < 0x2e80: // letters of alphabets
			sum += 105
		default:
			sum += 200
		}
	}
	return float64(sum) / 100
}

// body is how many digits of the body's size, 10 points, have room in the width of
// a column of one, which counts those of 11 points.
const body = 1.05

// room is how many digits of the body's size a column holds, less its margins.
func room(width float64) float64 { return max(width*body-1.2, 4) }

// lines says how many lines text takes in a column of the given width.
func lines(text string, width float64) float64 {
	free := room(width)
	n, used := 1, 0.0
	space := measure(" ")
	for word := range strings.FieldsSeq(text) {
		w := measure(word)
		if used > 0 && used+space+w > free {
			n, used = n+1, 0
		}
		if used > 0 {
			used += space
		}
		used += w
		for used > free { // a word that is longer than a line
			n, used = n+1, used-free
		}
	}
	return float64(n)
}

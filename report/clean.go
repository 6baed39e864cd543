package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is the longest text of a cell, in UTF-16 code units as Excel counts.
// Source: https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
const MaxText = 32767

// Clean makes text from the source safe to show anywhere: one line of valid
// UTF-8 of at most MaxText units. White space becomes a space; what would steer
// a terminal, reorder a line or break XML becomes U+FFFD, so that two different
// names do not become one.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	units := 0
	for _, r := range s { // invalid bytes arrive as U+FFFD
		switch {
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			r = ' '
		case harmful(r):
			r = utf8.RuneError
		}
		n := 1
		if r > 0xFFFF {
			n = 2
		}
		if units+n > MaxText-1 {
			b.WriteRune('…')
			break
		}
		units += n
		b.WriteRune(r)
	}
	return b.String()
}

// plain reports whether s is short printable ASCII: nearly all text is.
func plain(s string) bool {
	if len(s) >= MaxText {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// harmful are control and format characters (escape sequences, bidirectional
// marks, byte order marks, tags) and what XML cannot hold. The joiners that
// scripts and emoji need stay.
func harmful(r rune) bool {
	switch {
	case r == '\u200c', r == '\u200d':
		return false
	case r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF: // noncharacters
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// Cut shortens s to n characters, the last of which is then "…".
func Cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

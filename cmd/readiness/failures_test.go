package main

import (
	"errors"
	"strings"
	"testing"
)

func TestFailuresAreToldInOneLine(t *testing.T) {
	var f failures
	for _, want := range []string{
		"",
		"1 answer failed: GET /hooks: it answers 500 evil\n",
		"2 answers failed; the first: GET /hooks: it answers 500 evil\n",
	} {
		var out strings.Builder
		if f.tell(&out); out.String() != want {
			t.Errorf("%q, want %q", out.String(), want)
		}
		f.add(errors.New("GET /hooks: it answers 500\n\x1b\u202eevil"))
	}
}

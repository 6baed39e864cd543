package report_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"

	"readiness/report"
)

func picture(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestReadBrand reads brands in and out of order; mistakes name their line.
func TestReadBrand(t *testing.T) {
	logo := picture(t)
	open := func(path string) ([]byte, error) {
		switch path {
		case "logo.png":
			return logo, nil
		case "large.png":
			return make([]byte, 1<<20), nil
		case "text.png":
			return []byte("no picture"), nil
		}
		return nil, errors.New("no such file")
	}
	for _, c := range []struct{ yaml, want string }{
		{"name: Acme", ""},
		{"name: Acme\nengagement: ENG-7\ncustomer: Initech\nlogo: logo.png\ncolours:\n  header: \"#003366\"\n  bar: \"#99ccff\"\n", ""},
		{"", "brand.yaml: empty"},
		{"engagement: ENG-7", "brand.yaml:1: a brand needs a name"},
		{"name: Acme\ncolor: red", "brand.yaml:2: a brand has no field \"color\""},
		{"name: Acme\nname: Other", "brand.yaml:2:"},
		{"name: Acme\ncolours:\n  header: red", "brand.yaml:3: colour \"red\""},
		{"name: Acme\ncolours:\n  header: \"#ffee00\"", "brand.yaml:3: header #FFEE00 is too light"},
		{"name: Acme\ncolours:\n  ink: \"#000000\"", "brand.yaml:3: colours has no field \"ink\""},
		{"name: Acme\nlogo: gone.png", "brand.yaml:2: logo: no such file"},
		{"name: Acme\nlogo: large.png", "brand.yaml:2: logo large.png: 1024 KiB"},
		{"name: Acme\nlogo: text.png", "brand.yaml:2: logo text.png: neither PNG nor JPEG"},
		{"name: " + strings.Repeat("x", 81), "brand.yaml:1: name is longer"},
		{"- name", "brand.yaml:1: a brand must be a mapping"},
	} {
		b, err := report.ReadBrand("brand.yaml", []byte(c.yaml), open)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.yaml, err)
		case c.want == "" && (b == nil || b.Name != "Acme"):
			t.Errorf("%q: read as %+v", c.yaml, b)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%q: %v, want %q", c.yaml, err, c.want)
		}
	}
}

func FuzzReadBrand(f *testing.F) {
	f.Add("name: Acme\nlogo: logo.png\ncolours: {header: \"#003366\"}")
	logo := picture(f)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := report.ReadBrand("brand.yaml", []byte(text), func(string) ([]byte, error) { return logo, nil })
		if (b == nil) == (err == nil) {
			t.Errorf("%q: %+v, %v", text, b, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "brand.yaml") {
			t.Errorf("%q: %v names no file", text, err)
		}
	})
}

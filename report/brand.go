package report

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // what a logo may be
	_ "image/png"
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"readiness/checks/yamlfile"
)

// Brand is how the workbook and the page of whoever delivers the report look.
// It changes no word of what was found.
type Brand struct {
	Name       string // who delivers
	Engagement string // their id for it; "": none
	Customer   string // whom it is delivered to; "": not said
	Logo       *Logo  // nil: none
	// Header fills the headers of tables and colours headings; Bar lies behind
	// sizes. RRGGBB; "": the program's own.
	Header, Bar string
}

// Logo is a picture of the first page.
type Logo struct {
	Data          []byte
	Extension     string // .png or .jpeg
	Width, Height int    // pixels
}

// maxLogo is the most that a logo may weigh, in bytes: it stands in every
// workbook and page.
const maxLogo = 512 << 10

// leastContrast is what white letters on a header need to be read.
// Source: https://www.w3.org/TR/WCAG21/#contrast-minimum
const leastContrast = 4.5

// ReadBrand reads a brand's YAML. name is the file's, for errors; open reads the
// logo, by the path that the file gives. Every error names file and line.
func ReadBrand(name string, data []byte, open func(path string) ([]byte, error)) (*Brand, error) {
	d := yamlfile.Parse(name, data)
	b := &Brand{}
	if d.Err == nil && d.Root == nil {
		return nil, fmt.Errorf("%s: empty: give at least a name", name)
	}
	if d.Err != nil {
		return nil, d.Err
	}
	const what = "a brand"
	for f := range d.Fields(d.Root, what) {
		switch f.Key {
		case "name":
			b.Name = brandText(d, f)
		case "engagement":
			b.Engagement = brandText(d, f)
		case "customer":
			b.Customer = brandText(d, f)
		case "logo":
			b.Logo = readLogo(d, f.Value, open)
		case "colours":
			for c := range d.Fields(f.Value, "colours") {
				switch c.Key {
				case "header":
					if b.Header = colour(d, c.Value); d.Err == nil && contrast(b.Header) < leastContrast {
						d.Fail(c.Value, "header #%s is too light for white letters: its contrast is %.1f, at least %.1f is readable", b.Header, contrast(b.Header), leastContrast)
					}
				case "bar":
					b.Bar = colour(d, c.Value)
				default:
					d.Unknown(c, "colours", "header", "bar")
				}
			}
		default:
			d.Unknown(f, what, "name", "engagement", "customer", "logo", "colours")
		}
	}
	if b.Name == "" {
		d.Fail(d.Root, "a brand needs a name")
	}
	if d.Err != nil {
		return nil, d.Err
	}
	return b, nil
}

// brandText reads words that stand in one line of a page.
func brandText(d *yamlfile.Document, f yamlfile.Field) string {
	s := d.Text(f.Value, f.Key)
	if len(s) > 80 || strings.Contains(s, "\n") {
		d.Fail(f.Value, "%s is longer than 80 characters, or than a line", f.Key)
	}
	return Clean(s)
}

// colour reads #RRGGBB.
func colour(d *yamlfile.Document, n ast.Node) string {
	s := d.Text(n, "a colour")
	hex, marked := strings.CutPrefix(s, "#")
	if _, err := strconv.ParseUint(hex, 16, 32); !marked || len(hex) != 6 || err != nil {
		d.Fail(n, "colour %.40q: give it in quotes as \"#1f3a4d\"", s)
		return ""
	}
	return strings.ToUpper(hex)
}

// contrast is that of white letters on a colour, from 1 to 21.
// Source: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio
func contrast(hex string) float64 {
	v, _ := strconv.ParseUint(hex, 16, 32)
	linear := func(shift uint) float64 {
		c := float64(v>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 1.05 / (0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0) + 0.05)
}

func readLogo(d *yamlfile.Document, n ast.Node, open func(string) ([]byte, error)) *Logo {
	path := d.Text(n, "logo")
	if d.Err != nil {
		return nil
	}
	data, err := open(path)
	if err != nil {
		d.Fail(n, "logo: %v", err)
		return nil
	}
	if len(data) > maxLogo {
		d.Fail(n, "logo %.120s: %d KiB, at most %d are taken", path, len(data)>>10, maxLogo>>10)
		return nil
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || size.Width < 1 || size.Height < 1 {
		d.Fail(n, "logo %.120s: neither PNG nor JPEG", path)
		return nil
	}
	return &Logo{Data: data, Extension: "." + format, Width: size.Width, Height: size.Height}
}

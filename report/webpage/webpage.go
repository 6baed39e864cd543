// Package webpage writes a report as one HTML file that holds all it needs: the
// summary with its charts, and every sheet as a table to sort and search. It
// loads nothing, sends nothing, and a policy in the page forbids both.
package webpage

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"readiness/report"
)

//go:embed page.html
var pageHTML string

//go:embed style.css
var styleCSS string

//go:embed page.js
var pageJS string

// page is what the template shows.
type page struct {
	*report.Report
	Facts                 []report.Line
	Sheets                []link
	Charts                []figure
	Style                 template.CSS
	StyleHash, ScriptHash template.HTMLAttr
	Logo                  template.URL // "": none
}

// link leads to a sheet.
type link struct{ Name, Slug string }

// figure is a chart with its picture.
type figure struct {
	Title, Note string
	Picture     template.HTML
}

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"tone":  func(c report.Cell) string { return toneClass(c.Tone()) },
	"muted": func(c report.Cell) bool { return c.Tone() == report.Muted },
}).Parse(pageHTML))

// Write writes the page. The rows of the sheets are walked once, as they are
// written; the page itself holds them all.
func Write(w io.Writer, r *report.Report) error {
	style := styleCSS
	if b := r.Brand; b != nil && b.Header != "" {
		style += ":root { --ink: #" + strings.ToLower(b.Header) + "; }\n"
	}
	p := page{Report: r, Style: template.CSS(style), StyleHash: hash(style), ScriptHash: hash(pageJS)}
	if b := r.Brand; b != nil && b.Logo != nil {
		p.Logo = template.URL("data:image/" + b.Logo.Extension[1:] + ";base64," + base64.StdEncoding.EncodeToString(b.Logo.Data))
	}
	p.Facts = append(r.Summary.Facts[:len(r.Summary.Facts):len(r.Summary.Facts)], r.Summary.Reading)
	for _, s := range r.Sheets {
		p.Sheets = append(p.Sheets, link{s.Name, slug(s.Name)})
	}
	for _, c := range r.Charts {
		p.Charts = append(p.Charts, figure{c.Title, c.Note, picture(c)})
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if err := pageTemplate.Execute(out, p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	for i := range r.Sheets {
		if err := sheet(out, &r.Sheets[i]); err != nil {
			return fmt.Errorf("write the page: sheet %s: %w", r.Sheets[i].Name, err)
		}
	}
	// The error of any write stays with out until Flush.
	fmt.Fprintf(out, "<script>%s</script>\n</body>\n</html>\n", pageJS)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// hash names the only style and the only script that the page allows itself.
func hash(text string) template.HTMLAttr {
	sum := sha256.Sum256([]byte(text))
	return template.HTMLAttr("sha256-" + base64.StdEncoding.EncodeToString(sum[:]))
}

func slug(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), " ", "-")
}

func toneClass(t report.Tone) string {
	return [...]string{report.Plain: "", report.Good: "good", report.Caution: "caution", report.Bad: "bad", report.Unknown: "unknown", report.Muted: "muted"}[t]
}

// header is a column as the script reads it.
type header struct {
	Header string `json:"h"`
	Number bool   `json:"n"`
}

// value is a cell as the script reads it, where a string does not do.
type value struct {
	Text   string   `json:"t"`
	Number *float64 `json:"n,omitempty"`
	Tone   string   `json:"c,omitempty"`
	Link   string   `json:"l,omitempty"`
}

// sheet writes a table as a block of data, a row a line. encoding/json writes
// <, > and & as escapes, so that no text can end the block.
func sheet(w *bufio.Writer, s *report.Sheet) error {
	columns := make([]header, len(s.Columns))
	for i, c := range s.Columns {
		switch c.Kind {
		case report.Count, report.Bytes, report.Percent, report.ID, report.Date:
			columns[i].Number = true
		}
		columns[i].Header = c.Header
	}
	head, err := json.Marshal(struct {
		Title   string   `json:"title"`
		Note    string   `json:"note"`
		Columns []header `json:"columns"`
	}{s.Title, s.Note, columns})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "<script type=\"application/json\" id=\"sheet-%s\">%s,\"rows\":[", template.HTMLEscapeString(slug(s.Name)), head[:len(head)-1])
	first := true
	row := make([]any, len(s.Columns))
	for cells, err := range s.Rows {
		if err != nil {
			return err
		}
		for i := range row {
			row[i] = nil
			if i < len(cells) {
				row[i] = cell(cells[i], s.Columns[i].Kind)
			}
		}
		line, err := json.Marshal(row)
		if err != nil {
			return err
		}
		if !first {
			w.WriteByte(',')
		}
		first = false
		w.WriteByte('\n')
		w.Write(line)
	}
	_, err = w.WriteString("]}</script>\n")
	return err
}

// cell is what the script needs of a cell: a string if that is all, null if
// there is nothing to say. Sizes in a column of sizes are in MiB, as its header
// says.
func cell(c report.Cell, column report.Kind) any {
	v := value{Text: c.String(), Tone: toneClass(c.Tone()), Link: c.Link()}
	switch c.Kind() {
	case report.Empty:
		return nil
	case report.Count, report.ID, report.Bytes, report.Percent:
		n := c.Float()
		if c.Kind() == report.Bytes {
			n = float64(c.Int()) // cells of one column may differ in their units
			if column == report.Bytes {
				v.Text = report.Mebibytes(c)
			}
		}
		v.Number = &n
	case report.Date:
		n := float64(c.Time().Unix())
		v.Number = &n
	}
	if v.Number == nil && v.Tone == "" && v.Link == "" {
		return v.Text
	}
	return v
}

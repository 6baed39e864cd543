package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// annexOf issues an annex for a simulated instance and returns the paths of the
// workbook and of the Markdown, and the demo's folder.
func annexOf(t *testing.T, args ...string) (book, text, dir string) {
	t.Helper()
	dir = t.TempDir()
	var stdout, stderr bytes.Buffer
	env := environment{stdin: strings.NewReader(""), stdout: io.Discard, stderr: &stderr, getenv: func(string) string { return "" }, now: time.Now}
	if code := run(t.Context(), append([]string{"demo", "--out", dir}, args...), env); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	env.stdout = &stdout
	run(t.Context(), []string{"report", filepath.Join(dir, "readiness.db"), "--edition", "sow", "--output", filepath.Join(dir, "annex")}, env)
	files := strings.Fields(stdout.String())
	if len(files) != 2 {
		t.Fatalf("issued %q: %s", stdout.String(), stderr.String())
	}
	return files[0], files[1], dir
}

// TestAnnexNamesNobody looks for every person, account and project of an
// instance in the annex.
func TestAnnexNamesNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, to read what they write")
	}
	book, markdown, dir := annexOf(t, "--projects", "120", "--seed", "5")
	f, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var words strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			words.WriteString(strings.Join(row, "\n") + "\n")
		}
	}
	text, err := os.ReadFile(markdown)
	if err != nil {
		t.Fatal(err)
	}
	words.Write(text)
	namesNobody(t, dir, words.String())
	if !strings.Contains(words.String(), "SHA-256") || !strings.Contains(words.String(), "Warranty") {
		t.Error("the annex bears no hash, or promises too much")
	}
}

// namesNobody looks in an annex for every person, account and project that the
// JSON report beside it names.
func namesNobody(t *testing.T, dir, annex string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "readiness.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Projects []struct{ Path string }
		Users    []struct {
			Username, Name string
			Facts          map[string]struct{ Value any }
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	looked := 0
	look := func(name string) {
		if len(name) < 6 || !strings.ContainsAny(name, " ./@") {
			return // a word that may stand for something else
		}
		looked++
		if strings.Contains(annex, name) {
			t.Errorf("the annex names %q", name)
		}
	}
	for _, p := range doc.Projects {
		look(p.Path)
	}
	for _, u := range doc.Users {
		look(u.Name)
		look(u.Username)
		if email, ok := u.Facts["user.email"].Value.(string); ok {
			look(email)
		}
	}
	if looked < 200 {
		t.Errorf("looked for %d names only", looked)
	}
}

var pages = regexp.MustCompile(`(?m)^Pages:\s+(\d+)$`)

// TestAnnexPages prints annexes: of an instance that was read whole, and of one
// of which much was refused, which takes the most room. What is printed names
// nobody either.
func TestAnnexPages(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs at the same time")
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice (soffice) is not installed: the annex is not printed")
	}
	info, err := exec.LookPath("pdfinfo")
	text, missing := exec.LookPath("pdftotext")
	if err != nil || missing != nil {
		t.Skip("poppler-utils (pdfinfo, pdftotext) is not installed: the pages of the annex are not counted")
	}
	for _, role := range []string{"admin", "developer"} {
		book, _, dir := annexOf(t, "--role", role)
		c := exec.Command(office, "-env:UserInstallation=file://"+filepath.ToSlash(filepath.Join(dir, "profile")), "--headless", "--convert-to", "pdf", "--outdir", dir, book)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("print the annex: %v: %s", err, out)
		}
		printed := filepath.Join(dir, strings.TrimSuffix(filepath.Base(book), ".xlsx")+".pdf")
		out, err := exec.Command(info, printed).Output()
		if err != nil {
			t.Fatal(err)
		}
		m := pages.FindSubmatch(out)
		if m == nil {
			t.Fatalf("no number of pages in %s", out)
		}
		if n, _ := strconv.Atoi(string(m[1])); n < 6 || n > 12 {
			t.Errorf("%s: %d pages, want at most 12", role, n)
		}
		words, err := exec.Command(text, printed, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(words, []byte("Summary, page ")); n != 1 {
			t.Errorf("%s: the summary is printed on %d pages", role, n)
		}
		if role == "admin" { // who sees less is not told the names
			namesNobody(t, dir, strings.Join(strings.Fields(string(words)), " "))
		}
	}
}

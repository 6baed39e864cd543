package report_test

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/report"
	"readiness/report/reporttest"
	"readiness/scan"
)

func TestClean(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":        {"group/project", "group/project"},
		"formula":      {"=1+1", "=1+1"}, // stays text: the writers see to that
		"white space":  {"a\tb\nc\r\nd\u2028e\u00a0f", "a b c  d e f"},
		"escape":       {"\x1b[31mred", "�[31mred"},
		"bell":         {"a\ab", "a�b"},
		"C1 control":   {"a\u009bb", "a�b"},
		"reordering":   {"a\u202eb\u2066c\u200fd", "a�b�c�d"},
		"BOM":          {"\ufeffa", "�a"},
		"bad UTF-8":    {"a\xffb", "a�b"},
		"no character": {"a\ufffeb\U0001ffffc\ufdd0", "a�b�c�"},
		"joiner":       {"👩\u200d💻", "👩\u200d💻"},
		"letters":      {"Özdemir 日本", "Özdemir 日本"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := report.Clean(c.in); got != c.want {
				t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestCleanCuts(t *testing.T) {
	for _, unit := range []string{"x", "é", "🦊"} {
		got := report.Clean(strings.Repeat(unit, 1_000_000))
		if n := len(utf16.Encode([]rune(got))); n > report.MaxText || n < report.MaxText-1 {
			t.Errorf("a million of %s become %d units", unit, n)
		}
		if !strings.HasSuffix(got, "…") {
			t.Errorf("a million of %s: the cut is not told", unit)
		}
	}
	whole := strings.Repeat("x", report.MaxText-1)
	if report.Clean(whole) != whole {
		t.Error("text that fits is cut")
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range reporttest.Hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := report.Clean(s)
		if !utf8.ValidString(got) || len(utf16.Encode([]rune(got))) > report.MaxText {
			t.Errorf("Clean(%q) is not safe", s)
		}
		for _, r := range got {
			if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' {
				t.Errorf("Clean(%q) keeps %U", s, r)
			}
		}
		if again := report.Clean(got); again != got {
			t.Errorf("Clean is not stable: %q becomes %q", got, again)
		}
	})
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", math.MaxInt64: "9,223,372,036,854,775,807"} {
		if got := report.Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 1023: "1,023 B", 1024: "1.0 KiB", 1 << 20: "1.0 MiB", 1<<30 - 1: "1.0 GiB", 41<<30 + 1<<28: "41.2 GiB", math.MaxInt64: "8.0 EiB"} {
		if got := report.Size(n); got != want {
			t.Errorf("Size(%d) = %s, want %s", n, got, want)
		}
	}
	for _, c := range []struct {
		part, whole int64
		want        string
	}{{1, 1, "100.0 %"}, {99999, 100000, "99.9 %"}, {0, 3, "0.0 %"}, {1, 0, ""}} {
		if got := report.PercentCell(c.part, c.whole).String(); got != c.want {
			t.Errorf("%d of %d is %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}

func TestTotalWords(t *testing.T) {
	total := func(known []int64, unread int64) scan.Total {
		var t scan.Total
		for _, n := range known {
			t.AddKnown(n)
		}
		t.AddUnread(unread)
		return t
	}
	for _, c := range []struct {
		total scan.Total
		unit  scan.Unit
		want  string
	}{
		{total([]int64{3, 4}, 0), scan.Count, "7"},
		{total(nil, 0), scan.Count, "0"},
		{total([]int64{0, 0}, 0), scan.Count, "0"},
		{total([]int64{41 << 30}, 3), scan.Bytes, "at least 41.0 GiB, 3 of 4 projects unread"},
		{total([]int64{0}, 1), scan.Count, "none seen, rest unread, 1 of 2 projects unread"},
		{total(nil, 2), scan.Count, "unknown, 2 of 2 projects unread"},
	} {
		if got := report.TotalWords(c.total, c.unit, scan.LevelProject); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestPlainlink(t *testing.T) {
	for url, want := range map[string]bool{
		"https://docs.gitlab.com/user/group/import/": true,
		"http://127.0.0.1:8080/projects/1":           true,
		"https://gitlab.example.com/a\"&cmd()":       false,
		"https://gitlab.example.com/a b":             false,
		"https://gitlab.example.com/ü":               false,
		"javascript:alert(1)":                        false,
		"https://":                                   false,
		"":                                           false,
		"https://e.com/" + strings.Repeat("a", 250):  false,
	} {
		if got := report.Plainlink(url); got != want {
			t.Errorf("Plainlink(%q) = %v", url, got)
		}
	}
}

func TestDatesNoSpreadsheetHolds(t *testing.T) {
	for _, d := range []time.Time{{}, time.Date(1899, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if got := report.DateCell(d).Kind(); got != report.Text {
			t.Errorf("%s is a cell of kind %d, want text", d, got)
		}
	}
}

// TestSheetsAreTables checks what every writer relies on.
func TestSheetsAreTables(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	names := map[string]bool{}
	for _, s := range r.Sheets {
		if names[s.Name] || s.Name == "" || len(s.Name) > 31 || strings.ContainsAny(s.Name, `[]:*?/\'`) {
			t.Errorf("sheet %q: Excel does not take the name", s.Name)
		}
		names[s.Name] = true
		heads := map[string]bool{}
		for _, c := range s.Columns {
			if key := strings.ToLower(c.Header); heads[key] || key == "" {
				t.Errorf("sheet %s: the header %q stands twice or is empty", s.Name, c.Header)
			} else {
				heads[key] = true
			}
			if c.Width <= 0 {
				t.Errorf("sheet %s, column %s: no width", s.Name, c.Header)
			}
		}
		for _, above := range s.Above {
			if len(above) != len(s.Columns) {
				t.Errorf("sheet %s: a row above the headers has %d cells for %d columns", s.Name, len(above), len(s.Columns))
			}
		}
		for pass := range 2 { // a sheet can be walked again
			n := 0
			for row, err := range s.Rows {
				if err != nil || len(row) != len(s.Columns) {
					t.Fatalf("sheet %s: a row has %d cells for %d columns, error %v", s.Name, len(row), len(s.Columns), err)
				}
				n++
				for i, c := range row {
					if text := c.String(); report.Clean(text) != text {
						t.Errorf("sheet %s, column %s: %q is not clean", s.Name, s.Columns[i].Header, text)
					}
				}
			}
			if n == 0 {
				t.Errorf("sheet %s has nothing to say in pass %d", s.Name, pass)
			}
		}
	}
}

// TestNothingReadIsNoNumber forgets every fact: no table may then hold a number
// that is not an id.
func TestNothingReadIsNoNumber(t *testing.T) {
	inv := reporttest.New()
	gap := scan.Gap{Reason: scan.ReasonForbidden, Status: 403}
	forget := func(s scan.Subject) {
		for id := range scan.Facts(s) {
			scan.Forget(s, id, gap)
		}
	}
	forget(inv.Source)
	for _, p := range inv.ProjectsIn {
		forget(p)
	}
	for _, g := range inv.GroupsIn {
		forget(g)
	}
	for _, u := range inv.UsersIn {
		forget(u)
	}
	j := reporttest.Judge(inv)
	r, err := report.Build(j, inv, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{report.SheetProjects, report.SheetGroups, report.SheetUsers} {
		s, ok := r.Sheet(name)
		if !ok {
			t.Fatalf("sheet %s is left out", name)
		}
		gaps := 0
		for row, err := range s.Rows {
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range row {
				switch c.Kind() {
				case report.Count, report.Bytes, report.Percent, report.Date:
					t.Errorf("sheet %s, column %s: %s, though nothing was read", name, s.Columns[i].Header, c)
				case report.Gap:
					gaps++
				}
			}
		}
		if gaps == 0 {
			t.Errorf("sheet %s says nowhere that something is missing", name)
		}
	}
	for _, l := range r.Summary.Totals {
		if l.Part && l.Amount.Kind() != report.Gap && !slices.Contains([]string{"personal", "top-level"}, l.Label) {
			t.Errorf("%s: %s, though nothing was read", l.Label, l.Amount)
		}
	}
}

func TestSheetsWithNothingToSayAreNamed(t *testing.T) {
	inv := reporttest.New()
	inv.ProjectsIn, inv.GroupsIn, inv.UsersIn = nil, nil, nil
	inv.Head.Walks[1] = scan.Walk{Level: scan.LevelProject, Gap: &scan.Gap{Reason: scan.ReasonForbidden, Status: 403, Endpoint: scan.ReadProjects}}
	j := reporttest.Judge(inv)
	j.Findings, j.Losses, j.Items = nil, nil, nil
	r, err := report.Build(j, inv, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	about, ok := r.Sheet(report.SheetAbout)
	if !ok {
		t.Fatal("About is left out")
	}
	said := map[string]string{}
	for row := range about.Rows {
		said[row[0].String()] = row[1].String()
	}
	for _, name := range []string{report.SheetMethods, report.SheetLeftBehind, report.SheetFindings, report.SheetProjects, report.SheetGroups, report.SheetUsers} {
		if _, ok := r.Sheet(name); ok {
			t.Errorf("sheet %s is there, though it has nothing to say", name)
		}
		if said["Sheet left out: "+name] == "" {
			t.Errorf("About does not say why %s is left out", name)
		}
	}
	if why := said["Sheet left out: Projects"]; !strings.Contains(why, "refused") {
		t.Errorf("the missing projects are explained by %q", why)
	}
}

// TestEveryLossIsTold: no loss under a possible method is missing from the
// table, and none under an impossible one stands in it.
func TestEveryLossIsTold(t *testing.T) {
	r, j, _ := reporttest.Report(t)
	s, _ := r.Sheet(report.SheetLeftBehind)
	got := map[string]int{}
	for row := range s.Rows {
		got[row[0].String()+"/"+row[2].String()]++
	}
	want := 0
	for _, l := range j.Losses {
		if l.Method == matrix.BackupRestore || l.Method == matrix.Geo {
			continue
		}
		want++
		if key := l.Item.Title + "/" + l.Method.Title(); got[key] != 1 {
			t.Errorf("%s stands %d times", key, got[key])
		}
	}
	if len(got) != want {
		t.Errorf("%d losses are told, want %d", len(got), want)
	}
}

func TestItemsWithoutReaderDoNotFlood(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	s, _ := r.Sheet(report.SheetNotAssessed)
	rows, listed := 0, ""
	for row := range s.Rows {
		if row[0].String() == "No reader yet" {
			rows++
			listed += row[len(row)-1].String() + "; "
		}
	}
	if rows > 6 {
		t.Errorf("33 items without a reader take %d rows", rows)
	}
	for i := range 33 {
		if !strings.Contains(listed, fmt.Sprintf("Thing that nobody reads %d;", i)) {
			t.Errorf("item %d is not listed", i)
		}
	}
}

// broken is an inventory whose walk over projects fails.
type broken struct{ *reporttest.Inventory }

func (b broken) Projects() iter.Seq2[*scan.Project, error] {
	return func(yield func(*scan.Project, error) bool) { yield(nil, fmt.Errorf("the snapshot is damaged")) }
}

func TestBrokenInventory(t *testing.T) {
	inv := reporttest.New()
	j := reporttest.Judge(inv)
	if _, err := report.Build(j, broken{inv}, report.Options{}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("got %v", err)
	}
}

func TestSummaryIsAsSureAsTheCoverage(t *testing.T) {
	inv := reporttest.New()
	j := reporttest.Judge(inv)
	for i := range j.Methods {
		j.Methods[i].State = checks.NoKnownLoss
	}
	for complete, want := range map[bool]report.Tone{true: report.Good, false: report.Unknown} {
		j.Coverage.Complete = complete
		r, err := report.Build(j, inv, report.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Summary.Verdict.Tone(); got != want {
			t.Errorf("complete %v: tone %d, want %d", complete, got, want)
		}
	}
}

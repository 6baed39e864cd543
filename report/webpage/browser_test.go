package webpage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"readiness/report"
)

// browser is a headless Chromium with one page, driven over a pipe by the protocol
// of its developer tools: it takes the mouse and the keys as a person's.
// Source: https://chromedevtools.github.io/devtools-protocol/
type browser struct {
	t       *testing.T
	to      io.Writer
	from    *bufio.Reader
	session string
	asked   int
	wrong   []string // what the page's console holds
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: the page is not opened")
	}
	theirs, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, its, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "readiness-browser-")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--window-size=1400,900", "--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	c.ExtraFiles = []*os.File{theirs, its}
	if err := c.Start(); err != nil {
		os.RemoveAll(profile)
		t.Fatal(err)
	}
	theirs.Close()
	its.Close()
	b := &browser{t: t, to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		// It may be gone before it answers, and its helpers may write a moment longer:
		// neither is the page's fault.
		fmt.Fprint(to, "{\"id\": 0, \"method\": \"Browser.close\"}\x00")
		to.Close()
		io.Copy(io.Discard, from)
		c.Wait()
		os.RemoveAll(profile)
	})
	page := b.ask("Target.createTarget", map[string]any{"url": "about:blank"})
	b.session = b.ask("Target.attachToTarget", map[string]any{"targetId": page["targetId"], "flatten": true})["sessionId"].(string)
	b.ask("Log.enable", nil)
	b.ask("Page.enable", nil)
	return b
}

// ask sends a command and returns its answer; what the console says meanwhile is kept.
func (b *browser) ask(method string, params map[string]any) map[string]any {
	b.t.Helper()
	b.asked++
	command := map[string]any{"id": b.asked, "method": method}
	if params != nil {
		command["params"] = params
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	text, err := json.Marshal(command)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatalf("chromium: %s: %v", method, err)
	}
	for {
		said, err := b.from.ReadBytes(0)
		if err != nil {
			b.t.Fatalf("chromium: %s: %v", method, err)
		}
		var m struct {
			ID     int
			Method string
			Params struct{ Entry struct{ Text string } }
			Result map[string]any
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(bytes.TrimSuffix(said, []byte{0}), &m); err != nil {
			b.t.Fatalf("chromium: %s: %v", method, err)
		}
		if m.Method == "Log.entryAdded" {
			b.wrong = append(b.wrong, m.Params.Entry.Text)
		}
		if m.ID != b.asked {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("chromium: %s: %s", method, m.Error.Message)
		}
		return m.Result
	}
}

// eval evaluates JavaScript in the page and decodes its value into v.
func (b *browser) eval(script string, v any) {
	b.t.Helper()
	answer := b.ask("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true, "awaitPromise": true})
	if answer["exceptionDetails"] != nil {
		b.t.Fatalf("%s: %v", script, answer["exceptionDetails"])
	}
	value, err := json.Marshal(answer["result"].(map[string]any)["value"])
	if err == nil {
		err = json.Unmarshal(value, v)
	}
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
}

// show opens the page at an address and waits until it is drawn.
func (b *browser) show(url string) {
	b.t.Helper()
	b.ask("Page.navigate", map[string]any{"url": url})
	b.eval(`new Promise(drawn => document.readyState === "complete" ? drawn(true) : addEventListener("load", () => drawn(true)))`, new(bool))
}

// click presses the mouse on the first element of a selector that has the text.
func (b *browser) click(selector, text string) {
	b.t.Helper()
	var at []float64
	b.eval(fmt.Sprintf(`(() => { const e = [...document.querySelectorAll(%q)].find(e => e.textContent.trim() === %q);
		if (!e) return []; e.scrollIntoView({block: "center", inline: "center"});
		const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`, selector, text), &at)
	if len(at) != 2 {
		b.t.Fatalf("no %s has the text %q", selector, text)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		b.ask("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1})
	}
}

// settle waits until the page has dealt with what it was given and condition
// holds; a page that never gets there fails by what is looked at next.
func (b *browser) settle(condition string) {
	b.t.Helper()
	b.eval(`new Promise(settled => { let turns = 2000; const look = () => `+condition+` || turns-- === 0 ? settled(true) : setTimeout(look, 5); look(); })`, new(bool))
}

// table is what the page shows of a sheet.
type table struct {
	Title, Shown, Address string
	Rows                  [][]string
	Sorted                map[string]string // aria-sort by header
}

func (b *browser) table() (shown table) {
	b.t.Helper()
	b.eval(`({ Title: document.getElementById("title").textContent, Shown: document.getElementById("shown").textContent, Address: location.hash,
		Rows: [...document.querySelectorAll("#table tbody tr")].map(r => [...r.cells].map(c => c.textContent)),
		Sorted: Object.fromEntries([...document.querySelectorAll("#table th[aria-sort]")].map(h => [h.textContent, h.getAttribute("aria-sort")])) })`, &shown)
	return shown
}

// paths are the second cells of a table's rows.
func (s table) paths() []string {
	var all []string
	for _, r := range s.Rows {
		all = append(all, r[1])
	}
	return all
}

// TestBrowser uses the page as a person does, without a network: charts are drawn
// to scale, a click shows a sheet, what is typed filters it, clicks on a header
// sort it, and an address brings all of that back. Nothing is loaded, and the
// page's policy hinders nothing.
func TestBrowser(t *testing.T) {
	b := openBrowser(t)
	text, r := written(t)
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	url := "file://" + filepath.ToSlash(path)
	const size = "Git repository (MiB)"

	b.show(url)
	t.Run("summary", func(t *testing.T) {
		var hidden []bool
		b.eval(`["summary", "sheet"].map(id => document.getElementById(id).hidden)`, &hidden)
		if hidden[0] || !hidden[1] {
			t.Errorf("hidden are the summary %v, the sheet %v", hidden[0], hidden[1])
		}
	})
	t.Run("charts", func(t *testing.T) { b.charts(t, r.Charts) })
	t.Run("sheet", func(t *testing.T) {
		b.click("nav a", "Projects")
		b.settle(`document.getElementById("title").textContent === "Projects"`)
		if s := b.table(); s.Title != "Projects" || len(s.Rows) != 14 || s.Address != "#sheet=projects" {
			t.Errorf("a click on Projects shows %s with %d rows at %s", s.Title, len(s.Rows), s.Address)
		}
	})
	t.Run("filter", func(t *testing.T) {
		b.eval(`(document.getElementById("search").focus(), true)`, new(bool))
		b.ask("Input.insertText", map[string]any{"text": "PLATFORM mono"})
		b.settle(`document.getElementById("shown").textContent.includes("of 1 rows")`)
		s := b.table()
		if len(s.Rows) != 1 || s.Rows[0][1] != "platform/monolith" || s.Shown != "1 to 1 of 1 rows, of 14 in all" {
			t.Errorf("%v, %s", s.paths(), s.Shown)
		}
		b.ask("Input.insertText", map[string]any{"text": " nowhere"})
		b.settle(`document.getElementById("shown").textContent.startsWith("None")`)
		if s := b.table(); len(s.Rows) != 0 || s.Shown != "None of 14 rows" {
			t.Errorf("what nothing answers leaves %v, %s", s.paths(), s.Shown)
		}
		b.eval(`(document.getElementById("search").select(), true)`, new(bool))
		b.ask("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": "Delete", "windowsVirtualKeyCode": 46})
		b.settle(`document.getElementById("search").value === ""`)
		if s := b.table(); len(s.Rows) != 14 {
			t.Errorf("without words there are %d rows", len(s.Rows))
		}
	})
	t.Run("sort", func(t *testing.T) {
		for _, c := range []struct{ order, first string }{{"descending", "platform/monolith"}, {"ascending", "anna/notes"}} {
			b.click("#table th", size)
			b.settle(fmt.Sprintf(`document.querySelector("#table th[aria-sort=%s]") !== null`, c.order))
			s := b.table()
			paths := s.paths()
			if s.Sorted[size] != c.order || len(s.Sorted) != 1 || paths[0] != c.first {
				t.Errorf("sorted %v, first %s, want %s with %s first", s.Sorted, paths[0], c.order, c.first)
			}
			if last := paths[len(paths)-1]; last != "platform/secret/vault" {
				t.Errorf("%s: %s comes last, not the project whose size is unread", c.order, last)
			}
		}
	})
	t.Run("address", func(t *testing.T) {
		b.show("about:blank")
		b.show(url + "#sheet=projects&q=platform&sort=Git+repository+(MiB)&down=1")
		s := b.table()
		if got := strings.Join(s.paths(), " "); got != "platform/monolith platform/tool platform/secret/vault" {
			t.Errorf("the address shows %s", got)
		}
	})
	var loaded []string
	b.eval(`performance.getEntriesByType("resource").map(e => e.name)`, &loaded)
	if len(loaded) > 0 || len(b.wrong) > 0 {
		t.Errorf("the page loaded %v; the console says %v", loaded, b.wrong)
	}
}

// charts holds every bar that is drawn to the numbers of the report.
func (b *browser) charts(t *testing.T, want []report.Chart) {
	var got []struct {
		Title string
		Bars  []struct {
			Says, Fill    string
			Width, Height float64
			Inside        bool
		}
	}
	b.eval(`[...document.querySelectorAll("figure")].map(f => { const frame = f.querySelector("svg").getBoundingClientRect();
		return { Title: f.querySelector("figcaption").textContent, Bars: [...f.querySelectorAll("rect:has(title)")].map(e => {
			const r = e.getBoundingClientRect();
			return { Says: e.textContent, Fill: getComputedStyle(e).fill, Width: r.width, Height: r.height,
				Inside: r.left >= frame.left && r.right <= frame.right + 0.5 && r.top >= frame.top && r.bottom <= frame.bottom + 0.5 }; }) }; })`, &got)
	if len(got) != len(want) || len(want) < 3 {
		t.Fatalf("%d charts are drawn, the report has %d", len(got), len(want))
	}
	for i, c := range want {
		shown := got[i]
		longest := 0.0
		for k := range c.Categories {
			sum := 0.0
			for _, s := range c.Series {
				sum += s.Values[k]
			}
			longest = max(longest, sum)
		}
		bar, scale := 0, math.NaN()
		for k, name := range c.Categories {
			for _, s := range c.Series {
				v := s.Values[k]
				if v <= 0 {
					continue
				}
				if bar >= len(shown.Bars) {
					t.Fatalf("%s: %d bars are drawn", c.Title, len(shown.Bars))
				}
				e := shown.Bars[bar]
				bar++
				if !strings.HasPrefix(e.Says, name+": "+s.Name+", ") || !e.Inside || e.Height < 5 || e.Fill == "none" {
					t.Errorf("%s, %s, %s: drawn as %+v", c.Title, name, s.Name, e)
				}
				if v < longest/100 { // a hair, so that it is seen at all
					continue
				}
				if math.IsNaN(scale) {
					scale = e.Width / v
				}
				if math.Abs(e.Width-scale*v) > 1 {
					t.Errorf("%s, %s, %s: %g is %.1f pixels wide, want %.1f", c.Title, name, s.Name, v, e.Width, scale*v)
				}
			}
		}
		if shown.Title != c.Title || bar != len(shown.Bars) {
			t.Errorf("the chart %s has %d bars, %s should have %d", shown.Title, len(shown.Bars), c.Title, bar)
		}
	}
}

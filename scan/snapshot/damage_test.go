package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"readiness/scan"
)

// oneLine demands an error that can be shown as it is.
func oneLine(t *testing.T, err error) {
	t.Helper()
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), ": ") {
		t.Errorf("not one clear line: %v", err)
	}
}

func exec1(t *testing.T, path, statement string) {
	t.Helper()
	db, err := connect(path, "rw")
	must(t, err)
	_, err = db.Exec(statement)
	must(t, err)
	must(t, db.Close())
}

func TestBadFiles(t *testing.T) {
	write := func(b string) func(*testing.T, string) {
		return func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte(b), 0o600)) }
	}
	edit := func(change func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			b, err := os.ReadFile(finished(t, 30))
			must(t, err)
			must(t, os.WriteFile(path, change(b), 0o600))
		}
	}
	statement := func(text string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			edit(func(b []byte) []byte { return b })(t, path)
			exec1(t, path, text)
		}
	}
	for _, c := range []struct {
		name string
		make func(*testing.T, string)
		want error
		says string
	}{
		{"no file", func(*testing.T, string) {}, fs.ErrNotExist, "run readiness scan first"},
		{"folder", func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o700)) }, ErrNotSnapshot, "regular file"},
		{"empty", write(""), ErrNoRun, "readiness scan"},
		{"text", write("Hello, this is no database, but it is longer than a header of 100 bytes is, so that it looks like it could be one."), ErrNotSnapshot, ".db"},
		{"short text", write("hi"), ErrNotSnapshot, ".db"},
		{"header cut", edit(func(b []byte) []byte { return b[:50] }), ErrDamaged, "50 bytes"},
		{"cut in the middle", edit(func(b []byte) []byte { return b[:len(b)/2] }), ErrDamaged, "copy it again"},
		{"last byte missing", edit(func(b []byte) []byte { return b[:len(b)-1] }), ErrDamaged, "copy it again"},
		{"another program's", func(t *testing.T, path string) {
			must(t, os.WriteFile(path, nil, 0o600))
			exec1(t, path, "CREATE TABLE t (x)")
		}, ErrNotSnapshot, "another program"},
		{"newer", statement("PRAGMA user_version = 7"), ErrNewer, "its format is 7"},
		{"newer facts", statement("UPDATE field SET fact = 'project.from-the-future' WHERE level = 'project' AND part = 'deep' AND position = 0"), ErrNewer, "from-the-future"},
		{"no run", statement("DELETE FROM run"), ErrNoRun, "readiness scan"},
		{"bad depth", statement("UPDATE run SET depth = 'abyss'"), ErrDamaged, "abyss"},
		{"bad start", statement("UPDATE run SET started = 'yesterday'"), ErrDamaged, "yesterday"},
		{"no table", statement("DROP TABLE gap"), nil, "gap"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bad.db")
			c.make(t, path)
			s, err := Open(path)
			if err == nil {
				must(t, s.Close())
				t.Fatal("it opened")
			}
			oneLine(t, err)
			if c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "bad.db") {
				t.Errorf("%v; want %v that says %q", err, c.want, c.says)
			}
			if c.want == ErrNotSnapshot || c.want == ErrNewer && c.name == "newer" {
				before, _ := os.ReadFile(path)
				if _, err := Begin(path, scope, "test", begun); !errors.Is(err, c.want) {
					t.Errorf("Begin: %v", err)
				}
				if after, _ := os.ReadFile(path); string(before) != string(after) {
					t.Error("Begin changed a file that is not ours")
				}
			}
		})
	}
}

// Damage that lies deeper than the header is found when it is read.
func TestDamageWithin(t *testing.T) {
	for name, statement := range map[string]string{
		"no JSON":      `UPDATE row SET facts = substr(facts, 1, 20) WHERE id = 3 AND part = 'wide'`,
		"wrong type":   `UPDATE row SET facts = json_replace(facts, '$[0]', 'x') WHERE id = 3 AND part = 'wide'`,
		"no string":    `UPDATE row SET facts = json_replace(facts, '$[0]', 1) WHERE id = 3 AND part = 'listing'`,
		"not a gap":    `UPDATE row SET facts = json_replace(facts, '$[0]', json('{"pag":1}')) WHERE id = 3 AND part = 'wide'`,
		"unknown gap":  `UPDATE row SET facts = json_replace(facts, '$[0]', json('{"gap":999}')) WHERE id = 3 AND part = 'wide'`,
		"facts short":  `UPDATE row SET facts = '[1,2]' WHERE id = 3 AND part = 'wide'`,
		"never listed": `DELETE FROM row WHERE id = 3 AND part = 'listing'`,
		"odd extra":    `UPDATE row SET extra = '{"user.state":1}' WHERE id = 3 AND part = 'wide'`,
		"odd part":     `UPDATE row SET part = 'odd' WHERE id = 3 AND part = 'wide'`,
	} {
		t.Run(name, func(t *testing.T) {
			path := finished(t, 5)
			exec1(t, path, statement)
			s := openFile(t, path)
			var found error
			n := 0
			for _, err := range s.Projects() {
				n++
				if err != nil {
					found = err
				}
			}
			if !errors.Is(found, ErrDamaged) || !strings.Contains(found.Error(), "project 3") || n != 3 {
				t.Errorf("after %d projects: %v", n, found)
			}
			oneLine(t, found)
		})
	}
	path := finished(t, 5)
	exec1(t, path, `UPDATE row SET facts = json_replace(facts, '$[0]', 77) WHERE id = 3 AND part = 'wide'`)
	if err := openFile(t, path).Verify(t.Context()); !errors.Is(err, ErrDamaged) {
		t.Errorf("a changed number: %v", err)
	}
}

// Whatever happens to the bytes of a file, it is an error and no panic; what is
// read in spite of it, Verify tells from what was written.
func TestDamagedBytes(t *testing.T) {
	whole, err := os.ReadFile(finished(t, 60))
	must(t, err)
	path := filepath.Join(t.TempDir(), "damaged.db")
	read := func() error {
		s, err := Open(path)
		if err != nil {
			return err
		}
		defer s.Close()
		for _, err := range s.Projects() {
			if err != nil {
				return err
			}
		}
		if _, err := s.Instance(); err != nil {
			return err
		}
		return s.Verify(t.Context())
	}
	pages := len(whole) / 8192
	for page := range pages {
		b := slices.Clone(whole)
		clear(b[max(page*8192, 100) : (page+1)*8192])
		must(t, os.WriteFile(path, b, 0o600))
		if err := read(); err != nil {
			oneLine(t, err)
		} else if page > 6 && page < pages-1 { // beyond the schema's, and not the view's or free
			t.Errorf("page %d of %d is zero and nothing noticed", page, pages)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		b := slices.Clone(whole)
		for range 1 + r.IntN(20) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		must(t, os.WriteFile(path, b, 0o600))
		if err := read(); err != nil {
			oneLine(t, err)
		}
	}
}

func TestOddPaths(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%20é&mode=memory")
	must(t, os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, "x;y.db")
	r := begin(t, path)
	store(t, r, 1)
	must(t, r.Finish(begun, scan.Requests{}))
	must(t, r.Close())
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	openFile(t, path)
	if _, err := Begin(filepath.Join(dir, "missing", "x.db"), scope, "test", begun); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
}

func TestOneWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	r := begin(t, path)
	store(t, r, 1)
	_, err := Begin(path, scope, "test", begun)
	if !errors.Is(err, ErrLocked) {
		t.Errorf("a second writer: %v", err)
	}
	oneLine(t, err)
	if _, err := Open(path); !errors.Is(err, ErrLocked) {
		t.Errorf("a reader: %v", err)
	}
	must(t, r.Finish(begun, scan.Requests{}))
}

// TestOtherProcess is the body of the processes that the next test starts.
func TestOtherProcess(t *testing.T) {
	path := os.Getenv("READINESS_TEST_SNAPSHOT")
	if path == "" {
		t.Skip("started by TestKilledProcess")
	}
	r, err := Begin(path, scope, "test", begun)
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	if os.Getenv("READINESS_TEST_ENDLESS") == "" {
		os.Exit(0)
	}
	for id := int64(1); ; id++ {
		if err := r.Commit(scan.PartListing, []scan.Subject{partOf(project(id), scan.PartListing)},
			&scan.Walk{Level: scan.LevelProject, Listed: id, Cursor: "on"}); err != nil {
			fmt.Println(err)
			os.Exit(4)
		}
		fmt.Println("stored", id)
	}
}

// What a process was told is stored survives kill -9, and the next one may write
// although the killed one had the lock.
func TestKilledProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	process := func(endless string) *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^TestOtherProcess$")
		cmd.Env = append(os.Environ(), "READINESS_TEST_SNAPSHOT="+path, "READINESS_TEST_ENDLESS="+endless)
		return cmd
	}
	cmd := process("yes")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	stored := int64(0)
	for stored < 50 {
		if _, err := fmt.Fscanf(out, "stored %d\n", &stored); err != nil {
			t.Fatal(err)
		}
	}
	if second, err := process("").Output(); err == nil || !strings.Contains(string(second), ErrLocked.Error()) {
		t.Errorf("a second process: %v, %s", err, second)
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Errorf("the killed process left no log: %v", err)
	}
	r := begin(t, path)
	w, err := r.Walk(scan.LevelProject)
	must(t, err)
	lacking, err := r.Lacking(scan.LevelProject, scan.PartWide, 0, 1<<30)
	must(t, err)
	if !r.Resumed() || w.Listed < stored || int64(len(lacking)) != w.Listed {
		t.Errorf("%d were stored, the walk says %d, %d are there", stored, w.Listed, len(lacking))
	}
}

// A disk that is full ends a scan with what to do, keeps all that was stored, and
// with room again the scan goes on.
func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	r := begin(t, path)
	if _, err := r.db.Exec("PRAGMA max_page_count = 24"); err != nil {
		t.Fatal(err)
	}
	stored, err := int64(0), error(nil)
	for err == nil && stored < 10_000 {
		err = r.Commit(scan.PartListing, []scan.Subject{partOf(project(stored+1), scan.PartListing)},
			&scan.Walk{Level: scan.LevelProject, Listed: stored + 1, Cursor: "on"})
		if err == nil {
			stored++
		}
	}
	if err == nil || !strings.Contains(err.Error(), "the disk is full: make room and run the scan again to go on") {
		t.Fatalf("after %d projects: %v", stored, err)
	}
	oneLine(t, err)
	must(t, r.Close())
	again := begin(t, path)
	w, err := again.Walk(scan.LevelProject)
	must(t, err)
	lacking, err := again.Lacking(scan.LevelProject, scan.PartWide, 0, 1<<30)
	must(t, err)
	if !again.Resumed() || stored < 10 || w.Listed != stored || int64(len(lacking)) != stored {
		t.Errorf("%d were stored, the walk says %d, %d are there", stored, w.Listed, len(lacking))
	}
	store(t, again, stored)
	must(t, again.Finish(begun, scan.Requests{}))
}

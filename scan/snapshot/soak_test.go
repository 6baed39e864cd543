package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"readiness/scan"
)

// TestShortProcess is the body of the processes that TestSoakShort starts and
// kills: a scan that is hardly more than its begin and its end.
func TestShortProcess(t *testing.T) {
	path := os.Getenv("READINESS_SHORT_SNAPSHOT")
	if path == "" {
		t.Skip("started by TestSoakShort")
	}
	fail := func(err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(3)
		}
	}
	r, err := Begin(path, scope, "test", begun)
	fail(err)
	store(t, r, 2)
	fail(r.Finish(begun.Add(time.Hour), scan.Requests{}))
	fail(r.Close())
	fail(PutDestination(t.Context(), path, &scan.Destination{}))
}

// A scan that is killed with -9 while its file is made, closed or added to leaves
// what the next one goes on with: never a file that cannot be read.
func TestSoakShort(t *testing.T) {
	kills := 5
	if os.Getenv("READINESS_SOAK") != "" {
		kills = 300
	}
	process := func(path string) *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^TestShortProcess$")
		cmd.Env = append(os.Environ(), "READINESS_SHORT_SNAPSHOT="+path)
		return cmd
	}
	dir := t.TempDir()
	undisturbed := filepath.Join(dir, "undisturbed.db")
	start := time.Now()
	if said, err := process(undisturbed).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	takes, want := time.Since(start), openFile(t, undisturbed).Meta().Hash
	left := map[string]int{} // beside the file, when it was killed
	for killed := 0; killed < kills; {
		path := filepath.Join(dir, fmt.Sprintf("%d.db", killed))
		for ended := false; !ended; {
			cmd := process(path)
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = &said, &said
			must(t, cmd.Start())
			moment := time.AfterFunc(rand.N(takes), func() { _ = cmd.Process.Kill() })
			err := cmd.Wait()
			moment.Stop()
			var status *exec.ExitError
			switch {
			case err == nil:
				ended = true
			case !errors.As(err, &status) || status.Exited():
				t.Fatalf("after %d kills a scan ended with %v: %s", killed, err, said.String())
			default:
				killed++
				for _, ending := range []string{"-wal", "-journal"} {
					if stat, err := os.Stat(path + ending); err == nil && stat.Size() > 0 {
						left[ending]++
					}
				}
			}
			s, err := Open(path)
			switch {
			case errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNoRun):
				continue
			case err != nil:
				t.Fatalf("after %d kills: %v", killed, err)
			}
			if m := s.Meta(); !m.Finished.IsZero() {
				ended = true
				if m.Hash != want {
					t.Errorf("after %d kills: hash %s, undisturbed %s", killed, m.Hash, want)
				}
				if err := s.Verify(t.Context()); err != nil {
					t.Errorf("after %d kills: %v", killed, err)
				}
			}
			must(t, s.Close())
		}
	}
	t.Logf("killed %d times; left beside the file: %v", kills, left)
}

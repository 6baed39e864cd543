package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"readiness/scan/gitlabsim"
)

// exits runs a command and demands its exit code: exits 2 readiness scan.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [argument …]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var status *exec.ExitError
	if errors.As(err, &status) {
		got = status.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exited %d, not %d", strings.Join(args[1:], " "), got, want)
	}
}

// serveFile answers every request with the status and the file's content and
// sets an environment variable to the server's URL: serve URL 200 text/html page.html.
func serveFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: serve VARIABLE status content-type file")
	}
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	body := ts.ReadFile(args[3])
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", args[2])
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.URL)
}

// simulate serves a simulated instance of so many projects and sets URL and
// GITLAB_TOKEN, and PROJECT to the path of its first one: simulate 30.
func simulate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: simulate projects")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	world, err := gitlabsim.New(gitlabsim.Config{Projects: n})
	ts.Check(err)
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	web := httptest.NewServer(server)
	ts.Defer(web.Close)
	ts.Setenv("URL", web.URL)
	ts.Setenv("GITLAB_TOKEN", server.Token(gitlabsim.Admin))
	for id := range world.ProjectIDs() {
		ts.Setenv("PROJECT", world.ProjectTruth(id).Path)
		break
	}
}

// cutFile leaves of a file its first bytes: cut readiness.db 30000.
func cutFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut file bytes")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if info.Size() <= n {
		ts.Fatalf("%s has only %d bytes", args[0], info.Size())
	}
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// sameReports demands that two JSON reports are the same but for .run.
func sameReports(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: same one.json two.json")
	}
	var reports [2]map[string]json.RawMessage
	for i, name := range args {
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(name)), &reports[i]))
		if reports[i]["run"] == nil {
			ts.Fatalf("%s has no run", name)
		}
		delete(reports[i], "run")
	}
	for key, one := range reports[0] {
		if two := reports[1][key]; string(one) != string(two) {
			ts.Fatalf("%s differs between %s and %s", key, args[0], args[1])
		}
	}
	if len(reports[0]) != len(reports[1]) || len(reports[0]) < 8 {
		ts.Fatalf("the reports have %d and %d keys", len(reports[0]), len(reports[1]))
	}
}

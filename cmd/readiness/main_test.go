package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run this program as the command 'readiness'.
func TestMain(m *testing.M) {
	testscript.Main(m, measuring(map[string]func(){"readiness": main}))
}

// TestScripts runs the transcripts under testdata/script: whole commands, with
// their exit codes and what they print.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "serve": serveFile, "simulate": simulate, "cut": cutFile, "same": sameReports},
	})
}

package workbook

import (
	"os"
	"testing"

	"readiness/report"
	"readiness/report/reporttest"
)

func TestDev(t *testing.T) {
	inv := reporttest.New()
	r, err := report.Build(reporttest.Judge(inv), inv, report.Options{Version: "0.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	f, _ := os.Create("/tmp/wb/t.xlsx")
	defer f.Close()
	if err := Write(f, r); err != nil {
		t.Fatal(err)
	}
}

package terminal

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
	for _, w := range []int{80, 120} {
		Write(os.Stdout, r, Options{Width: w, Files: []File{{"Workbook", "acme/readiness.xlsx"}, {"JSON", "acme/readiness.json"}}})
	}
	f, _ := os.Create("/tmp/wb/colour.txt")
	defer f.Close()
	Write(f, r, Options{Width: 80, Color: true, Files: []File{{"Workbook", "acme/readiness.xlsx"}, {"JSON", "acme/readiness.json"}}})
}

package workbook
import ("testing";"os";"time";"runtime";"fmt";"readiness/checks";"readiness/checks/matrix";"readiness/report";"readiness/report/reporttest")
func TestBig(t *testing.T) {
	inv := reporttest.New(); inv.Many = 100
	m, err := matrix.Load(); if err != nil { t.Fatal(err) }
	j, err := checks.Evaluate(inv, m, checks.DefaultTarget()); if err != nil { t.Fatal(err) }
	r, err := report.Build(j, inv, report.Options{Version:"0.1.0"}); if err != nil { t.Fatal(err) }
	st := time.Now()
	f,_ := os.Create("/tmp/wb/big.xlsx"); defer f.Close()
	if err := Write(f, r); err != nil { t.Fatal(err) }
	var ms runtime.MemStats; runtime.ReadMemStats(&ms)
	fi,_ := f.Stat()
	fmt.Println(time.Since(st), ms.Sys>>20, "MiB sys", fi.Size()>>20, "MiB file")
	inv.Many=0
	j, _ = checks.Evaluate(inv, m, checks.DefaultTarget())
	r, _ = report.Build(j, inv, report.Options{Version:"0.1.0"})
	g,_ := os.Create("/tmp/wb/t.xlsx"); defer g.Close()
	if err := Write(g, r); err != nil { t.Fatal(err) }
}

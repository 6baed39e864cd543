package congregatewave

import (
	"bytes"
	"errors"
	"testing"

	"readiness/checks"
	"readiness/report/reporttest"
)

func judged(t *testing.T, plan string) (*checks.Judgement, *reporttest.Inventory) {
	t.Helper()
	p, err := checks.ReadPlan("plan.csv", []byte(plan))
	if err != nil {
		t.Fatal(err)
	}
	inv := reporttest.New()
	target := checks.DefaultTarget()
	target.Parent = "acme/imported"
	j, err := checks.EvaluateBy(inv, reporttest.Matrix(), target, nil, checks.Decisions{Plan: p})
	if err != nil {
		t.Fatal(err)
	}
	return j, inv
}

func TestWrite(t *testing.T) {
	j, inv := judged(t, "Path,Scope,Wave,Wave date,Target path\nplatform,in,w 2,2049-02-01,\nplatform/tool,in,w1,2049-01-01,new/place/tool\nplatform/secret,out,,,\n")
	var b bytes.Buffer
	if err := Write(&b, j, inv); err != nil {
		t.Fatal(err)
	}
	want := "Wave Name,Wave Date,Source http_url_to_repo,Source Namespace,Target Namespace,Override,Source Project ID\n" +
		"w 2,2049-02-01,https://gitlab.example.com/platform/monolith.git,platform,acme/imported/platform,,101\n" +
		"w1,2049-01-01,https://gitlab.example.com/platform/tool.git,platform,new/place,,102\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	j, inv = judged(t, "Path,Scope\nplatform,in\n")
	if err := Write(&b, j, inv); !errors.Is(err, ErrNoWave) {
		t.Errorf("without a wave: %v", err)
	}
}

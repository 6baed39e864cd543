package snapshot

import (
	"os"
	"path/filepath"
	"testing"

	"readiness/scan"
)

// BenchmarkCommit stores whole projects, the listing and the wide part in pages
// of 100 and the deep part one by one, as a scan does.
func BenchmarkCommit(b *testing.B) {
	path := filepath.Join(b.TempDir(), "s.db")
	r := begin(b, path)
	id, rows := int64(0), 0
	for b.Loop() {
		var listing, wide, deep []scan.Subject
		for range 100 {
			id++
			p := project(id)
			listing = append(listing, partOf(p, scan.PartListing))
			wide = append(wide, partOf(p, scan.PartWide))
			deep = append(deep, partOf(p, scan.PartDeep))
		}
		must(b, r.Commit(scan.PartListing, listing, &scan.Walk{Level: scan.LevelProject, Listed: id}))
		must(b, r.Commit(scan.PartWide, wide, nil))
		for i := range deep {
			must(b, r.Commit(scan.PartDeep, deep[i:i+1], nil))
		}
		rows += 300
	}
	must(b, r.Close())
	stat, err := os.Stat(path)
	must(b, err)
	b.ReportMetric(float64(stat.Size())/float64(id), "bytes/project")
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkRead(b *testing.B) {
	const n = 5000
	s := openFile(b, finished(b, n))
	b.ResetTimer()
	for b.Loop() {
		got := 0
		for _, err := range s.Projects() {
			must(b, err)
			got++
		}
		if got != n {
			b.Fatal(got)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "projects/s")
}

// BenchmarkProjectsWith reads one fact of each project and what identifies it.
func BenchmarkProjectsWith(b *testing.B) {
	const n = 5000
	s := openFile(b, finished(b, n))
	b.ResetTimer()
	for b.Loop() {
		for _, err := range s.ProjectsWith("project.fork-relationship") {
			must(b, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "projects/s")
}

func BenchmarkVerify(b *testing.B) {
	const n = 5000
	s := openFile(b, finished(b, n))
	b.ResetTimer()
	for b.Loop() {
		must(b, s.Verify(b.Context()))
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "projects/s")
}

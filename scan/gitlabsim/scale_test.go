package gitlabsim

import (
	"runtime"
	"testing"
	"time"
)

// BenchmarkMillion measures a world of a million projects: how long until it
// answers, how long its pages take, and what it holds in memory. The figures of
// a page are for 100 projects with statistics.
func BenchmarkMillion(b *testing.B) {
	world := func(b *testing.B) *Server {
		b.Helper()
		w, err := New(Config{Projects: 1_000_000})
		if err != nil {
			b.Fatal(err)
		}
		return NewServer(w, Options{})
	}
	const page = "/projects?order_by=id&sort=asc&per_page=100&statistics=true"
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			s := world(b)
			ask(b, s, s.Token(Admin), page+"&pagination=keyset")
		}
	})
	s := world(b)
	for _, c := range []struct {
		name  string
		role  Role
		query string
	}{
		{"keyset first", Admin, "&pagination=keyset"}, {"keyset middle", Admin, "&pagination=keyset&id_after=555000"}, {"offset middle", Admin, "&page=4000"},
		{"developer keyset middle", Developer, "&pagination=keyset&id_after=555000"}, {"developer offset", Developer, "&page=40"}, {"developer membership", Developer, "&membership=true"},
	} {
		b.Run(c.name, func(b *testing.B) {
			token := s.Token(c.role)
			for b.Loop() {
				if rw := ask(b, s, token, page+c.query); rw.Code != 200 {
					b.Fatalf("%d %s", rw.Code, rw.Body)
				}
			}
			b.ReportMetric(held(), "MB-held")
		})
	}
}

// held is the memory in use after a collection, in MB.
func held() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse+m.StackInuse) / 1e6
}

// A million projects take no memory to speak of, whoever walks them; what is
// remembered of a filter is small beside them.
func TestAMillionProjectsAreSmall(t *testing.T) {
	before := held()
	w := newWorld(t, Config{Projects: 1_000_000})
	s := NewServer(w, Options{})
	for _, path := range []string{"/projects?pagination=keyset&order_by=id&sort=asc&per_page=100", "/projects?per_page=100", "/projects?per_page=100&page=30", "/groups?per_page=100", "/users?per_page=100"} {
		for _, role := range []Role{Admin, Developer} {
			began := time.Now()
			if rw := ask(t, s, s.Token(role), path); rw.Code != 200 {
				t.Errorf("GET %s: %d", path, rw.Code)
			}
			t.Logf("%-10s %-70s %s", role, path, time.Since(began).Round(time.Millisecond))
		}
	}
	if used := held() - before; used > 60 {
		t.Errorf("%.0f MB are held", used)
	} else {
		t.Logf("%.1f MB are held", used)
	}
	runtime.KeepAlive(s)
}

// A walk with offset pagination looks at each project once, not once a page.
func TestAFilteredWalkIsLinear(t *testing.T) {
	w := newWorld(t, Config{Projects: 3000})
	s := NewServer(w, Options{})
	looked := 0
	list := selection{n: w.projects, keep: func(i int) bool { looked++; return w.visible(caller{role: Developer, user: userDeveloper}, i) }}
	memory := w.remembered("walk")
	rows := 0
	for offset := 0; ; offset += 100 {
		found, _ := memory.slice(list, offset, 100)
		if rows += len(found); len(found) == 0 {
			break
		}
	}
	if want := len(walkAll(t, s, s.Token(Developer), "/projects?per_page=100")); looked != w.projects || rows != want {
		t.Errorf("%d looks at %d projects, %d rows of %d", looked, w.projects, rows, want)
	}
}

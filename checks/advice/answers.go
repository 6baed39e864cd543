package advice

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"readiness/checks/yamlfile"
)

// Answers are what people stated, by the id of a question or a task.
type Answers map[string]Stated

// Stated is one person's answer.
type Stated struct {
	Answer string
	By     string // "" if not said
	Date   string // YYYY-MM-DD, "" if not said
}

// ReadAnswers reads answers from YAML; name is the file's, for errors. An id that
// is no question or task is an error that names the line.
func ReadAnswers(name string, data []byte) (Answers, error) {
	d := yamlfile.Parse(name, data)
	known := map[string]bool{}
	for _, q := range questions {
		known[q.ID] = true
	}
	for _, t := range tasks {
		known[t.ID] = true
	}
	all := Answers{}
	if d.Err == nil && d.Root != nil {
		for f := range d.Fields(d.Root, "the answers") {
			if !known[f.Key] {
				d.Fail(f.Value, "%.60q is no question of the scoping and no task of the checklist: 'readiness report --sheet Scoping' lists their ids", f.Key)
				break
			}
			all[f.Key] = stated(d, f.Value, f.Key)
		}
	}
	if d.Err != nil {
		return nil, fmt.Errorf("read the answers: %w", d.Err)
	}
	return all, nil
}

// stated reads one answer: words, or a mapping with the person and the day.
func stated(d *yamlfile.Document, n ast.Node, id string) Stated {
	if _, scalar := yamlfile.Scalar(n); scalar {
		return Stated{Answer: d.Text(n, id)}
	}
	var s Stated
	for f := range d.Fields(n, id) {
		switch f.Key {
		case "answer":
			s.Answer = d.Text(f.Value, f.Key)
		case "by":
			s.By = d.Text(f.Value, f.Key)
		case "date":
			s.Date = d.Day(f.Value, f.Key)
		default:
			d.Unknown(f, "an answer", "answer", "by", "date")
		}
	}
	if s.Answer == "" && d.Err == nil {
		d.Fail(n, "%s: the answer is missing", id)
	}
	return s
}

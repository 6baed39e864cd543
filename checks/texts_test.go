package checks

import (
	"strings"
	"testing"
)

// What a check says goes into a contract: no word stands twice, no space is
// doubled, a question is one.
func TestTextsReadWell(t *testing.T) {
	for _, k := range All() {
		texts := append([]string{k.Title, k.Why, k.Remedy, k.Decision(), k.When}, k.Questions()...)
		for _, threshold := range k.Thresholds {
			texts = append(texts, threshold.Metric)
		}
		if k.Across != nil {
			texts = append(texts, k.Across.One, k.Across.Many)
		}
		for _, text := range texts {
			words := strings.Fields(text)
			if strings.Join(words, " ") != text {
				t.Errorf("%s: spaces in %q", k.ID, text)
			}
			for i, word := range words[:max(len(words)-1, 0)] {
				if strings.EqualFold(word, words[i+1]) {
					t.Errorf("%s: %q stands twice in %q", k.ID, word, text)
				}
			}
			for _, bad := range []string{"..", ",,", " ,", " .", "?.", "%!", "TODO"} {
				if strings.Contains(text, bad) && !strings.Contains(text, " ...") {
					t.Errorf("%s: %q in %q", k.ID, bad, text)
				}
			}
		}
		for _, q := range k.Questions() {
			if !strings.Contains(q, "?") {
				t.Errorf("%s asks nothing: %q", k.ID, q)
			}
		}
	}
}

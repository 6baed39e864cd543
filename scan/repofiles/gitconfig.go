package repofiles

import "strings"

// entry is one variable of a file in git's configuration format.
type entry struct{ section, name, key, value string }

// gitConfig reads git's configuration format, source:
// https://git-scm.com/docs/git-config#_syntax. It skips what it cannot read,
// where git would refuse the file: a fact is better than none.
func gitConfig(text string) []entry {
	var all []entry
	var at entry
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	text = strings.ReplaceAll(text, "\\\n", "")
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			head, rest, closed := cutHeading(line)
			if !closed {
				continue
			}
			at = head
			line = strings.TrimSpace(rest) // a variable may follow
		}
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		e := at
		e.key, e.value = strings.ToLower(strings.TrimSpace(key)), plainValue(value)
		all = append(all, e)
	}
	return all
}

// cutHeading reads [section "name"] at the begin of a line.
func cutHeading(line string) (head entry, rest string, ok bool) {
	quoted := false
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ']' && !quoted:
			section, name, _ := strings.Cut(line[1:i], " ")
			head.section = strings.ToLower(strings.TrimSpace(section))
			head.name = unquote(strings.TrimSpace(name))
			return head, line[i+1:], true
		}
	}
	return head, "", false
}

// plainValue is a value without its comment and quotes.
func plainValue(text string) string {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case (c == '#' || c == ';') && !quoted:
			text = text[:i]
		}
	}
	return unquote(strings.TrimSpace(text))
}

func unquote(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] != '"' && text[i] != '\\':
			b.WriteByte(text[i])
		}
	}
	return b.String()
}
